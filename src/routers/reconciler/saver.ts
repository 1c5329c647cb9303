import type { Clock, Timer } from '../../lib/clock.ts';

/**
 * Calls for saving the configuration once changes have been quiet for a while: saving takes seconds on some routers,
 * and every save wears their memory.
 */
export class Saver {
  #timer: Timer | undefined;
  readonly #quietMs: number;
  readonly #clock: Clock;
  readonly #save: () => void;

  constructor(quietMs: number, deps: { clock: Clock; save: () => void }) {
    this.#quietMs = quietMs;
    this.#clock = deps.clock;
    this.#save = deps.save;
  }

  /** A change was proved, or a save did not work. */
  note(): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.timer(this.#quietMs, this.#save);
  }

  close(): void {
    this.#timer?.cancel();
  }
}
