import type { BackoffRules } from '../../lib/backoff.ts';

/** The durations that a reconciler works by, milliseconds. */
export interface Timing {
  /**
   * A lone change goes out at once: the way from verdict to wire has to stay near the 3 ms that a line needs.
   * What arrives during a visit, or so soon after the start of the last one, waits and goes in one visit:
   * a fault that moves a hundred addresses costs two visits, not a hundred.
   */
  readonly coalesceMs: number;
  /** How long the read-back may take to show a change before it counts as not applied: the RIB follows asynchronously. */
  readonly verifyMs: number;
  /** Read-back polls: first after the first, each wait doubled, up to the second. */
  readonly poll: BackoffRules;
  /** Polls of a change that was reported as not in the RIB and may still get there (a next hop that comes back). */
  readonly watch: BackoffRules;
  /** Between two attempts to open a session. */
  readonly reconnect: BackoffRules;
  /** Between two attempts of one change that failed for a passing reason. */
  readonly retry: BackoffRules;
  /** How long a report may wait for the witness. */
  readonly witnessMs: number;
  /** How long changes must have been quiet before the configuration is saved, where it is saved at all. */
  readonly saveMs: number;
  /** How long closing waits for the router. */
  readonly closeMs: number;
}

/** What the daemon uses. */
export const TIMING: Timing = {
  coalesceMs: 50,
  verifyMs: 1_000,
  poll: { firstMs: 5, maxMs: 200 },
  watch: { firstMs: 1_000, maxMs: 30_000 },
  reconnect: { firstMs: 200, maxMs: 30_000 },
  retry: { firstMs: 250, maxMs: 10_000 },
  witnessMs: 1_000,
  saveMs: 15_000,
  closeMs: 2_000,
};
