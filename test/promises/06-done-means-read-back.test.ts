/** Promise 6: only what the configuration and the RIB show is reported as done; the prefix that came back is compared. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rib } from '../../src/demo/ios-router/rib.ts';
import type { SimulatedIosRouter } from '../../src/demo/ios-router/router.ts';
import type { ObservedRoute } from '../../src/model.ts';
import { key, OURS, World, wish } from '../routers/reconciler-world.ts';
import { wish as iosWish, iosWorld, KEY, OUR_LINE } from './ios-world.ts';
import { until } from './until.ts';

/** Whether the simulated router itself has the route, in the configuration and in its RIB. */
function truth({ device }: SimulatedIosRouter) {
  const { prefix, nextHop } = KEY;
  const configured = device.running.some((route) => route.prefix === prefix && route.nextHop === nextHop);
  const entry = rib(device, 'default', 4).find((route) => route.prefix === prefix);
  return { configured, installed: entry?.paths.some((path) => path.nextHop === nextHop) ?? false };
}

/** A router on which 10.0.0.0/24 is learnt from OSPF: asked for 10.0.0.1, it always has an answer. */
const COVERED = { learned: [{ vrf: 'default', prefix: '10.0.0.0/24', nextHop: '10.10.10.1' }] };

describe('a real command line that lies', () => {
  test.each<[string, (router: SimulatedIosRouter) => void, (router: SimulatedIosRouter) => void]>([
    [
      'says ok and does nothing',
      ({ faults }) => Object.assign(faults, { ignoreWrites: true }),
      ({ faults }) => Object.assign(faults, { ignoreWrites: false }),
    ],
    [
      'configures and installs nothing, under a covering route by the same next hop',
      ({ faults }) => Object.assign(faults, { nextHopsUnreachable: true }),
      ({ faults }) => Object.assign(faults, { nextHopsUnreachable: false }),
    ],
    [
      'has its interface down',
      (router) => router.setInterface('GigabitEthernet1', false),
      (router) => router.setInterface('GigabitEthernet1', true),
    ],
  ])('%s: not done before it is there', async (_name, lie, mend) => {
    const w = await iosWorld({ router: COVERED, reconciler: { timing: FAST } });
    lie(w.router);
    w.reconciler.setDesired([iosWish('present')]);
    const failed = await until('the failure', () => w.eventsOf('routeFailed')[0]);
    expect(failed.report).toMatchObject({ code: 'not-applied', readBack: truth(w.router) });
    expect(w.eventsOf('routeChanged')).toEqual([]);
    mend(w.router);
    const done = await until('the change', () => w.eventsOf('routeChanged')[0]);
    expect(done.report.readBack).toEqual({ configured: true, installed: true });
    expect(truth(w.router)).toEqual({ configured: true, installed: true });
  });

  test('a withdrawal that is answered ok and not done is not done', async () => {
    const w = await iosWorld({ router: { ...COVERED, startup: [OUR_LINE] }, reconciler: { timing: FAST } });
    w.router.faults.ignoreWrites = true;
    w.reconciler.setDesired([iosWish('absent')]);
    await until('the failure', () => w.eventsOf('routeFailed')[0]);
    expect(w.eventsOf('routeChanged')).toEqual([]);
    w.router.faults.ignoreWrites = false;
    await until('the change', () => w.eventsOf('routeChanged')[0]);
    expect(truth(w.router)).toEqual({ configured: false, installed: false });
  });

  test('after a withdrawal the covering route answers for the address, by the same next hop: that is not our route', async () => {
    const w = await iosWorld({ router: { ...COVERED, startup: [OUR_LINE] } });
    w.reconciler.setDesired([iosWish('absent')]);
    const done = await until('the change', () => w.eventsOf('routeChanged')[0]);
    expect(done.report).toMatchObject({ outcome: 'done', readBack: { configured: false, installed: false } });
    expect(w.eventsOf('routeFailed')).toEqual([]);
  });

  test('before it is there the covering route answers too: that is not our route either', async () => {
    const w = await iosWorld({ router: COVERED });
    w.reconciler.setDesired([iosWish('asIs')]);
    await until('the first pass', () => w.reconciler.status().session === 'up');
    await w.reconciler.settled(AbortSignal.timeout(5000));
    expect(w.reconciler.status().observed).toEqual([]);
  });

  test.each(['after', 'before'] as const)(
    'the session breaks %s the write: done means read in the next session',
    async (when) => {
      const w = await iosWorld();
      w.router.faults.loseSession = { when, on: /^ip route/, times: 1 };
      w.reconciler.setDesired([iosWish('present')]);
      const { at, report } = await until('the change', () => w.eventsOf('routeChanged')[0]);
      const up = w.eventsOf('routerSession').findLast(({ state }) => state === 'up');
      expect(at).toBeGreaterThanOrEqual(up?.at ?? Number.POSITIVE_INFINITY);
      expect(report.detail).toMatch(/the session was lost/);
      expect(truth(w.router)).toEqual({ configured: true, installed: true });
    },
  );
});

const FAST = { verifyMs: 100, retry: { firstMs: 20, maxMs: 50 }, watch: { firstMs: 20, maxMs: 50 } };

describe('any liar', () => {
  /** What a read shows in the place of the truth. */
  const LIES: Readonly<Record<string, (routes: readonly ObservedRoute[]) => readonly ObservedRoute[]>> = {
    'the covering prefix': (routes) =>
      routes.map((route) => ({ ...route, key: { ...route.key, prefix: '10.0.0.0/24' } })),
    'the next address': (routes) => routes.map((route) => ({ ...route, key: { ...route.key, prefix: '10.0.0.2/32' } })),
    'another next hop': (routes) => routes.map((route) => ({ ...route, key: { ...route.key, nextHop: '192.0.2.77' } })),
    'another table': (routes) => routes.map((route) => ({ ...route, key: { ...route.key, vrf: 'BLUE' } })),
    'no tag': (routes) => routes.map((route) => ({ ...route, attributes: {} })),
    'another tag': (routes) => routes.map((route) => ({ ...route, attributes: { ...route.attributes, tag: 7 } })),
    'nothing in the RIB': (routes) => routes.map((route) => ({ ...route, installed: false })),
    'nothing in the configuration': (routes) => routes.map((route) => ({ ...route, configured: false })),
    nothing: () => [],
  };

  test.each(Object.keys(LIES))('that shows %s: an addition is not done', async (name) => {
    const w = await new World().start();
    w.router.faults.lie = LIES[name];
    await w.want(wish('present'));
    await w.clock.advance(60_000);
    expect(w.events.filter(({ type }) => type === 'routeChanged')).toEqual([]);
    expect(w.events.some(({ type }) => type === 'routeFailed' || type === 'routeConflict')).toBe(true);
    w.router.faults.lie = undefined;
    await w.clock.advance(130_000);
    expect(w.table()).toEqual(['10.0.0.1/32 192.0.2.1 tag 4200 configured installed']);
    await w.close();
  });

  /** A router that keeps what it showed of the route, each time it was read. */
  function watched(w: World): string[] {
    const shown: string[] = [];
    w.router.faults.lie = (routes) => {
      const { configured = false, installed = false } = routes[0] ?? {};
      shown.push(JSON.stringify({ configured, installed }));
      return routes;
    };
    return shown;
  }

  const FAULTS: Readonly<Record<string, (w: World) => unknown>> = {
    none: () => undefined,
    ignore: ({ router }) => Object.assign(router.faults, { ignoreScripts: 1 }),
    cut: ({ router }) => router.cut(),
    reload: ({ router }) => router.reload(),
    unreachable: ({ router }) => router.unreachable.add('192.0.2.1'),
    reachable: ({ router }) => router.unreachable.clear(),
    edit: ({ router }) => router.edit(key(), OURS),
  };

  test('what is told as done was read from the router: any delay of the RIB, writes ignored, reloads, cuts', async () => {
    const step = fc.record({
      want: fc.constantFrom('present', 'absent'),
      fault: fc.constantFrom(...Object.keys(FAULTS)),
      waitMs: fc.integer({ min: 0, max: 2000 }),
    });
    let told = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), fc.nat({ max: 1500 }), async (steps, ribDelayMs) => {
        const w = await new World({ ribDelayMs }).start();
        const shown = watched(w);
        for (const { want, fault, waitMs } of steps) {
          shown.length = 0;
          FAULTS[fault]?.(w);
          await w.want(wish(want));
          await w.clock.advance(waitMs);
          for (const event of w.events.splice(0)) {
            if (event.type !== 'routeChanged') continue;
            const there = event.report.change.op === 'add';
            expect(event.report.readBack).toEqual({ configured: there, installed: there });
            expect(shown).toContain(JSON.stringify(event.report.readBack));
            told += 1;
          }
        }
        await w.close();
      }),
      { numRuns: 100, seed: 7 },
    );
    expect(told).toBeGreaterThan(100);
  }, 30_000);
});
