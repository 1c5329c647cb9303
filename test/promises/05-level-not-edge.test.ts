/** Promise 5: wanted and observed are compared; nothing depends on an event not being lost, and doing it twice changes nothing. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DesiredRoute } from '../../src/model.ts';
import { key, OURS, World, wish } from '../routers/reconciler-world.ts';
import { wish as iosWish, iosWorld, OUR_LINE } from './ios-world.ts';
import { until } from './until.ts';
import { writes } from './wire.ts';

const ROUTES = [key(1, '192.0.2.1'), key(1, '192.0.2.2'), key(2, '192.0.2.1'), key(3, '192.0.2.3')];
const index = fc.nat({ max: ROUTES.length - 1 });

/** Everything that may happen to a router and to the wishes about it. */
const step = fc.oneof(
  fc.record({ type: fc.constant('want'), index, want: fc.constantFrom('present', 'absent', 'asIs') }),
  fc.record({
    type: fc.constantFrom(
      'cut',
      'reload',
      'save',
      'loseBefore',
      'loseAfter',
      'ignore',
      'lock',
      'freeze',
      'thaw',
      'slow',
      'refuse',
      'accept',
      'nudge',
      'again',
    ),
  }),
  fc.record({ type: fc.constantFrom('add', 'take'), index }),
  fc.record({ type: fc.constant('wait'), ms: fc.integer({ min: 0, max: 3000 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What each step does to the router. */
function disturb({ router, reconciler }: World, type: Step['type']): void {
  const acts: Partial<Record<Step['type'], () => void>> = {
    cut: () => router.cut(),
    reload: () => router.reload(),
    save: () => router.save(),
    loseBefore: () => Object.assign(router.faults, { loseSession: 'beforeWrite' }),
    loseAfter: () => Object.assign(router.faults, { loseSession: 'afterWrite' }),
    ignore: () => Object.assign(router.faults, { ignoreScripts: 2 }),
    lock: () => Object.assign(router.faults, { lockedScripts: 2 }),
    freeze: () => Object.assign(router.faults, { frozen: true }),
    thaw: () => Object.assign(router.faults, { frozen: false }),
    slow: () => Object.assign(router.faults, { delayMs: 300 }),
    refuse: () => Object.assign(router.faults, { refuseOpen: 'refused' }),
    accept: () => Object.assign(router.faults, { refuseOpen: undefined }),
    nudge: () => reconciler.nudge(),
  };
  acts[type]?.();
}

function heal({ router }: World): void {
  Object.assign(router.faults, {
    frozen: false,
    delayMs: 0,
    refuseOpen: undefined,
    loseSession: undefined,
    ignoreScripts: 0,
    lockedScripts: 0,
  });
}

async function take(w: World, wishes: Map<number, DesiredRoute>, next: Step): Promise<void> {
  disturb(w, next.type);
  if ('want' in next) wishes.set(next.index, wish(next.want, { key: ROUTES[next.index] ?? key() }));
  if ('want' in next || next.type === 'again') await w.want(...wishes.values());
  if (!('want' in next) && 'index' in next) {
    w.router.edit(ROUTES[next.index] ?? key(), next.type === 'add' ? OURS : undefined);
  }
  if ('ms' in next) await w.clock.advance(next.ms);
}

test('whatever happened in whatever order, the end depends on the last wishes only', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 0, max: 200 }), async (steps, ribDelayMs) => {
      const w = await new World({ ribDelayMs }).start();
      const wishes = new Map<number, DesiredRoute>();
      for (const next of steps) await take(w, wishes, next);
      heal(w);
      await w.clock.advance(300_000);
      const there = new Set(w.router.table().map((route) => JSON.stringify(route.key)));
      for (const { key: at, want } of wishes.values()) {
        if (want !== 'asIs') expect([at, there.has(JSON.stringify(at))]).toEqual([at, want === 'present']);
      }
      // And then it is quiet: level means that a second look finds nothing to do.
      const { scripts } = w.router.counts;
      w.reconciler.nudge();
      await w.want(...wishes.values());
      await w.clock.advance(300_000);
      expect(w.router.counts.scripts).toBe(scripts);
      await w.close();
    }),
    { numRuns: 150, seed: 6 },
  );
}, 40_000);

test('the same wishes told a thousand times, in any order, are one script', async () => {
  const w = await new World().start();
  const wishes = ROUTES.map((at) => wish('present', { key: at }));
  for (let i = 0; i < 1000; i++) {
    w.reconciler.setDesired(i % 2 === 0 ? wishes : wishes.toReversed());
    if (i % 50 === 0) await w.clock.advance(20);
  }
  await w.clock.advance(10_000);
  expect(w.router.counts.scripts).toBe(1);
  expect(w.router.counts.lines).toBe(ROUTES.length);
  await w.close();
});

test('a verdict that flips a hundred times while a real router is away leaves one line, the last', async () => {
  const w = await iosWorld({ router: { startup: [OUR_LINE] } });
  w.reconciler.setDesired([iosWish('present')]);
  await until('the session', () => w.reconciler.status().session === 'up');
  w.router.faults.refuseConnections = true;
  w.router.cutSessions();
  await until('its loss', () => w.eventsOf('routerSession').some(({ state }) => state === 'down'));
  for (let i = 0; i <= 100; i++) w.reconciler.setDesired([iosWish(i % 2 === 0 ? 'absent' : 'present')]);
  w.router.faults.refuseConnections = false;
  await w.shows(OUR_LINE, false);
  await until('the proof', () => w.eventsOf('routeChanged')[0]);
  expect(writes(w.router.log)).toEqual(['no ip route 10.0.0.1 255.255.255.255 10.10.10.1']);
});
