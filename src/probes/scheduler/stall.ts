/** Whether our own event loop stood still, or the whole host slept. */

/** A moment on both clocks, milliseconds. */
export interface Moment {
  readonly mono: number;
  readonly wall: number;
}

export interface StallLimits {
  /** A timer later than this is a stall. */
  readonly lateMs: number;
  /** Wall time that runs ahead of monotonic time by more than this is a suspend: CLOCK_MONOTONIC stands still in it. */
  readonly jumpMs: number;
}

/**
 * 250 ms: ten times the lateness that a loaded host shows (25 ms at the 99th percentile), and below the usual
 * timeouts. A shorter pause cannot make a false timeout, because a run reads what waits in its socket before it
 * gives up; it can only add itself to a measured RTT.
 * 1 s: a suspend takes longer, and a time daemon slews anything smaller instead of stepping it.
 */
export const STALL_LIMITS: StallLimits = { lateMs: 250, jumpMs: 1000 };

/** A time in which we did nothing. */
export interface Stall {
  readonly stalledMs: number;
  /** The part of it that monotonic time does not know of: the host slept. */
  readonly suspendedMs: number;
}

/**
 * PURE: for how long we did nothing, or undefined if all is well.
 * @param seen the last moment at which the loop was known to run
 * @param expectedMono when the loop should have run at the latest
 */
export function stalledFor(seen: Moment, expectedMono: number, now: Moment, limits: StallLimits): Stall | undefined {
  const jumpMs = now.wall - seen.wall - (now.mono - seen.mono);
  if (jumpMs > limits.jumpMs) return { stalledMs: jumpMs, suspendedMs: jumpMs };
  const lateMs = now.mono - expectedMono;
  return lateMs > limits.lateMs ? { stalledMs: lateMs, suspendedMs: 0 } : undefined;
}

/** Remembers when the loop was last seen to run and when its timer is due. */
export class StallMonitor {
  readonly #limits: StallLimits;
  #seen: Moment;
  #expectedMono: number;

  constructor(limits: StallLimits, now: Moment) {
    this.#limits = limits;
    this.#seen = now;
    this.#expectedMono = now.mono;
  }

  /**
   * The loop's timer was set to this time. A time that is past counts from the last look: whoever sets the timer may
   * have been stopped since, and must not take the stop for the present.
   */
  expect(mono: number): void {
    this.#expectedMono = Math.max(mono, this.#seen.mono);
  }

  /** Looks at the clocks. @returns a stall that has just ended; each is told once */
  look(now: Moment): Stall | undefined {
    const stall = stalledFor(this.#seen, this.#expectedMono, now, this.#limits);
    this.#seen = now;
    if (stall !== undefined) this.#expectedMono = now.mono;
    return stall;
  }
}
