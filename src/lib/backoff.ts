/** Bounds of an exponential back-off, milliseconds. */
export interface BackoffRules {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Delay before retry number `attempt` (0 is the first retry): exponential with "equal jitter",
 * so that it is never under half of its step and two clients of one router drift apart.
 * @param fraction a random number in [0, 1)
 */
export function backoffMs(attempt: number, rules: BackoffRules, fraction: number): number {
  const step = Math.min(rules.maxMs, rules.firstMs * 2 ** Math.min(attempt, 30));
  return step / 2 + (step / 2) * fraction;
}
