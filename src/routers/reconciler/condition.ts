import { AbortedError } from '../../lib/errors.ts';

/** Something that may become true, and those who wait for it. */
export class Condition {
  readonly #holds: () => boolean;
  readonly #waiters = new Set<() => void>();

  constructor(holds: () => boolean) {
    this.#holds = holds;
  }

  /** To be called whenever it may have become true. */
  check(): void {
    if (!this.#holds()) return;
    for (const resolve of this.#waiters) resolve();
  }

  /** Resolves when it holds; rejects with AbortedError when `signal` fires. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new AbortedError());
      const finish = (settle: () => void) => {
        this.#waiters.delete(done);
        signal.removeEventListener('abort', onAbort);
        settle();
      };
      const done = () => finish(resolve);
      const onAbort = () => finish(() => reject(new AbortedError()));
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(done);
      this.check();
    });
  }
}
