import type { Clock, Timer } from '../../lib/clock.ts';
import { type Stall, type StallLimits, StallMonitor } from './stall.ts';

/** The longest time between two looks at the clock; what a watchdog may rely on when no probe is due. */
const TICK_MS = 100;

export interface PulseOptions {
  readonly clock: Clock;
  readonly stallLimits: StallLimits;
  /** Serves what is due; returns the monotonic time of the next thing to do, undefined = nothing. */
  readonly onBeat: (nowMono: number) => number | undefined;
  readonly onStall: (stall: Stall, nowMono: number) => void;
}

/**
 * The one timer of the scheduler: beats when something is due and at least every 100 ms, and notices stalls.
 * Between timer and beat the event loop reads what waits in the sockets, so that after a pause of our own no run
 * looks overdue whose answer is already here.
 */
export class Pulse {
  readonly #options: PulseOptions;
  readonly #monitor: StallMonitor;
  #timer: Timer | undefined;
  #afterReading: NodeJS.Immediate | undefined;
  #armedMono = Number.POSITIVE_INFINITY;
  #lastBeatMono: number;

  /** Starts to beat at once; `stop` ends it. */
  constructor(options: PulseOptions) {
    this.#options = options;
    this.#lastBeatMono = options.clock.now();
    this.#monitor = new StallMonitor(options.stallLimits, { mono: this.#lastBeatMono, wall: options.clock.wall() });
    this.wake(this.#lastBeatMono + TICK_MS);
  }

  /** Monotonic time of the last beat. */
  get lastBeatMono(): number {
    return this.#lastBeatMono;
  }

  /** Makes sure that it beats by `mono`. */
  wake(mono: number): void {
    if (mono >= this.#armedMono) return;
    const { clock } = this.#options;
    const nowMono = clock.now();
    this.#cancel();
    this.#armedMono = Math.max(mono, nowMono);
    this.#monitor.expect(mono);
    this.#timer = clock.timer(this.#armedMono - nowMono, () => {
      // Timers run before the poll phase, immediates after it.
      this.#afterReading = setImmediate(() => this.#beat());
    });
  }

  /** Looks at the clocks and tells of a stall that has just ended. @returns monotonic time */
  look(): number {
    const { clock, onStall } = this.#options;
    const now = { mono: clock.now(), wall: clock.wall() };
    const stall = this.#monitor.look(now);
    if (stall !== undefined) onStall(stall, now.mono);
    return now.mono;
  }

  stop(): void {
    this.#cancel();
    this.#armedMono = Number.NEGATIVE_INFINITY;
  }

  #cancel(): void {
    this.#timer?.cancel();
    clearImmediate(this.#afterReading);
  }

  #beat(): void {
    const nowMono = this.look();
    if (this.#armedMono === Number.NEGATIVE_INFINITY) return;
    this.#lastBeatMono = nowMono;
    this.#armedMono = Number.POSITIVE_INFINITY;
    const nextMono = this.#options.onBeat(nowMono);
    this.wake(Math.min(nextMono ?? Number.POSITIVE_INFINITY, nowMono + TICK_MS));
  }
}
