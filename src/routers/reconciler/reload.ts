/** An uptime as read at some moment; both milliseconds, the second monotonic. */
export interface Uptime {
  readonly uptimeMs: number;
  readonly atMono: number;
}

/** IOS writes uptime in whole minutes, and a reading may be a command's time old. */
const GRANULARITY_MS = 120_000;

/**
 * Whether the router was restarted between two readings: the uptime went down,
 * or it is behind by more than reading it can explain (a restart soon after another).
 * @param wrapMs where the counter starts again by itself; reaching that is no restart
 */
export function wasReloaded(before: Uptime | undefined, now: Uptime, wrapMs = Number.POSITIVE_INFINITY): boolean {
  if (before === undefined) return false;
  const expected = before.uptimeMs + (now.atMono - before.atMono);
  if (expected + GRANULARITY_MS >= wrapMs) return false;
  return now.uptimeMs < before.uptimeMs || now.uptimeMs + GRANULARITY_MS < expected;
}
