/**
 * The words that every part shares: results, tracks, verdicts, routes. Types only, no effects.
 * Field names carry their unit; times called `...At` are wall milliseconds, `now` and `...Mono` are monotonic ones.
 */
import type { Family } from './lib/ip.ts';

// ---------------------------------------------------------------- results

/** Why a target failed a probe. One closed list for logs, metrics, traps and pages; documented in docs/reasons.md. */
export type FailCause =
  /** No answer within the timeout. */
  | 'timeout'
  /** TCP reset on connect, or ICMP port unreachable. */
  | 'refused'
  /** ICMP host or protocol unreachable, or no neighbour entry. */
  | 'unreachable'
  /** Connection reset or closed in the middle of the exchange. */
  | 'closed'
  /** Bytes that are not a message of the protocol. */
  | 'malformed'
  /** A right answer by another machine than this endpoint. */
  | 'wrong-identity'
  // dns
  | 'nxdomain'
  | 'servfail'
  | 'wrong-rcode'
  | 'no-answer'
  | 'wrong-answer'
  | 'wrong-flags'
  | 'low-ttl'
  // http
  | 'http-status'
  | 'header-mismatch'
  | 'body-mismatch'
  | 'body-too-large'
  | 'redirect'
  | 'tls-handshake'
  | 'tls-certificate'
  | 'tls-expiring'
  // radius
  | 'wrong-authenticator'
  | 'unsigned-reply'
  | 'access-reject'
  | 'access-challenge'
  | 'access-accept'
  | 'wrong-code'
  | 'attribute-mismatch';

/** Why our side could not test. Never evidence for or against an endpoint (promise 3). */
export type ErrorCause =
  /** The configured source address is not on this host. */
  | 'no-source-address'
  /** This host has no route to the target. */
  | 'no-route'
  /** Out of file descriptors, ports, buffers or memory, or a pattern that takes too long on an answer. */
  | 'resource-limit'
  /** The operating system forbids it. */
  | 'permission'
  /** A name could not be resolved by our resolver. */
  | 'resolver'
  /** Our event loop stalled or the process was suspended while the probe ran. */
  | 'stalled'
  /** The run was cancelled by us. */
  | 'aborted'
  /** A defect in anytrack. */
  | 'internal';

/** Milliseconds from the start of the run; a phase that the protocol does not have is left out. */
export interface Phases {
  readonly name?: number;
  readonly connect?: number;
  readonly tls?: number;
  readonly firstByte?: number;
  readonly total: number;
}

interface ResultBase {
  /** Wall time of the start. */
  readonly startedAt: number;
  /** Monotonic time of the start and of the end. */
  readonly startedMono: number;
  readonly endedMono: number;
  readonly phases: Phases;
  /** One sentence for the operator, no secrets: `NOERROR, 1 answer: 192.0.2.10`. */
  readonly detail: string;
  /** What went over the wire, abbreviated, a line each, no secrets. */
  readonly transcript: readonly string[];
}

/** What one run of a probe found. `late` = passed, but slower than its threshold. */
export type ProbeResult =
  | (ResultBase & { readonly outcome: 'pass' | 'late' })
  | (ResultBase & { readonly outcome: 'fail'; readonly cause: FailCause })
  | (ResultBase & { readonly outcome: 'error'; readonly cause: ErrorCause });

/** One line of evidence in an explanation: what a run of a probe on a target found. */
export interface Evidence {
  readonly probe: string;
  readonly target: string;
  readonly result: ProbeResult;
}

// ---------------------------------------------------------------- tracks

/** The filtered state of an endpoint. `unknown` is neither up nor down. */
export type TrackState = 'unknown' | 'up' | 'down';

/** An endpoint's track as the policy sees it. */
export interface Track {
  readonly state: TrackState;
  /** Monotonic time of the last change of state. */
  readonly sinceMono: number;
  /** The combination with its members: `DOWN(UP and DOWN)`. */
  readonly explanation: string;
  readonly reason: TrackReason;
}

/** Why a track is in its state. */
export type TrackReason =
  /** No complete evidence since the start. */
  | 'no-evidence'
  /** The newest evidence is older than `staleAfter`. */
  | 'stale'
  /** Enough good results by the reaction's rule. */
  | 'recovered'
  /** Enough bad results by the reaction's rule. */
  | 'failed'
  /** The raw state differs, the up or down delay is running. */
  | 'delayed';

// ---------------------------------------------------------------- verdicts

/** What a policy wants for one endpoint's route. `hold` = leave it as the router has it. */
export type VerdictAction = 'announce' | 'withdraw' | 'hold';

export type VerdictReason =
  /** The track is up and the pool is healthy. */
  | 'endpoint-up'
  /** The track is down. */
  | 'endpoint-down'
  /** No verdict possible yet: evidence is missing (promise 4). */
  | 'evidence-incomplete'
  /** The track is unknown; the policy holds. */
  | 'unknown-hold'
  /** The track was stale for longer than `routeWhenUnknown.afterMs` and the policy withdraws. */
  | 'unknown-withdraw'
  /** Fewer endpoints are up than `pool.minHealthy`. */
  | 'pool-below-minimum'
  /** `announce: allOrNone` and another endpoint is not up. */
  | 'all-or-none'
  /** An endpoint with a better priority serves. */
  | 'standby'
  /** The daemon stops, and the policy says `onStop: withdraw`. */
  | 'stopping';

export interface Verdict {
  readonly endpoint: string;
  readonly action: VerdictAction;
  readonly reason: VerdictReason;
  /** One sentence with the numbers: `2 of 3 up, minimum 1`. */
  readonly detail: string;
}

// ---------------------------------------------------------------- routes

/** How we know that a route is ours. `name` is the prefix of the route's name, where the platform has names. */
export interface Mark {
  readonly tag: number;
  readonly name: string;
}

/** Identity of a route on a router: what `remove` names. Addresses and prefix in canonical text. */
export interface RouteKey {
  /** `default` is the global table. */
  readonly vrf: string;
  /** Host prefix: `10.0.0.1/32`, `2001:db8:ac::1/128`. */
  readonly prefix: string;
  readonly nextHop: string;
  /** Outgoing interface, where the route names one. */
  readonly interface?: string;
}

export interface RouteAttributes {
  readonly tag?: number;
  /** Administrative distance; left out = the platform's default (1). */
  readonly distance?: number;
  readonly name?: string;
  /** Number of a track object on the router (IOS: 1 to 1000). */
  readonly track?: number;
}

/** One route that a policy has a say in. */
export interface DesiredRoute {
  readonly key: RouteKey;
  readonly attributes: RouteAttributes;
  readonly want: 'present' | 'absent' | 'asIs';
  readonly policy: string;
  readonly endpoint: string;
  readonly reason: VerdictReason;
}

/** One static route as a router has it. */
export interface ObservedRoute {
  readonly key: RouteKey;
  readonly attributes: RouteAttributes;
  /** Stands in the running configuration. */
  readonly configured: boolean;
  /** The exact prefix is in the RIB, as a static, by this next hop. */
  readonly installed: boolean;
}

export interface RouteChange {
  readonly op: 'add' | 'remove';
  readonly key: RouteKey;
  /** Attributes to write (`add`) or as found (`remove`; never part of the line that removes). */
  readonly attributes: RouteAttributes;
  readonly policy: string;
  readonly endpoint: string;
  readonly reason: VerdictReason | 'attributes-differ' | 'orphan';
}

export function routeId(key: RouteKey): string {
  return `${key.vrf} ${key.prefix} ${key.nextHop}${key.interface === undefined ? '' : ` ${key.interface}`}`;
}

export function familyOfPrefix(prefix: string): Family {
  return prefix.includes(':') ? 6 : 4;
}
