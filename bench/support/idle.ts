/** A process that does nothing but wait for a timer: how late the machine itself is. Tells its parent when asked. */
import { createHistogram } from 'node:perf_hooks';

/** Lateness of an idle process's timers, milliseconds. */
export interface IdleLateness {
  readonly p99Ms: number;
}

const PERIOD_MS = 5;

if (import.meta.main) {
  const lateness = createHistogram();
  let dueMs = performance.now() + PERIOD_MS;
  setInterval(() => {
    const nowMs = performance.now();
    lateness.record(Math.max(1, Math.round((nowMs - dueMs) * 1000)));
    dueMs = nowMs + PERIOD_MS;
  }, PERIOD_MS);
  process.once('message', () => {
    process.send?.({ p99Ms: lateness.percentile(99) / 1000 } satisfies IdleLateness, () => process.exit());
  });
}
