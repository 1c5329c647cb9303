/** A policy as settings normalise it: one anycast address, its endpoints and what to do when. Pure data. */
import type { HealthRules } from '../health/rules.ts';
import type { Family } from '../lib/ip.ts';
import type { RouteAttributes } from '../model.ts';

/** One local way to serve the address. */
export interface Endpoint {
  readonly name: string;
  readonly nextHop: string;
  readonly interface?: string;
  /** What is probed for it: the next hop itself, one `target`, or the hosts behind a load balancer. */
  readonly targets: readonly { readonly name: string; readonly address: string }[];
  readonly identity?: string;
  /** Lower serves first; endpoints of a worse priority are backups. Default 0. */
  readonly priority: number;
}

/** One configured check. `options` are those of its kind, already validated by the kind's schema. */
export interface ProbePlan {
  readonly name: string;
  readonly kind: string;
  readonly options: unknown;
  /** Only `nextHop` in this version; `path` is refused with a clear message. */
  readonly via: 'nextHop';
  readonly source?: string;
  readonly frequencyMs: number;
  readonly fastFrequencyMs: number;
  readonly timeoutMs: number;
  readonly thresholdMs: number;
}

/** How many endpoints must be up: below `down` all routes go, from `up` on they come back. */
export interface Pool {
  readonly minHealthy: { readonly up: number; readonly down: number };
  readonly announce: 'each' | 'allOrNone';
}

export interface Policy {
  /** File name without extension; unique. */
  readonly name: string;
  readonly description: string;
  readonly address: string;
  readonly family: Family;
  readonly vrf: string;
  readonly routers: readonly string[];
  /** Attributes beside the mark. */
  readonly route: Pick<RouteAttributes, 'tag' | 'distance' | 'track'>;
  readonly endpoints: readonly Endpoint[];
  readonly probes: readonly ProbePlan[];
  /** Rules per endpoint name. */
  readonly health: Readonly<Record<string, HealthRules>>;
  readonly pool: Pool;
  readonly routeWhenUnknown: { readonly action: 'hold' } | { readonly action: 'withdraw'; readonly afterMs: number };
  readonly onStop: 'hold' | 'withdraw';
  /** Add the new next hop before the old one is removed, when both change in one visit. Default false: withdrawals go first. */
  readonly makeBeforeBreak: boolean;
}
