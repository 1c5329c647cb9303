/** What holds for any policy and any tracks. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Track } from '../../src/model.ts';
import { type Evaluation, evaluate } from '../../src/policies/evaluate.ts';
import type { Policy } from '../../src/policies/policy.ts';
import { endpoint, policy, track } from './world.ts';

const states = fc.constantFrom(
  track('up'),
  track('down'),
  track('unknown'),
  track('unknown', { reason: 'no-evidence' }),
  track('unknown', { reason: 'delayed' }),
);

interface World {
  readonly policy: Policy;
  /** Tracks at successive moments. */
  readonly moments: readonly Readonly<Record<string, Track>>[];
}

function worlds(priority: fc.Arbitrary<number>, announce: fc.Arbitrary<'each' | 'allOrNone'>): fc.Arbitrary<World> {
  return fc
    .record({
      priorities: fc.array(priority, { minLength: 1, maxLength: 5 }),
      moments: fc.array(fc.array(states, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 6 }),
      minimum: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(2)),
      announce,
      limit: fc.option(fc.constantFrom(0, 500, 5000), { nil: undefined }),
    })
    .map(({ priorities, moments, minimum: [down, more], announce, limit }) => ({
      policy: policy({
        endpoints: priorities.map((value, i) => endpoint(`ns${i}`, { priority: value })),
        pool: { minHealthy: { down, up: down + more }, announce },
        routeWhenUnknown: limit === undefined ? { action: 'hold' } : { action: 'withdraw', afterMs: limit },
      }),
      moments: moments.map((row) => Object.fromEntries(row.map((one, i) => [`ns${i}`, one]))),
    }));
}

const anyWorld = worlds(fc.nat(2), fc.constantFrom('each', 'allOrNone'));

function play(
  { policy, moments }: World,
  check: (now: number, tracks: Record<string, Track>, after: Evaluation) => void,
) {
  let previous: Evaluation | undefined;
  moments.forEach((tracks, i) => {
    previous = evaluate(policy, tracks, previous, i * 1000);
    check(i * 1000, tracks, previous);
  });
  return previous;
}

test('one verdict per endpoint, in their order; deterministic; a second evaluation changes nothing', () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      const last = play(world, (now, tracks, after) => {
        expect(after.verdicts.map(({ endpoint: name }) => name)).toEqual(
          world.policy.endpoints.map(({ name }) => name),
        );
        expect(evaluate(world.policy, tracks, after, now)).toEqual(after);
      });
      expect(play(world, () => {})).toEqual(last);
    }),
  );
});

test('unknown is not down: no withdrawal of an unknown endpoint unless routeWhenUnknown says so (promises 3 and 4)', () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      play(world, (now, tracks, after) => {
        for (const { endpoint: name, action, reason } of after.verdicts) {
          const { state, reason: why } = tracks[name] as Track;
          if (state !== 'unknown') continue;
          expect(action).not.toBe('announce');
          if (action === 'hold') continue;
          const rule = world.policy.routeWhenUnknown;
          expect([reason, why, rule.action]).toEqual(['unknown-withdraw', 'stale', 'withdraw']);
          expect(now).toBeGreaterThanOrEqual('afterMs' in rule ? rule.afterMs : Number.POSITIVE_INFINITY);
        }
      });
    }),
  );
});

test('no verdict, no change: without any evidence everything is held', () => {
  fc.assert(
    fc.property(anyWorld, ({ policy }) => {
      const { verdicts } = evaluate(policy, {}, undefined, 1e9);
      expect(verdicts.every(({ action, reason }) => action === 'hold' && reason === 'evidence-incomplete')).toBe(true);
    }),
  );
});

test('an endpoint that is down is always withdrawn, and never announced', () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      play(world, (_now, tracks, after) => {
        for (const { endpoint: name, action } of after.verdicts) {
          if (tracks[name]?.state === 'down') expect(action).toBe('withdraw');
        }
      });
    }),
  );
});

test('a backup is withdrawn for standby only beside a better endpoint that is announced', () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      play(world, (_now, _tracks, after) => {
        const priorityOf = (name: string) => world.policy.endpoints.find((one) => one.name === name)?.priority ?? 0;
        for (const one of after.verdicts.filter(({ reason }) => reason === 'standby')) {
          const better = after.verdicts.filter(({ endpoint: name }) => priorityOf(name) < priorityOf(one.endpoint));
          expect(better.some(({ action }) => action === 'announce')).toBe(true);
        }
      });
    }),
  );
});

test('announce each, one priority: one more endpoint up never means fewer announcements', () => {
  fc.assert(
    fc.property(worlds(fc.constant(0), fc.constant('each')), fc.nat(4), (world, which) => {
      const announced = ({ verdicts }: Evaluation) => verdicts.filter(({ action }) => action === 'announce').length;
      let previous: Evaluation | undefined;
      for (const tracks of world.moments) {
        const fewer = evaluate(world.policy, tracks, previous, 0);
        const more = evaluate(world.policy, { ...tracks, [`ns${which}`]: track('up') }, previous, 0);
        expect(announced(more)).toBeGreaterThanOrEqual(announced(fewer));
        previous = fewer;
      }
    }),
  );
});
