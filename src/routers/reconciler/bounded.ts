import { withDeadline } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { AbortedError, messageOf } from '../../lib/errors.ts';
import { RouterError } from '../contract.ts';

/**
 * Runs one step of a visit under its own deadline, so that a router that never answers holds up nobody (promise 7).
 * On expiry the step's signal fires and RouterError `deadline` is thrown, even if the driver ignores the signal.
 * After `signal` has fired the step is not begun: AbortedError.
 */
export async function bounded<T>(
  step: string,
  limitMs: number,
  { signal, clock }: { signal: AbortSignal; clock: Clock },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw new AbortedError();
  const expiry = new AbortController();
  const expired = () => new RouterError('deadline', `no answer to ${step} within ${limitMs} ms`);
  try {
    return await withDeadline(work(AbortSignal.any([signal, expiry.signal])), limitMs, { signal, clock, expired });
  } catch (error) {
    expiry.abort();
    throw error;
  }
}

/** Anything a driver threw as a RouterError; what is not one is a defect of the driver, and its session is not trusted. */
export function asRouterError(error: unknown): RouterError {
  if (error instanceof RouterError) return error;
  const message =
    error instanceof AbortedError ? 'the session was abandoned' : `the driver failed: ${messageOf(error)}`;
  return new RouterError('lost', message, { cause: error });
}
