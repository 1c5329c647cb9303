import type { Clock } from '../lib/clock.ts';
import type { Expectation } from './script.ts';
import type { Entry } from './timeline.ts';

/** What an act is about: everything starts, something breaks, it is mended. */
export type ActKind = 'start' | 'break' | 'repair';

/** How one part of the demo went. */
export interface Act {
  readonly kind: ActKind;
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
  readonly #kind: ActKind;
  readonly #title: string;
  readonly #clock: Clock;
  readonly #entries: Entry[] = [];
  #expected: readonly Expectation[] = [];
  #done: (() => void) | undefined;

  constructor(options: { readonly kind: ActKind; readonly title: string }, dependencies: { readonly clock: Clock }) {
    this.#kind = options.kind;
    this.#title = options.title;
    this.#clock = dependencies.clock;
    this.startedWall = this.#clock.wall();
    this.#startedMono = this.#clock.now();
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
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
    const tookMs = this.#clock.now() - this.#startedMono;
    return { kind: this.#kind, title: this.#title, entries: [...this.#entries], missing, tookMs };
  }

  #missing(): readonly Expectation[] {
    return this.#expected.filter((expectation) => !expectation.seen(this.#entries));
  }
}
