import type { Clock } from '../lib/clock.ts';
import type { Expectation } from './script.ts';
import type { Entry } from './timeline.ts';

/** How one part of the demo went. */
export interface Act {
  readonly title: string;
  readonly entries: readonly Entry[];
  /** What should have been seen and was not; empty if all went well. */
  readonly missing: readonly string[];
  readonly tookMs: number;
}

/** Collects entries until everything expected was seen, or the time is over. */
export class ActInProgress {
  readonly startedWall: number;
  readonly #startedMono: number;
  readonly #title: string;
  readonly #clock: Clock;
  readonly #entries: Entry[] = [];
  readonly #show: (entry: Entry) => void;
  #expected: readonly Expectation[] = [];
  #done: (() => void) | undefined;

  constructor(title: string, dependencies: { readonly clock: Clock; readonly show: (entry: Entry) => void }) {
    this.#title = title;
    this.#clock = dependencies.clock;
    this.#show = dependencies.show;
    this.startedWall = this.#clock.wall();
    this.#startedMono = this.#clock.now();
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
    this.#show(entry);
    if (this.#missing().length === 0) this.#done?.();
  }

  /** Waits until everything expected was seen, at most `limitMs`. */
  async finish(expected: readonly Expectation[], limitMs: number): Promise<Act> {
    this.#expected = expected;
    if (this.#missing().length > 0) {
      await new Promise<void>((resolve) => {
        const timer = this.#clock.timer(limitMs, resolve);
        this.#done = () => {
          timer.cancel();
          resolve();
        };
      });
    }
    const missing = this.#missing().map(({ what }) => what);
    return { title: this.#title, entries: this.#entries, missing, tookMs: this.#clock.now() - this.#startedMono };
  }

  #missing(): readonly Expectation[] {
    return this.#expected.filter((expectation) => !expectation.seen(this.#entries));
  }
}
