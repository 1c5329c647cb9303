/** A cancellable timer. Cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/**
 * The only source of time. Decisions take `now` as an argument; effects ask a Clock.
 * Tests use a fake one, so that no test waits for real time.
 */
export interface Clock {
  /** Monotonic time in milliseconds with sub-millisecond resolution; the epoch has no meaning. */
  now(): number;
  /** Wall time in milliseconds since 1970-01-01T00:00:00Z; may step, never used for durations. */
  wall(): number;
  /** Calls `fire` once after `delayMs` (at least 0). */
  timer(delayMs: number, fire: () => void): Timer;
}

/** The longest delay that Node's timers accept (2^31 - 1 ms); a longer one would fire at once. */
const MAX_DELAY_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  timer(delayMs, fire) {
    const handle = setTimeout(fire, Math.min(Math.max(0, delayMs), MAX_DELAY_MS));
    return { cancel: () => clearTimeout(handle) };
  },
};
