import { describe, expect, test } from 'vitest';
import { type Evaluation, evaluate, stopVerdicts } from '../../src/policies/evaluate.ts';
import type { Policy } from '../../src/policies/policy.ts';
import { endpoint, policy, summary, track, tracks } from './world.ts';

const up = 'announce endpoint-up';
const down = 'withdraw endpoint-down';
const never = 'hold evidence-incomplete';
const stale = 'hold unknown-hold';
const below = 'withdraw pool-below-minimum';
const standby = 'withdraw standby';
const allOrNone = 'withdraw all-or-none';

const three = [endpoint('ns1'), endpoint('ns2'), endpoint('ns3')];
const backups = [endpoint('a'), endpoint('b', { priority: 10 }), endpoint('c', { priority: 20 })];

function pool(upAt: number, downBelow: number, announce: 'each' | 'allOrNone' = 'each'): Partial<Policy> {
  return { endpoints: three, pool: { minHealthy: { up: upAt, down: downBelow }, announce } };
}

describe('one evaluation from the start (U up, D down, ? stale, . never had evidence)', () => {
  test.each<[string, Partial<Policy>, string, string[]]>([
    ['each endpoint for itself', {}, 'UD', [up, down]],
    ['all down: all withdrawn', {}, 'DD', [down, down]],
    ['at the start nothing changes', {}, '..', [never, never]],
    ['evidence that was lost holds', {}, '??', [stale, stale]],
    ['one unknown does not hold another with minimum 1', {}, 'U?', [up, stale]],
    ['nor a withdrawal that is certain', {}, 'D.', [down, never]],

    ['minimum 2: reached', pool(2, 2), 'UUD', [up, up, down]],
    ['minimum 2: missed', pool(2, 2), 'UDD', [below, down, down]],
    ['minimum 2: reached whatever the unknown is', pool(2, 2), 'UU?', [up, up, stale]],
    ['minimum 2: the unknown could turn it', pool(2, 2), 'UD?', [stale, down, stale]],
    ['minimum 2: the missing could turn it', pool(2, 2), 'UD.', [never, down, never]],
    ['minimum 2: missed whatever the unknown is', pool(3, 3), 'UD?', [below, down, stale]],
    ['in the band, never decided: as found', pool(3, 2), 'UUD', [stale, stale, down]],

    ['all or none: all', pool(1, 1, 'allOrNone'), 'UUU', [up, up, up]],
    ['all or none: one down', pool(1, 1, 'allOrNone'), 'UUD', [allOrNone, allOrNone, down]],
    ['all or none: one unknown', pool(1, 1, 'allOrNone'), 'UU?', [stale, stale, stale]],
    ['all or none: one down, one unknown', pool(1, 1, 'allOrNone'), 'UD?', [allOrNone, down, stale]],

    ['the best priority serves', { endpoints: backups }, 'UUU', [up, standby, standby]],
    ['the backup serves', { endpoints: backups }, 'DUU', [down, up, standby]],
    ['the last one serves', { endpoints: backups }, 'DDU', [down, down, up]],
    ['a better one unknown: the backups stay as they are', { endpoints: backups }, '?UU', [stale, stale, stale]],
    ['a better one without evidence: likewise', { endpoints: backups }, '.UD', [never, never, down]],
    ['an unknown backup is not withdrawn', { endpoints: backups }, 'U?U', [up, stale, standby]],
    ['behind an unknown backup', { endpoints: backups }, 'D?U', [down, stale, stale]],
  ])('%s', (_name, difference, letters, expected) => {
    const one = policy(difference);
    expect(summary(evaluate(one, tracks(one, letters), undefined, 1000).verdicts)).toEqual(expected);
  });

  test('all or none with priorities: the best level that is whole serves', () => {
    const endpoints = [endpoint('a1'), endpoint('a2'), endpoint('b1', { priority: 10 })];
    const one = policy({ endpoints, pool: { minHealthy: { up: 1, down: 1 }, announce: 'allOrNone' } });
    expect(summary(evaluate(one, tracks(one, 'UDU'), undefined, 0).verdicts)).toEqual([allOrNone, down, up]);
    expect(summary(evaluate(one, tracks(one, 'U?U'), undefined, 0).verdicts)).toEqual([stale, stale, stale]);
  });

  test('the detail tells the numbers', () => {
    const one = policy(pool(3, 2));
    const details = evaluate(one, tracks(one, 'UDD'), undefined, 0).verdicts.map(({ detail }) => detail);
    expect(details).toEqual(['1 of 3 up, minimum 2, back at 3', 'DOWN(resolve DOWN)', 'DOWN(resolve DOWN)']);
  });
});

describe('minHealthy {up: 3, down: 2} over time', () => {
  test.each<[string, [letters: string, healthy: boolean | undefined, first: string][]]>([
    [
      'goes below 2, comes back at 3',
      [
        ['UUU', true, up],
        ['UUD', true, up],
        ['UDD', false, below],
        ['UUD', false, below],
        ['UUU', true, up],
      ],
    ],
    [
      'the unknown does not erase what was decided',
      [
        ['UDD', false, below],
        ['UU?', undefined, stale],
        ['UUD', false, below],
        ['UUU', true, up],
        ['UU?', true, up],
        ['U??', undefined, stale],
        ['UUD', true, up],
      ],
    ],
  ])('%s', (_name, steps) => {
    const one = policy(pool(3, 2));
    let previous: Evaluation | undefined;
    for (const [letters, healthy, first] of steps) {
      previous = evaluate(one, tracks(one, letters), previous, 0);
      expect([letters, previous.poolHealthy, summary(previous.verdicts)[0]]).toEqual([letters, healthy, first]);
    }
  });
});

describe('routeWhenUnknown: withdraw after 60 s', () => {
  const limited = policy({ endpoints: backups, routeWhenUnknown: { action: 'withdraw', afterMs: 60_000 } });
  const gone = 'withdraw unknown-withdraw';

  test('holds until the limit, asks to be woken, then withdraws and lets the backup serve', () => {
    const lost = { ...tracks(limited, '?UU'), a: track('unknown', { sinceMono: 5000 }) };
    const before = evaluate(limited, lost, undefined, 64_999);
    expect(summary(before.verdicts)).toEqual([stale, stale, stale]);
    expect(before.wakeAtMono).toBe(65_000);
    const after = evaluate(limited, lost, before, 65_000);
    expect(summary(after.verdicts)).toEqual([gone, up, standby]);
    expect(after.wakeAtMono).toBeUndefined();
  });

  test('what never had evidence is held for ever (promise 4), and so is a first state on its way', () => {
    expect(summary(evaluate(limited, tracks(limited, '.UU'), undefined, 1e9).verdicts)).toEqual([never, never, never]);
    const delayed = { ...tracks(limited, '?UU'), a: track('unknown', { reason: 'delayed' }) };
    expect(summary(evaluate(limited, delayed, undefined, 1e9).verdicts)[0]).toBe(never);
  });

  test('an endpoint without a track is unknown', () => {
    expect(summary(evaluate(limited, {}, undefined, 1e9).verdicts)).toEqual([never, never, never]);
  });
});

test('a guard turns withdraw into hold, and nothing else', () => {
  const one = policy();
  const guard = () => ({ reason: 'unknown-hold', detail: 'guarded' }) as const;
  const { verdicts } = evaluate(one, tracks(one, 'UD'), undefined, 0, [() => undefined, guard]);
  expect(verdicts).toMatchObject([
    { endpoint: 'ns1', action: 'announce' },
    { endpoint: 'ns2', action: 'hold', detail: 'guarded' },
  ]);
});

test('a planned stop with onStop: withdraw takes every route away', () => {
  const one = policy({ onStop: 'withdraw' });
  const previous = evaluate(one, tracks(one, 'UD'), undefined, 0);
  const stop = stopVerdicts(one, previous);
  expect(summary(stop.verdicts)).toEqual(['withdraw stopping', 'withdraw stopping']);
  expect([stop.up, stop.total]).toEqual([1, 2]);
});

test('with onStop: hold it leaves what was decided, and everything as found where nothing was', () => {
  const one = policy({ onStop: 'hold' });
  const previous = evaluate(one, tracks(one, 'UD'), undefined, 0);
  expect(stopVerdicts(one, previous)).toBe(previous);
  expect(summary(stopVerdicts(one, undefined).verdicts)).toEqual(['hold stopping', 'hold stopping']);
});
