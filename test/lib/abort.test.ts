import { describe, expect, test } from 'vitest';
import { aborted, sleep, withDeadline } from '../../src/lib/abort.ts';
import { backoffMs } from '../../src/lib/backoff.ts';
import { AbortedError, OperatorError } from '../../src/lib/errors.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

describe('sleep', () => {
  test('ends when the time has come', async () => {
    const clock = new FakeClock();
    let done = false;
    const sleeping = sleep(1000, new AbortController().signal, clock).then(() => {
      done = true;
    });
    await clock.advance(999);
    expect(done).toBe(false);
    await clock.advance(1);
    await sleeping;
    expect(done).toBe(true);
  });

  test('an abort ends it at once and leaves no timer', async () => {
    const clock = new FakeClock();
    const abort = new AbortController();
    const sleeping = sleep(1000, abort.signal, clock);
    abort.abort();
    await expect(sleeping).rejects.toBeInstanceOf(AbortedError);
    expect(clock.pending).toBe(0);
  });
});

test('aborted resolves when the signal fires, also if it has already', async () => {
  const abort = new AbortController();
  let ended = false;
  const ending = aborted(abort.signal).then(() => {
    ended = true;
  });
  await settle();
  expect(ended).toBe(false);
  abort.abort();
  await ending;
  await expect(aborted(AbortSignal.abort())).resolves.toBeUndefined();
});

describe('withDeadline', () => {
  const never = new Promise<never>(() => {});
  const expired = () => new OperatorError('environment', 'too late');

  test('gives the work its value and leaves no timer', async () => {
    const clock = new FakeClock();
    const work = withDeadline(Promise.resolve(7), 100, { signal: new AbortController().signal, clock, expired });
    await expect(work).resolves.toBe(7);
    expect(clock.pending).toBe(0);
  });

  test('fails with the given error when the time is over', async () => {
    const clock = new FakeClock();
    const work = withDeadline(never, 100, { signal: new AbortController().signal, clock, expired });
    const outcome = expect(work).rejects.toThrow('too late');
    await clock.advance(100);
    await outcome;
  });

  test('work that fails after we gave up is not an unhandled rejection', async () => {
    const clock = new FakeClock();
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    const { promise, reject } = Promise.withResolvers<never>();
    const work = withDeadline(promise, 100, { signal: AbortSignal.abort(), clock, expired });
    await expect(work).rejects.toBeInstanceOf(AbortedError);
    reject(new Error('too late to matter'));
    await settle();
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  test('an abort before or during the work is an AbortedError', async () => {
    const clock = new FakeClock();
    await expect(withDeadline(never, 100, { signal: AbortSignal.abort(), clock, expired })).rejects.toBeInstanceOf(
      AbortedError,
    );
    expect(clock.pending).toBe(0);
  });

  test('work that fails after an abort rejects into no void: that would end the process', async () => {
    const lost: unknown[] = [];
    const note = (reason: unknown) => lost.push(reason);
    process.on('unhandledRejection', note);
    const clock = new FakeClock();
    const work = Promise.reject(new Error('nobody waits for it'));
    await expect(withDeadline(work, 100, { signal: AbortSignal.abort(), clock, expired })).rejects.toBeInstanceOf(
      AbortedError,
    );
    await settle();
    process.off('unhandledRejection', note);
    expect(lost).toEqual([]);
  });
});

test.each([
  [0, 0, 500],
  [0, 0.999, 999.5],
  [3, 0, 4000],
  [20, 0, 30_000],
  [4000, 0.5, 45_000],
])('back-off of attempt %d with chance %d is %d ms', (attempt, fraction, ms) => {
  expect(backoffMs(attempt, { firstMs: 1000, maxMs: 60_000 }, fraction)).toBeCloseTo(ms, 0);
});
