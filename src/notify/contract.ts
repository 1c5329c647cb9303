/** What happened, as the rest of the program tells it; `notification.ts` turns it into traps, purely. */
import type { Secret } from '../lib/secret.ts';
import type { Evidence, ProbeResult, RouteChange, RouteKey, Track, TrackState, Verdict } from '../model.ts';
import type { Exchange, RouterErrorCode } from '../routers/contract.ts';

/** One step of a change and how long it took, milliseconds. */
export interface Step {
  readonly name: 'decide' | 'queue' | 'connect' | 'observe' | 'apply' | 'readBack' | 'witness';
  readonly ms: number;
}

/** A route change with everything that explains it (promise 11). One audit line each. */
export interface ChangeReport {
  readonly router: string;
  readonly change: RouteChange;
  /** `done` only if the read-back shows it (promise 6). */
  readonly outcome: 'done' | 'failed';
  readonly code?: RouterErrorCode;
  readonly detail: string;
  readonly sent: readonly Exchange[];
  /** What the read-back showed for this route. */
  readonly readBack: { readonly configured: boolean; readonly installed: boolean } | undefined;
  readonly steps: readonly Step[];
}

/** Everything that can be told. `at` is wall milliseconds. */
export type AnytrackEvent = { readonly at: number } & (
  | {
      readonly type: 'probeResult';
      readonly policy: string;
      readonly endpoint: string;
      readonly target: string;
      readonly probe: string;
      readonly result: ProbeResult;
    }
  | {
      readonly type: 'probeStateChanged';
      readonly policy: string;
      readonly endpoint: string;
      readonly target: string;
      readonly probe: string;
      readonly from: TrackState;
      readonly to: TrackState;
      readonly evidence: readonly Evidence[];
    }
  | {
      readonly type: 'trackChanged';
      readonly policy: string;
      readonly address: string;
      readonly endpoint: string;
      readonly from: TrackState;
      readonly track: Track;
      readonly up: number;
      readonly total: number;
      readonly evidence: readonly Evidence[];
      readonly thresholds: string;
    }
  | {
      readonly type: 'verdictChanged';
      readonly policy: string;
      readonly address: string;
      readonly verdict: Verdict;
      readonly from: Verdict | undefined;
      readonly up: number;
      readonly total: number;
    }
  | { readonly type: 'routeChanged'; readonly policy: string; readonly report: ChangeReport }
  | { readonly type: 'routeFailed'; readonly policy: string; readonly report: ChangeReport }
  | {
      readonly type: 'routeConflict';
      readonly router: string;
      readonly policy: string;
      readonly endpoint: string;
      readonly key: RouteKey;
      readonly detail: string;
    }
  | {
      readonly type: 'routeDrift';
      readonly router: string;
      readonly policy: string;
      readonly endpoint: string;
      readonly key: RouteKey;
      readonly detail: string;
    }
  | { readonly type: 'routeOrphan'; readonly router: string; readonly key: RouteKey; readonly detail: string }
  | {
      readonly type: 'routerSession';
      readonly router: string;
      readonly state: 'up' | 'down';
      readonly code?: RouterErrorCode;
      readonly detail: string;
    }
  | { readonly type: 'routerReloaded'; readonly router: string; readonly detail: string }
  | { readonly type: 'proberStalled'; readonly stalledMs: number; readonly spoiled: number }
  | { readonly type: 'started'; readonly policies: number; readonly routers: number; readonly version: string }
  | { readonly type: 'stopping'; readonly reason: string }
  | { readonly type: 'heartbeat'; readonly up: number; readonly total: number }
  | { readonly type: 'configReloaded'; readonly changed: readonly string[] }
  | { readonly type: 'configRejected'; readonly problems: readonly string[] }
);

export type Emit = (event: AnytrackEvent) => void;

/** One receiver of notifications, as settings normalise it. */
export interface SnmpTarget {
  readonly address: string;
  readonly port: number;
  readonly version: '2c';
  readonly community: Secret;
  /** Inform (acknowledged, retried) instead of trap. */
  readonly inform: boolean;
  readonly retries: number;
  readonly timeoutMs: number;
}

export interface NotifySettings {
  readonly snmp: readonly SnmpTarget[];
  /** Base OID of ANYTRACK-MIB; the default stands under netSnmpPlaypen and should be replaced by the operator's own arc. */
  readonly baseOid: string;
  readonly heartbeatMs: number;
  /** Append-only audit file, JSON lines; left out = none. */
  readonly auditFile?: string;
}
