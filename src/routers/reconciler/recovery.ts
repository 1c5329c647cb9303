import { backoffMs } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import type { RouterError, RouterErrorCode } from '../contract.ts';
import { needsPerson } from './link.ts';
import type { RouterStatus } from './options.ts';
import type { Timing } from './timing.ts';

/** Remembers trouble with the session, and how long to wait before the next visit. */
export class Recovery {
  /** A terminal error that keeps us from visiting. */
  stoppedBy: RouterErrorCode | undefined;
  lastError: RouterStatus['lastError'];
  /** Losses in a row, until a session has proved to last. */
  #losses = 0;
  readonly #options: Pick<Timing, 'reconnect'> & { readonly driftCheckMs: number };
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(
    options: Pick<Timing, 'reconnect'> & { readonly driftCheckMs: number },
    deps: { clock: Clock; random: Random },
  ) {
    this.#options = options;
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  /** The first loss is made good at once, mostly; from the second on there is something to tell. */
  get isRepeated(): boolean {
    return this.#losses > 0;
  }

  note(error: RouterError): void {
    this.lastError = { code: error.code, message: error.message, at: this.#clock.wall() };
  }

  /** A visit came to its end. A session that ends after its first answer must not be opened again without pause. */
  succeeded(fresh: boolean): void {
    this.stoppedBy = undefined;
    if (!fresh) this.#losses = 0;
  }

  /** The session is lost. @returns milliseconds until the next: none the first time, then growing with jitter */
  pauseAfterLoss(): number {
    const losses = this.#losses++;
    return losses === 0 ? 0 : backoffMs(losses - 1, this.#options.reconnect, this.#random.fraction());
  }

  /**
   * A terminal error stops the visits. @returns milliseconds until one more attempt: withdrawals are never given up,
   * so that all but a refused login is tried again as often as drift is looked for.
   */
  pauseAfterStop({ code }: RouterError): number {
    this.stoppedBy = code;
    return needsPerson(code) ? Number.POSITIVE_INFINITY : this.#options.driftCheckMs;
  }

  reset(): void {
    this.#losses = 0;
  }
}
