import type { Logger } from 'pino';
import type { Clock } from '../../lib/clock.ts';
import type { ObservedRoute } from '../../model.ts';
import type { Emit } from '../../notify/contract.ts';
import type { RouterError } from '../contract.ts';
import type { Conflict } from '../diff.ts';
import type { Drift } from './drift.ts';

/** Turns what a reconciler meets into events and log lines. */
export class Teller {
  readonly #router: string;
  readonly #clock: Clock;
  readonly #emit: Emit;
  readonly #log: Pick<Logger, 'info' | 'warn' | 'error'> | undefined;

  constructor(
    router: string,
    deps: { clock: Clock; emit: Emit; log: Pick<Logger, 'info' | 'warn' | 'error'> | undefined },
  ) {
    this.#router = router;
    this.#clock = deps.clock;
    this.#emit = deps.emit;
    this.#log = deps.log;
  }

  up(): void {
    this.#emit({ ...this.#base(), type: 'routerSession', state: 'up', detail: 'session open' });
  }

  down(error: RouterError | undefined): void {
    const detail = error?.message ?? 'the session ended';
    const code = error === undefined ? {} : { code: error.code };
    this.#emit({ ...this.#base(), type: 'routerSession', state: 'down', ...code, detail });
  }

  /** A terminal error: nothing goes on by itself. */
  stopped(error: RouterError): void {
    this.#log?.error({ router: this.#router, code: error.code, detail: error.message }, 'router needs a person');
  }

  reloaded(detail: string): void {
    this.#emit({ ...this.#base(), type: 'routerReloaded', detail });
  }

  drift({ key, wish: { policy, endpoint }, detail }: Drift): void {
    this.#emit({ ...this.#base(), type: 'routeDrift', policy, endpoint, key, detail });
  }

  conflict({ desired: { policy, endpoint, key }, detail }: Conflict): void {
    this.#emit({ ...this.#base(), type: 'routeConflict', policy, endpoint, key, detail });
  }

  orphan({ key, installed }: ObservedRoute): void {
    const detail = `our mark, and no policy names it; ${installed ? 'in the RIB' : 'not in the RIB'}`;
    this.#emit({ ...this.#base(), type: 'routeOrphan', key, detail });
  }

  #base(): { readonly at: number; readonly router: string } {
    return { at: this.#clock.wall(), router: this.#router };
  }
}
