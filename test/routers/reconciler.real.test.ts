import { afterAll, beforeAll, describe, expect } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { DesiredRoute } from '../../src/model.ts';
import type { AnytrackEvent, ChangeReport } from '../../src/notify/contract.ts';
import { frr } from '../../src/routers/cli/frr.ts';
import { Reconciler } from '../../src/routers/reconciler.ts';
import { createSshDriver } from '../../src/routers/ssh/driver.ts';
import { FRR_NEEDS, type FrrRouter, startFrr } from '../support/frr.ts';
import { missing, realTest } from '../support/real.ts';

const ANYCAST = ['10.9.0.0/16'];

describe('a reconciler on a real FRRouting router', () => {
  let router: FrrRouter;
  let reconciler: Reconciler;
  const events: AnytrackEvent[] = [];

  beforeAll(async () => {
    if (missing(FRR_NEEDS) !== undefined) return;
    router = await startFrr();
    const deps = { clock: systemClock, random: systemRandom };
    reconciler = new Reconciler(
      { router: router.settings, mark: { tag: 4200, name: 'anytrack' }, anycastPrefixes: ANYCAST, orphans: 'report' },
      {
        ...deps,
        driver: createSshDriver(router.settings, frr, ANYCAST, deps),
        platform: frr,
        emit: (event) => events.push(event),
      },
    );
    reconciler.start(new AbortController().signal);
    await want();
  });
  afterAll(async () => {
    await reconciler?.close();
    await router?.close();
  });

  /** Tells the wishes and waits until they are proved; the reports of the changes. */
  async function want(...routes: DesiredRoute[]): Promise<ChangeReport[]> {
    events.length = 0;
    reconciler.setDesired(routes);
    await reconciler.settled(AbortSignal.timeout(20_000));
    return reports();
  }
  const reports = () =>
    events.flatMap((event) => (event.type === 'routeChanged' || event.type === 'routeFailed' ? [event.report] : []));

  realTest('one change goes out at once and is proved in configuration and RIB', FRR_NEEDS, async () => {
    const totals: number[] = [];
    for (let i = 0; i < 10; i++) {
      const [report] = await want(wish(i % 2 === 0 ? 'present' : 'absent'));
      expect(report).toMatchObject({ outcome: 'done', change: { op: i % 2 === 0 ? 'add' : 'remove' } });
      expect(router.kernelRoutes().includes('10.9.0.1 ')).toBe(i % 2 === 0);
      // The queue step is the wait for the end of the 50 ms in which changes are gathered.
      const steps = report?.steps.filter(({ name }) => name !== 'queue') ?? [];
      totals.push(steps.reduce((sum, { ms }) => sum + ms, 0));
    }
    const median = totals.toSorted((a, b) => a - b)[5] ?? 0;
    console.log(`observe, apply and read-back of one route: median ${median.toFixed(1)} ms`);
    expect(median).toBeLessThan(200);
  });

  realTest('500 routes in few visits, all proved, and gone again', FRR_NEEDS, async () => {
    const many = (want: 'present' | 'absent') =>
      Array.from({ length: 500 }, (_, i) => wish(want, `10.9.${16 + (i >> 8)}.${i & 255}/32`));
    for (const [wanted, op] of [
      ['present', 'add'],
      ['absent', 'remove'],
    ] as const) {
      const begun = systemClock.now();
      const done = await want(...many(wanted));
      console.log(`500 times ${op}: proved after ${(systemClock.now() - begun).toFixed(0)} ms`);
      expect(done.filter(({ outcome, change }) => outcome === 'done' && change.op === op)).toHaveLength(500);
      expect(done).toHaveLength(500);
    }
  });

  realTest('promise 2: a foreign route is a conflict, also one that only shares the prefix', FRR_NEEDS, async () => {
    router.vtysh('configure terminal', 'ip route 10.9.0.2/32 10.255.0.9 tag 77');
    await want(wish('present', '10.9.0.2/32'));
    expect(events).toMatchObject([{ type: 'routeConflict', detail: expect.stringContaining('share one tag') }]);
    expect(router.vtysh('show running-config')).toContain('ip route 10.9.0.2/32 10.255.0.9 tag 77');
    router.vtysh('configure terminal', 'no ip route 10.9.0.2/32 10.255.0.9');
  });

  realTest('a cut session and a restarted staticd: everything is asserted again', FRR_NEEDS, async () => {
    await want(wish('present'));
    router.cutSessions();
    await router.restartStaticd();
    reconciler.nudge();
    await reconciler.settled(AbortSignal.timeout(20_000));
    expect(events.map(({ type }) => type)).toContain('routerSession');
    expect(router.kernelRoutes()).toContain('10.9.0.1 ');
  });

  realTest('promise 6: a next hop that cannot be reached is configured and not done', FRR_NEEDS, async () => {
    events.length = 0;
    reconciler.setDesired([
      { ...wish('present', '10.9.0.3/32'), key: { vrf: 'default', prefix: '10.9.0.3/32', nextHop: '203.0.113.9' } },
    ]);
    const limit = systemClock.now() + 5_000;
    while (reports().length === 0 && systemClock.now() < limit) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(reports()).toMatchObject([
      { outcome: 'failed', code: 'not-applied', readBack: { configured: true, installed: false } },
    ]);
  });
});

function wish(want: DesiredRoute['want'], prefix = '10.9.0.1/32'): DesiredRoute {
  return {
    key: { vrf: 'default', prefix, nextHop: '10.255.0.2' },
    attributes: {},
    want,
    policy: 'resolver',
    endpoint: 'ns1',
    reason: want === 'present' ? 'endpoint-up' : 'endpoint-down',
  };
}
