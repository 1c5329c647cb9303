/** What holds for any sequence of events. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Combination, HealthRules, Reaction } from '../../src/health/rules.ts';
import { type EndpointHealth, type HealthEvent, transition } from '../../src/health/transition.ts';
import type { ProbeResult } from '../../src/model.ts';
import { parseExplanation } from './explanation.ts';
import { healthRules, probeRules, result } from './world.ts';

const small = fc.integer({ min: 1, max: 4 });
const reactions: fc.Arbitrary<Reaction> = fc.oneof(
  fc.constant<Reaction>({ type: 'immediate' }),
  fc.record({ type: fc.constant('consecutive' as const), fall: small, rise: small }),
  fc.tuple(small, fc.nat(4)).map(([x, more]): Reaction => ({ type: 'xOfY', x, y: x + more })),
  small.map((count): Reaction => ({ type: 'average', count, downAboveMs: 100, upBelowMs: 80 })),
);
const combinations: fc.Arbitrary<Combination> = fc.oneof(
  fc.constantFrom<Combination>({ type: 'all' }, { type: 'any' }, { type: 'percentage', up: 60, down: 40 }),
  small.map((count): Combination => ({ type: 'atLeast', count })),
  fc.constant<Combination>({ type: 'weights', weights: { a: 10, b: 20 }, up: 20, down: 10 }),
);
const anyRules: fc.Arbitrary<HealthRules> = fc
  .record({
    probes: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
    reaction: reactions,
    not: fc.boolean(),
    mode: fc.constantFrom('reachability' as const, 'state' as const),
    targets: fc.constantFrom(['ns1'], ['ns1', 'ns2']),
    targetsAtLeast: fc.integer({ min: 1, max: 2 }),
    combine: combinations,
    delay: fc.record({ upMs: fc.constantFrom(0, 700), downMs: fc.constantFrom(0, 700) }),
  })
  .map(({ probes, reaction, not, mode, ...rest }) =>
    healthRules({
      ...rest,
      probes: probes.map((name, i) =>
        probeRules({
          name,
          reaction,
          mode,
          not: not && i === 1,
          staleAfterMs: 3000,
          role: i === 2 ? 'advisory' : 'required',
        }),
      ),
    }),
  );

interface Move {
  readonly afterMs: number;
  readonly event: 'tick' | ProbeResult['outcome'];
  readonly probe: string;
  readonly target: string;
  readonly rttMs: number;
}
const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.record({
    afterMs: fc.constantFrom(0, 10, 200, 1000, 5000),
    event: fc.constantFrom('tick' as const, 'pass' as const, 'late' as const, 'fail' as const, 'error' as const),
    probe: fc.constantFrom('a', 'b', 'c', 'x'),
    target: fc.constantFrom('ns1', 'ns2', 'x'),
    rttMs: fc.constantFrom(1, 90, 150, 900, 1500),
  }),
  { maxLength: 60 },
);

function eventOf(move: Move, run: number, now: number): HealthEvent {
  if (move.event === 'tick') return { type: 'tick' };
  return { type: 'result', target: move.target, probe: move.probe, run, result: result(move.event, now, move.rttMs) };
}

/** Plays the moves and calls `check` with each step. */
function play(rules: HealthRules, list: readonly Move[], check: (step: Step) => void): EndpointHealth | undefined {
  let state: EndpointHealth | undefined;
  let now = 0;
  list.forEach((move, run) => {
    now += move.afterMs;
    const event = eventOf(move, run, now);
    const before = state;
    const after = transition(before, event, rules, now);
    check({ before, event, now, after });
    state = after.state;
  });
  return state;
}

interface Step {
  readonly before: EndpointHealth | undefined;
  readonly event: HealthEvent;
  readonly now: number;
  readonly after: ReturnType<typeof transition>;
}

describe('for any rules and any sequence of events', () => {
  test('it never throws, is deterministic, and the explanation parses to the state', () => {
    fc.assert(
      fc.property(anyRules, moves, (rules, list) => {
        const first = play(rules, list, ({ after }) => {
          const parsed = parseExplanation(after.track.explanation);
          expect(parsed.shown).toBe(after.track.state);
          expect(after.track.reason === 'delayed').toBe(parsed.becoming !== undefined);
        });
        expect(play(rules, list, () => {})).toEqual(first);
      }),
    );
  });

  test('a tick repeated changes nothing', () => {
    fc.assert(
      fc.property(anyRules, moves, (rules, list) => {
        play(rules, list, ({ after, now }) => {
          const again = transition(after.state, { type: 'tick' }, rules, now);
          expect(again.state).toEqual(after.state);
          expect(again.probeChanges).toEqual([]);
        });
      }),
    );
  });

  test('an error result does exactly what the passing of time does (promise 3)', () => {
    fc.assert(
      fc.property(anyRules, moves, (rules, list) => {
        play(rules, list, ({ before, event, now, after }) => {
          if (event.type !== 'result' || event.result.outcome !== 'error') return;
          expect(after).toEqual(transition(before, { type: 'tick' }, rules, now));
        });
      }),
    );
  });

  test('it wakes no later than the next change that time alone brings', () => {
    fc.assert(
      fc.property(anyRules, moves, (rules, list) => {
        play(rules, list, ({ after, now }) => {
          const until = (after.wakeAtMono ?? now + 100_000) - 1;
          if (until <= now) return;
          expect(transition(after.state, { type: 'tick' }, rules, until).state).toEqual(after.state);
        });
      }),
    );
  });
});

describe('consecutive', () => {
  const counts = fc.record({ fall: small, rise: small });
  /** Runs that all start a second apart and end in any order. */
  const overlapping = fc.array(fc.tuple(fc.boolean(), fc.nat(6000)), { maxLength: 40 });

  interface Arrival {
    readonly good: boolean;
    readonly run: number;
    readonly endedMono: number;
  }

  function arrive({ good, run, endedMono }: Arrival): HealthEvent {
    const found = result(good ? 'pass' : 'fail', endedMono, endedMono - run * 1000);
    return { type: 'result', target: 'ns1', probe: 'resolve', run, result: found };
  }

  function newestByStart(seen: readonly Arrival[], count: number): readonly boolean[] {
    return seen
      .toSorted((a, b) => a.run - b.run)
      .slice(-count)
      .map(({ good }) => good);
  }

  test('never up without `rise` good runs in a row, never down without `fall` bad ones, whatever the order of arrival', () => {
    fc.assert(
      fc.property(counts, overlapping, ({ fall, rise }, runs) => {
        const reaction = { type: 'consecutive', fall, rise } as const;
        const rules = healthRules({ probes: [probeRules({ reaction, staleAfterMs: 1e9 })] });
        const arrivals = runs
          .map(([good, tookMs], run): Arrival => ({ good, run, endedMono: run * 1000 + tookMs }))
          .toSorted((a, b) => a.endedMono - b.endedMono);
        let state: EndpointHealth | undefined;
        arrivals.forEach((arrival, i) => {
          const after = transition(state, arrive(arrival), rules, arrival.endedMono);
          const changed = after.track.state !== (state?.track.state ?? 'unknown');
          state = after.state;
          if (!changed) return;
          const up = after.track.state === 'up';
          const needed = up ? rise : fall;
          expect(newestByStart(arrivals.slice(0, i + 1), needed)).toEqual(Array(needed).fill(up));
        });
      }),
    );
  });
});
