import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DesiredRoute } from '../../src/model.ts';
import { settle } from '../support/fake-clock.ts';
import { key, OURS, World, wish } from './reconciler-world.ts';

const FOREIGN = { tag: 7, name: 'noc' };
const PLACES = [key(1, '192.0.2.1'), key(1, '192.0.2.2'), key(2, '192.0.2.1'), key(3, '192.0.2.3')];

const place = fc.constantFrom(...PLACES);
const wants = fc.array(fc.constantFrom('present' as const, 'absent' as const, 'asIs' as const), {
  minLength: PLACES.length,
  maxLength: PLACES.length,
});

const FAULTS: Readonly<Record<string, (w: World) => void>> = {
  cut: ({ router }) => router.cut(),
  reload: ({ router }) => router.reload(),
  save: ({ router }) => router.save(),
  lock: ({ router }) => Object.assign(router.faults, { lockedScripts: 2 }),
  'lose before': ({ router }) => Object.assign(router.faults, { loseSession: 'beforeWrite' }),
  'lose after': ({ router }) => Object.assign(router.faults, { loseSession: 'afterWrite' }),
  ignore: ({ router }) => Object.assign(router.faults, { ignoreScripts: 1 }),
  'refuse line': ({ router }) => Object.assign(router.faults, { refuseLine: () => 'rejected' }),
  'refuse login': ({ router }) => Object.assign(router.faults, { refuseOpen: 'refused' }),
  unreachable: ({ router }) => router.unreachable.add('192.0.2.1'),
  mend,
};

/** What may happen to a router and its reconciler, with a name for the counterexample. */
const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: wants.map((list) => ({
      name: `want ${list}`,
      run: (w: World) => w.reconciler.setDesired(wishes(list)),
    })),
  },
  {
    weight: 2,
    arbitrary: place.map((where) => ({
      name: `foreign ${where.prefix}`,
      run: (w: World) => w.router.edit(where, FOREIGN),
    })),
  },
  {
    weight: 2,
    arbitrary: place.map((where) => ({
      name: `delete ${where.prefix}`,
      run: (w: World) => w.router.edit(where, undefined),
    })),
  },
  { weight: 3, arbitrary: fc.constantFrom(...Object.entries(FAULTS)).map(([name, run]) => ({ name, run })) },
);

function mend({ router }: World): void {
  Object.assign(router.faults, {
    refuseOpen: undefined,
    loseSession: undefined,
    ignoreScripts: 0,
    lockedScripts: 0,
    refuseLine: undefined,
  });
  router.unreachable.clear();
}

function wishes(list: readonly DesiredRoute['want'][]): DesiredRoute[] {
  return PLACES.map((where, i) => wish(list[i] ?? 'asIs', { key: where, endpoint: `ns${i}` }));
}

/** Fails as soon as a line of ours lands on a route of somebody else (promise 2). */
function guardForeignRoutes({ router }: World): void {
  const execute = router.execute.bind(router);
  router.execute = (change) => {
    const there = router
      .table()
      .find((route) => route.configured && JSON.stringify(route.key) === JSON.stringify(change.key));
    expect(there?.attributes.tag ?? OURS.tag).toBe(OURS.tag);
    execute(change);
  };
}

test('promises 2 and 5: whatever happens on the way, nothing foreign is touched, and in the end the router is as wanted', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(happening, fc.constantFrom(0, 10, 60, 1_500, 20_000)), { maxLength: 14 }),
      wants,
      async (events, list) => {
        const w = new World({ ribDelayMs: 5, routes: [{ key: key(3, '192.0.2.3'), attributes: OURS }] });
        guardForeignRoutes(w);
        await w.start();
        for (const [event, ms] of events) {
          event.run(w);
          await w.clock.advance(ms);
        }
        mend(w);
        w.reconciler.setDesired(wishes(list));
        w.reconciler.nudge();
        await w.clock.advance(80_000);
        await settle();
        for (const { key: where, want } of wishes(list)) {
          const there = w.router.table().find((route) => JSON.stringify(route.key) === JSON.stringify(where));
          if (there?.attributes.tag === FOREIGN.tag || want === 'asIs') continue;
          expect({ where, there: there?.configured && there.installed }).toEqual({
            where,
            there: want === 'present' ? true : undefined,
          });
        }
        expect(w.reconciler.status().pending).toEqual([]);
        await w.close();
        expect(w.clock.pending).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
}, 60_000);
