import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProbeResult } from '../../src/model.ts';
import { type ScheduleEntry, Scheduler } from '../../src/probes/scheduler.ts';
import { systemSockets } from '../../src/probes/sockets.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** What a run does: passes after so long, fails after so long, or hangs until its timeout. */
type Behaviour = { readonly pass: number } | { readonly fail: number } | 'hang' | 'stuck' | 'throw';

let clock: FakeClock;
let scheduler: Scheduler;
/** What happened, `time key what`, in order. */
let log: string[];
let behaviour: Behaviour;

beforeEach(() => {
  clock = new FakeClock();
  log = [];
  behaviour = { pass: 5 };
  scheduler = new Scheduler(
    {
      onResult: (key, result, run) =>
        log.push(`${clock.now()} ${key} #${run} ${'cause' in result ? result.cause : result.outcome}`),
      onStall: ({ stalledMs, spoiled }) => log.push(`${clock.now()} stall ${stalledMs} ms, ${spoiled} spoiled`),
    },
    { clock, random: seededRandom(), sockets: systemSockets },
  );
});

afterEach(async () => {
  await scheduler.close();
  await settle();
  expect(clock.pending).toBe(0);
});

function entry(difference: Partial<ScheduleEntry> = {}): ScheduleEntry {
  const { key = 'dns' } = difference;
  return {
    key,
    frequencyMs: 1000,
    fastFrequencyMs: 100,
    timeoutMs: 300,
    thresholdMs: 100,
    run: (context) => {
      log.push(`${clock.now()} ${key} start`);
      return perform(behaviour, context.timeoutMs, context.signal);
    },
    ...difference,
  };
}

/** A run as a well-behaved probe kind does it. */
function perform(does: Behaviour, timeoutMs: number, signal: AbortSignal): Promise<ProbeResult> {
  if (does === 'throw') throw new TypeError('a defect');
  const startedMono = clock.now();
  return new Promise((resolve) => {
    const end = (verdict: { outcome: 'pass' } | { outcome: 'fail'; cause: 'timeout' | 'refused' }) => {
      const endedMono = clock.now();
      const phases = { total: endedMono - startedMono };
      resolve({ ...verdict, startedAt: 0, startedMono, endedMono, phases, detail: '', transcript: [] });
    };
    if (does === 'stuck') return;
    const timer =
      does === 'hang'
        ? clock.timer(timeoutMs, () => end({ outcome: 'fail', cause: 'timeout' }))
        : 'pass' in does
          ? clock.timer(does.pass, () => end({ outcome: 'pass' }))
          : clock.timer(does.fail, () => end({ outcome: 'fail', cause: 'refused' }));
    signal.addEventListener('abort', () => {
      timer.cancel();
      end({ outcome: 'pass' });
    });
  });
}

function start(...entries: ScheduleEntry[]): void {
  scheduler.set(entries);
  scheduler.start(new AbortController().signal);
}

const starts = (key = 'dns') =>
  log.filter((line) => line.endsWith(` ${key} start`)).map((line) => Number(line.split(' ')[0]));

test('a fixed rate from start to start, whatever the runs take', async () => {
  behaviour = { pass: 37 };
  start(entry());
  await clock.advance(5000);
  expect(starts()).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
});

test('a late timer does not move the slots after it: no drift', async () => {
  start(entry());
  await clock.advance(950);
  clock.stall(120);
  await clock.advance(2000);
  expect(starts()).toEqual([0, 1070, 2000, 3000]);
});

test('probes of one frequency are spread over the period and never burst', async () => {
  const keys = Array.from({ length: 50 }, (_, i) => `p${i}`);
  start(...keys.map((key) => entry({ key })));
  await clock.advance(999);
  const times = keys.flatMap((key) => starts(key)).sort((a, b) => a - b);
  expect(times).toHaveLength(50);
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(20 / 2.62);
  expect(Math.max(...gaps)).toBeLessThan(20 * 2.62);
});

test('the previous run still out: the slot is skipped and counted busy, not queued', async () => {
  behaviour = { pass: 1100 };
  start(entry({ timeoutMs: 1000, thresholdMs: 1000, fastFrequencyMs: 1000 }));
  await clock.advance(3200);
  expect(starts()).toEqual([0, 2000]);
  expect(scheduler.statistics('dns')).toMatchObject({ runs: 2, successes: 2, busies: 2 });
});

test('fast: from the last start at the fast frequency, and back to the old slots', async () => {
  behaviour = { fail: 5 };
  start(entry());
  await clock.advance(10);
  scheduler.fast('dns', true);
  await clock.advance(300);
  expect(starts()).toEqual([0, 100, 200, 300]);
  scheduler.fast('dns', false);
  await clock.advance(2000);
  expect(starts()).toEqual([0, 100, 200, 300, 1000, 2000]);
});

test('fast: at once if the last start is longer ago than the fast frequency', async () => {
  start(entry());
  await clock.advance(450);
  scheduler.fast('dns', true);
  await clock.advance(200);
  expect(starts()).toEqual([0, 450, 550, 650]);
});

test('suspect: a run over its threshold is confirmed beside it, the second failure comes 100 ms after the first', async () => {
  behaviour = 'hang';
  start(entry());
  await clock.advance(450);
  expect(log).toEqual([
    '0 dns start',
    '100 dns start',
    '200 dns start',
    '300 dns #1 timeout',
    '300 dns start',
    '400 dns #2 timeout',
    '400 dns start',
  ]);
});

test('suspect: at most ceil(timeout / fast) + 1 runs are out, even if none ends', async () => {
  behaviour = 'stuck';
  start(entry());
  await clock.advance(1200);
  expect(starts()).toEqual([0, 100, 200, 300]);
  await expectStuckRunsToBeGivenUp();
});

async function expectStuckRunsToBeGivenUp(): Promise<void> {
  behaviour = { pass: 5 };
  await clock.advance(200);
  expect(log).toContain('1300 dns #1 internal');
  expect(scheduler.statistics('dns')?.busies).toBeGreaterThan(0);
  // Stuck for ever: nobody could wait for them.
  scheduler.set([]);
  void scheduler.close();
  scheduler = new Scheduler({ onResult: () => undefined }, { clock, random: seededRandom(), sockets: systemSockets });
}

test('suspect: one lost answer, refuted by the confirmation, goes back to the normal pace', async () => {
  behaviour = 'hang';
  start(entry());
  await clock.advance(50);
  behaviour = { pass: 5 };
  await clock.advance(1000);
  expect(log).toEqual([
    '0 dns start',
    '100 dns start',
    '105 dns #2 pass',
    '300 dns #1 timeout',
    '1000 dns start',
    '1005 dns #3 pass',
  ]);
});

test('overload: confirmations that would start late are dropped, normal slots are not', async () => {
  behaviour = 'hang';
  start(entry());
  await clock.advance(50);
  clock.stall(110);
  await clock.advance(40);
  expect(starts()).toEqual([0, 200]);
});

test('without a fast frequency a hanging run has nothing beside it', async () => {
  behaviour = 'hang';
  start(entry({ fastFrequencyMs: 1000 }));
  await clock.advance(1500);
  expect(starts()).toEqual([0, 1000]);
});

test('hints: run now, at most once per fast frequency, the rest joined into one; slots stay', async () => {
  start(entry());
  await clock.advance(500);
  scheduler.hint('dns');
  await clock.advance(20);
  for (let i = 0; i < 50; i++) scheduler.hint('dns');
  await clock.advance(1500);
  expect(starts()).toEqual([0, 500, 600, 1000, 2000]);
  scheduler.hint('unknown');
});

test('a reload: unchanged probes keep slots, runs and counters; removed and changed ones are aborted', async () => {
  behaviour = { pass: 60 };
  start(entry({ key: 'kept' }), entry({ key: 'removed' }), entry({ key: 'changed', revision: 'a' }));
  await clock.advance(1030);
  expect(starts('kept')).toEqual([0, 1000]);
  scheduler.set([entry({ key: 'kept' }), entry({ key: 'changed', revision: 'b' }), entry({ key: 'new' })]);
  log.length = 0;
  await clock.advance(1100);
  expect(log.filter((line) => line.includes('kept'))).toEqual([
    '1060 kept #2 pass',
    '2000 kept start',
    '2060 kept #3 pass',
  ]);
  expect(log.filter((line) => line.includes('removed'))).toEqual([]);
  expect(starts('new')).toHaveLength(1);
  expect(scheduler.statistics('kept')?.runs).toBe(3);
  expect(scheduler.statistics('changed')?.runs).toBe(1);
});

test('a stall: what was out becomes error stalled, missed slots are not caught up', async () => {
  behaviour = { pass: 50 };
  start(entry());
  await clock.advance(1020);
  clock.stall(2500);
  await clock.advance(1000);
  expect(log).toEqual([
    '0 dns start',
    '50 dns #1 pass',
    '1000 dns start',
    '3520 stall 2420 ms, 1 spoiled',
    '3520 dns #2 stalled',
    '4000 dns start',
    '4050 dns #3 pass',
  ]);
  expect(scheduler.statistics('dns')).toMatchObject({ runs: 3, successes: 2, failures: 0, errors: 1, busies: 0 });
});

test('a stall in the middle of a beat, between looking at the clock and setting the timer, is seen too', async () => {
  const run: ScheduleEntry['run'] = (context) => {
    // The process is stopped just here, at the first start.
    if (clock.now() === 0) clock.stall(1500);
    return perform({ pass: 500 }, context.timeoutMs, context.signal);
  };
  start(entry({ run }));
  await clock.advance(1);
  await clock.advance(1);
  expect(log).toEqual(['1500 stall 1400 ms, 1 spoiled', '1500 dns #1 stalled']);
});

test('a stall is seen even where the result comes before the timer: a frozen loop reads its sockets first', async () => {
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  start(entry({ run: () => promise }));
  await clock.advance(10);
  clock.stall(1000);
  resolve({
    ...{ outcome: 'pass', startedAt: 0, startedMono: 0, endedMono: 1010, phases: { total: 1010 } },
    ...{ detail: '', transcript: [] },
  });
  await settle();
  expect(log).toEqual(['1010 stall 910 ms, 1 spoiled', '1010 dns #1 stalled']);
});

test('a rejected or throwing run is an error of ours', async () => {
  behaviour = 'throw';
  start(entry());
  await clock.advance(10);
  expect(log).toEqual(['0 dns start', '0 dns #1 internal']);
});

test('liveness comes from the loop: the last cycle is never older than 100 ms, and a stalled one does not renew', async () => {
  start();
  await clock.advance(1010);
  expect(clock.now() - (scheduler.lastCycleMono ?? 0)).toBeLessThanOrEqual(100);
  clock.stall(5000);
  expect(clock.now() - (scheduler.lastCycleMono ?? 0)).toBeGreaterThanOrEqual(5000);
});

test('statistics in the sense of IP SLA', async () => {
  start(entry());
  await clock.advance(10);
  behaviour = { pass: 15 };
  await clock.advance(1010);
  expect(scheduler.statistics('dns')).toMatchObject({
    ...{ runs: 2, successes: 2, overThresholds: 0, failures: 0, errors: 0, busies: 0 },
    rtt: { lastMs: 15, minMs: 5, avgMs: 10, maxMs: 15 },
    latest: { outcome: 'pass' },
  });
  expect(scheduler.lateness()).toMatchObject({ count: 2, maxMs: 0.001 });
  expect(scheduler.statistics('unknown')).toBeUndefined();
});

test('an abort of the signal ends every run and timer, and delivers nothing afterwards', async () => {
  behaviour = 'hang';
  const stop = new AbortController();
  scheduler.set([entry(), entry({ key: 'other' })]);
  scheduler.start(stop.signal);
  await clock.advance(150);
  log.length = 0;
  stop.abort();
  await settle();
  expect(clock.pending).toBe(0);
  await clock.advance(5000);
  expect(log).toEqual([]);
});
