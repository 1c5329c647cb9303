import type { Clock } from './clock.ts';
import { AbortedError } from './errors.ts';

/**
 * Resolves after `delayMs`, or rejects with AbortedError as soon as `signal` fires.
 * @param delayMs milliseconds, at least 0
 */
export function sleep(delayMs: number, signal: AbortSignal, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new AbortedError('aborted while waiting'));
    const onAbort = () => {
      timer.cancel();
      reject(new AbortedError('aborted while waiting'));
    };
    const timer = clock.timer(delayMs, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** Resolves when `signal` fires, at once if it has: for what runs until somebody ends it. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * Settles as `work` does, or rejects with `expired()` once `timeoutMs` has passed,
 * or with AbortedError when `signal` fires. The work itself is not stopped: the caller owns that.
 */
export function withDeadline<T>(
  work: Promise<T>,
  timeoutMs: number,
  options: { signal: AbortSignal; clock: Clock; expired: () => Error },
): Promise<T> {
  const { signal, clock, expired } = options;
  return new Promise<T>((resolve, reject) => {
    const finish = (settle: () => void) => {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onAbort = () => finish(() => reject(new AbortedError()));
    const timer = clock.timer(timeoutMs, () => finish(() => reject(expired())));
    // First of all: a failure of work that nobody waits for any more would end the process.
    work.then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(error)),
    );
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
