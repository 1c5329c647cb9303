import type { Clock, Timer } from '../../lib/clock.ts';

/** Answers that wait for their time; none outlives its responder. */
export class Delays {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `send` after `delayMs`, and at once where that is 0. */
  later(delayMs: number, send: () => void): void {
    if (delayMs === 0) {
      send();
      return;
    }
    const timer = this.#clock.timer(delayMs, () => {
      this.#timers.delete(timer);
      send();
    });
    this.#timers.add(timer);
  }

  cancel(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }
}
