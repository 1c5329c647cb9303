import type { ProbeResult } from '../../model.ts';

/** Counters of one probe since it was set, in the sense of `show ip sla statistics`. */
export interface ProbeStatistics {
  /** Runs that ended. */
  readonly runs: number;
  /** Passes, late ones included. */
  readonly successes: number;
  /** Passes over the threshold. */
  readonly overThresholds: number;
  readonly failures: number;
  readonly errors: number;
  /** Slots skipped because the previous run was still out. */
  readonly busies: number;
  /** Round trips of the successes, milliseconds; undefined before the first. */
  readonly rtt:
    | { readonly lastMs: number; readonly minMs: number; readonly avgMs: number; readonly maxMs: number }
    | undefined;
  readonly latest: ProbeResult | undefined;
}

/** Counts results into `ProbeStatistics`. */
export class StatisticsCounter {
  #runs = 0;
  #successes = 0;
  #overThresholds = 0;
  #failures = 0;
  #errors = 0;
  #busies = 0;
  #lastMs = 0;
  #minMs = Number.POSITIVE_INFINITY;
  #sumMs = 0;
  #maxMs = 0;
  #latest: ProbeResult | undefined;

  busy(): void {
    this.#busies++;
  }

  record(result: ProbeResult): void {
    this.#runs++;
    this.#latest = result;
    if (result.outcome === 'fail') this.#failures++;
    else if (result.outcome === 'error') this.#errors++;
    else this.#success(result.phases.total, result.outcome === 'late');
  }

  #success(rttMs: number, late: boolean): void {
    this.#successes++;
    if (late) this.#overThresholds++;
    this.#lastMs = rttMs;
    this.#sumMs += rttMs;
    this.#minMs = Math.min(this.#minMs, rttMs);
    this.#maxMs = Math.max(this.#maxMs, rttMs);
  }

  snapshot(): ProbeStatistics {
    const avgMs = this.#sumMs / this.#successes;
    return {
      runs: this.#runs,
      successes: this.#successes,
      overThresholds: this.#overThresholds,
      failures: this.#failures,
      errors: this.#errors,
      busies: this.#busies,
      rtt: this.#successes === 0 ? undefined : { lastMs: this.#lastMs, minMs: this.#minMs, avgMs, maxMs: this.#maxMs },
      latest: this.#latest,
    };
  }
}
