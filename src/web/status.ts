/** What `anytrack status` and the API tell about a running daemon. Plain data, safe to print: no secrets. */
import type { DesiredRoute, ProbeResult, TrackReason, TrackState, VerdictAction, VerdictReason } from '../model.ts';

export interface Status {
  readonly site: string;
  readonly version: string;
  readonly pid: number;
  /** Wall milliseconds. */
  readonly startedAt: number;
  readonly at: number;
  readonly policies: readonly PolicyStatus[];
  readonly routers: readonly RouterStatus[];
  /** How often our own event loop stalled, and the longest stall in milliseconds. */
  readonly stalls: { readonly count: number; readonly longestMs: number };
  /** Per receiver of notifications. */
  readonly notify: readonly {
    readonly target: string;
    readonly sent: number;
    readonly dropped: number;
    readonly queued: number;
  }[];
}

export interface PolicyStatus {
  readonly name: string;
  readonly address: string;
  readonly up: number;
  readonly total: number;
  readonly endpoints: readonly EndpointStatus[];
}

export interface EndpointStatus {
  readonly name: string;
  readonly nextHop: string;
  readonly track: TrackState;
  readonly trackReason: TrackReason;
  readonly explanation: string;
  /** Milliseconds since the track's last change. */
  readonly forMs: number;
  readonly verdict: VerdictAction;
  readonly verdictReason: VerdictReason;
  readonly verdictDetail: string;
  readonly probes: readonly ProbeStatus[];
}

export interface ProbeStatus {
  readonly target: string;
  readonly probe: string;
  readonly kind: string;
  readonly state: TrackState;
  readonly runs: number;
  readonly failures: number;
  readonly busies: number;
  readonly latest?: Pick<ProbeResult, 'outcome' | 'detail' | 'startedAt' | 'phases'> & { readonly cause?: string };
}

export interface RouterStatus {
  readonly name: string;
  readonly platform: string;
  readonly address: string;
  /** `waiting`: between two attempts to connect; `stopped`: a person has to act first. */
  readonly session: 'closed' | 'up' | 'connecting' | 'waiting' | 'stopped';
  /** Code and sentence of what is wrong, if anything is. */
  readonly trouble?: string;
  readonly routes: readonly RouteStatus[];
}

export interface RouteStatus {
  readonly prefix: string;
  readonly nextHop: string;
  readonly vrf: string;
  /** `orphan`: ours by its mark, but no policy names it; `foreign`: somebody else's, left alone. */
  readonly want: DesiredRoute['want'] | 'orphan' | 'foreign';
  readonly configured: boolean;
  readonly installed: boolean;
  readonly policy?: string;
  readonly endpoint?: string;
}
