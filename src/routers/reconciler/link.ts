import type { Clock } from '../../lib/clock.ts';
import type { Driver, RouterError, RouterErrorCode, RouterSettings, Session } from '../contract.ts';
import { asRouterError, bounded } from './bounded.ts';

/** Is told of transitions, each once. */
export interface LinkTeller {
  up(): void;
  down(error: RouterError | undefined): void;
}

/** Holds the one session to a router: opened on demand, kept open, replaced when it ends. */
export class Link {
  #session: Session | undefined;
  #told: 'up' | 'down' | undefined;
  readonly #driver: Driver;
  readonly #clock: Clock;
  readonly #openMs: number;
  readonly #teller: LinkTeller;
  readonly #onSessionEnd: (error: RouterError | undefined) => void;

  /** @param deps `onEnded` is called when the session ended by itself, not by `drop` or `close` */
  constructor(
    settings: Pick<RouterSettings, 'readyTimeoutMs' | 'commandTimeoutMs'>,
    deps: { driver: Driver; clock: Clock; teller: LinkTeller; onEnded: (error: RouterError | undefined) => void },
  ) {
    this.#driver = deps.driver;
    this.#clock = deps.clock;
    this.#teller = deps.teller;
    this.#onSessionEnd = deps.onEnded;
    // Login, then a few commands to learn the prompt and switch paging off.
    this.#openMs = settings.readyTimeoutMs + 4 * settings.commandTimeoutMs;
  }

  get isUp(): boolean {
    return this.#session !== undefined;
  }

  /** The open session, or a new one. Throws RouterError. */
  async ensure(signal: AbortSignal): Promise<{ session: Session; fresh: boolean; connectMs: number }> {
    if (this.#session !== undefined) return { session: this.#session, fresh: false, connectMs: 0 };
    const begun = this.#clock.now();
    try {
      const session = await bounded('login', this.#openMs, { signal, clock: this.#clock }, (limited) =>
        this.#open(limited),
      );
      this.#tell('up');
      void session.ended.then((error) => this.#onEnded(session, error));
      return { session, fresh: true, connectMs: this.#clock.now() - begun };
    } catch (error) {
      const failure = asRouterError(error);
      if (!signal.aborted) this.#tell('down', failure);
      throw failure;
    }
  }

  /** Destroys the session: after `lost` or `deadline` nothing it says can be trusted. */
  drop(error: RouterError): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#session = undefined;
    // Not awaited: a router that hangs must not hold up the next attempt. A close that fails has nothing left to close.
    void session.close().catch(() => undefined);
    this.#tell('down', error);
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }

  /** From its first turn on a session is held here, where `close` finds it, or closed: one that comes after its deadline. */
  async #open(signal: AbortSignal): Promise<Session> {
    const session = await this.#driver.open(signal);
    if (signal.aborted) void session.close().catch(() => undefined);
    else this.#session = session;
    return session;
  }

  #onEnded(session: Session, error: RouterError | undefined): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    this.#tell('down', error);
    this.#onSessionEnd(error);
  }

  #tell(state: 'up' | 'down', error?: RouterError): void {
    if (this.#told === state) return;
    this.#told = state;
    if (state === 'up') this.#teller.up();
    else this.#teller.down(error);
  }
}

/** Whether an error means that the session can't go on: it is destroyed and the next step is to read back. */
export function endsSession(code: RouterErrorCode): boolean {
  return code === 'lost' || code === 'deadline' || code === 'refused' || code === 'unreachable';
}

/** Whether a person has to act before another login makes sense: retries would lock accounts or talk to a stranger. */
export function needsPerson(code: RouterErrorCode): boolean {
  return code === 'authentication' || code === 'host-key' || code === 'negotiation';
}
