import { type BackoffRules, backoffMs } from '../lib/backoff.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';

export interface DeliveryRules {
  /** Most items kept; when one more comes, the oldest that is not under way is dropped. */
  readonly capacity: number;
  /** Most subjects served at once. */
  readonly concurrency: number;
  /** Tries after the first; then the item is given up. */
  readonly retries: number;
  /** Wait for a delivery before the next try; grows with every try. */
  readonly backoff: BackoffRules;
}

export interface DeliveryDependencies<Item> {
  readonly clock: Clock;
  readonly random: Random;
  /** One try: resolves when the item was delivered, rejects when it was not. A late success counts. */
  readonly send: (item: Item) => Promise<void>;
  /** Called when the queue starts to lose items (with the reason), and when it delivers again. */
  readonly onHealth?: (healthy: boolean, error?: unknown) => void;
}

interface Entry<Item> {
  readonly subject: string;
  readonly item: Item;
  underWay: boolean;
}

/**
 * Delivers items to one receiver, with retry. Items of one subject keep their order: a later one waits while an
 * earlier one is being retried; other subjects go past it.
 */
export class DeliveryQueue<Item> {
  readonly #rules: DeliveryRules;
  readonly #dependencies: DeliveryDependencies<Item>;
  /** In the order in which they came; those under way included. */
  readonly #entries: Entry<Item>[] = [];
  readonly #counters = { sent: 0, dropped: 0 };
  readonly #closed = new AbortController();
  #healthy = true;
  #onEmpty: (() => void) | undefined;

  constructor(rules: DeliveryRules, dependencies: DeliveryDependencies<Item>) {
    this.#rules = rules;
    this.#dependencies = dependencies;
  }

  /** `dropped` counts what was not delivered: pushed out of a full queue, given up, or left at the close. */
  get counters(): { readonly sent: number; readonly dropped: number; readonly queued: number } {
    return { ...this.#counters, queued: this.#entries.length };
  }

  push(subject: string, item: Item): void {
    if (this.#closed.signal.aborted || this.#onEmpty !== undefined) {
      this.#counters.dropped += 1;
      return;
    }
    this.#entries.push({ subject, item, underWay: false });
    if (this.#entries.length > this.#rules.capacity) this.#dropOldest();
    this.#pump();
  }

  /** Takes no more, delivers what is left for at most `limitMs`, and drops the rest. */
  async close(limitMs: number): Promise<void> {
    if (this.#entries.length > 0) {
      await new Promise<void>((resolve) => {
        const timer = this.#dependencies.clock.timer(limitMs, resolve);
        this.#onEmpty = () => {
          timer.cancel();
          resolve();
        };
      });
    }
    this.#closed.abort();
    this.#counters.dropped += this.#entries.length;
    this.#entries.length = 0;
  }

  #dropOldest(): void {
    const oldest = this.#entries.findIndex((entry) => !entry.underWay);
    if (oldest < 0) return;
    this.#entries.splice(oldest, 1);
    this.#lose(new Error('queue full'));
  }

  /** Starts every entry that is the oldest of its subject, as far as concurrency allows. */
  #pump(): void {
    const busy = new Set<string>();
    let running = this.#entries.reduce((sum, entry) => sum + (entry.underWay ? 1 : 0), 0);
    for (const entry of this.#entries) {
      if (running >= this.#rules.concurrency) return;
      if (!entry.underWay && !busy.has(entry.subject)) {
        running += 1;
        entry.underWay = true;
        void this.#deliver(entry);
      }
      busy.add(entry.subject);
    }
  }

  /** Never rejects. */
  async #deliver(entry: Entry<Item>): Promise<void> {
    const outcome = await this.#tryAll(entry);
    if (this.#closed.signal.aborted) return;
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    if (outcome.delivered) this.#gain();
    else this.#lose(outcome.error);
    if (this.#entries.length === 0) this.#onEmpty?.();
    this.#pump();
  }

  async #tryAll({ item }: Entry<Item>): Promise<{ delivered: boolean; error?: unknown }> {
    const delivered = Promise.withResolvers<boolean>();
    let error: unknown;
    for (let attempt = 0; attempt <= this.#rules.retries && !this.#closed.signal.aborted; attempt++) {
      // Not awaited: the answer to an earlier try may come while a later one is out, and is as good.
      this.#dependencies.send(item).then(
        () => delivered.resolve(true),
        (reason: unknown) => {
          error = reason;
        },
      );
      const wait = backoffMs(attempt, this.#rules.backoff, this.#dependencies.random.fraction());
      if (await this.#orTimeout(delivered.promise, wait)) return { delivered: true };
    }
    return { delivered: false, error };
  }

  /** What `promise` resolves to, or false once `waitMs` has passed or the queue is closed. */
  #orTimeout(promise: Promise<boolean>, waitMs: number): Promise<boolean> {
    const { signal } = this.#closed;
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const finish = (value: boolean) => {
        timer?.cancel();
        signal.removeEventListener('abort', onAbort);
        resolve(value);
      };
      const onAbort = () => finish(false);
      timer = this.#dependencies.clock.timer(waitMs, () => finish(false));
      signal.addEventListener('abort', onAbort, { once: true });
      void promise.then(finish);
    });
  }

  #gain(): void {
    this.#counters.sent += 1;
    if (this.#healthy) return;
    this.#healthy = true;
    this.#dependencies.onHealth?.(true);
  }

  #lose(error: unknown): void {
    this.#counters.dropped += 1;
    if (!this.#healthy) return;
    this.#healthy = false;
    this.#dependencies.onHealth?.(false, error);
  }
}
