/** The rules by which results become tracks, as settings normalise them. Pure data. */

/** How results of one probe on one target change its state, in the words of IP SLA reactions. */
export type Reaction =
  /** Every result counts at once. */
  | { readonly type: 'immediate' }
  /** `fall` bad results in a row take it down, `rise` good ones bring it up. */
  | { readonly type: 'consecutive'; readonly fall: number; readonly rise: number }
  /** `x` bad of the last `y` take it down; `x` good of the last `y` bring it up. */
  | { readonly type: 'xOfY'; readonly x: number; readonly y: number }
  /** Mean RTT of the last `count` answers: above `downAboveMs` is down, below `upBelowMs` is up; a failed run counts as the probe's timeout. */
  | { readonly type: 'average'; readonly count: number; readonly downAboveMs: number; readonly upBelowMs: number };

/** Which results are good: `reachability` counts `late` as good, `state` counts it as bad (IP SLA's two kinds of track). */
type TrackMode = 'reachability' | 'state';

/** How the required probes of a target (or the targets of an endpoint) make one state. */
export type Combination =
  | { readonly type: 'all' }
  | { readonly type: 'any' }
  | { readonly type: 'atLeast'; readonly count: number }
  /** Sum of the weights of members that are up: at least `up` brings it up, below `down` takes it down, between: unchanged. */
  | {
      readonly type: 'weights';
      readonly weights: Readonly<Record<string, number>>;
      readonly up: number;
      readonly down: number;
    }
  /** Percentage of members that are up, same hysteresis. */
  | { readonly type: 'percentage'; readonly up: number; readonly down: number };

export interface ProbeRules {
  readonly name: string;
  readonly reaction: Reaction;
  readonly mode: TrackMode;
  /** Advisory probes are shown and notified, but do not enter the combination. */
  readonly role: 'required' | 'advisory';
  /** The member's state is inverted in the combination (`not`). */
  readonly not: boolean;
  /** Milliseconds after which evidence is stale. */
  readonly staleAfterMs: number;
  /** Milliseconds: a failed run counts as this RTT in `average`. */
  readonly timeoutMs: number;
}

/** Rules of one endpoint. */
export interface HealthRules {
  readonly probes: readonly ProbeRules[];
  /** Names of the endpoint's targets; one, unless the endpoint is a load balancer. */
  readonly targets: readonly string[];
  /** How many targets must be up. */
  readonly targetsAtLeast: number;
  readonly combine: Combination;
  /** Milliseconds that a raw change must last before the track follows; cancelled if the state returns. */
  readonly delay: { readonly upMs: number; readonly downMs: number };
}
