/** The whole daemon on a fake clock with memory routers: the promises of DESIGN.md, each attacked. */
import { describe, expect, test } from 'vitest';
import type { RouteAttributes } from '../../src/model.ts';
import { MemoryRouter } from '../../src/routers/memory/router.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { anEndpoint, aPolicy, aRouter, someSettings, World } from './world.ts';

const OURS = (endpoint: string): RouteAttributes => ({ tag: 4200, name: `anytrack-resolver-${endpoint}` });
const ROUTE = (nextHop: string) => ({ vrf: 'default', prefix: '10.0.0.1/32', nextHop });

/** A world in which both routes were announced already. */
async function announced(settings = someSettings()): Promise<World> {
  const world = new World(settings);
  await world.start();
  await world.clock.advance(3000);
  expect(world.installed()).toEqual(['10.10.10.1', '10.10.10.2']);
  world.events.length = 0;
  return world;
}

describe('the main job', () => {
  test('routes appear after enough passes, each read back', async () => {
    const world = new World();
    await world.start();
    expect(world.installed()).toEqual([]);
    await world.clock.advance(3000);
    expect(world.installed()).toEqual(['10.10.10.1', '10.10.10.2']);
    expect(world.eventsOf('routeChanged').map(({ report }) => [report.change.op, report.readBack])).toEqual([
      ['add', { configured: true, installed: true }],
      ['add', { configured: true, installed: true }],
    ]);
    await world.daemon.stop('test');
  });

  test('a hanging endpoint is withdrawn by its second failure, one fast interval after the first', async () => {
    const world = await announced();
    world.answers.set('10.10.10.1', 'hang');
    // One slot (1 s), then suspicion at the threshold (100 ms), a confirmation run, its timeout (300 ms).
    await world.clock.advance(1000 + 100 + 300 + 100);
    expect(world.installed()).toEqual(['10.10.10.2']);
    const [change] = world.eventsOf('trackChanged');
    expect(change).toMatchObject({ endpoint: 'a', from: 'up', track: { state: 'down' }, up: 1, total: 2 });
    await world.daemon.stop('test');
  });

  test('mended, it comes back after `rise` passes', async () => {
    const world = await announced();
    world.answers.set('10.10.10.1', 'refused');
    await world.clock.advance(2000);
    expect(world.installed()).toEqual(['10.10.10.2']);
    world.answers.set('10.10.10.1', 'pass');
    await world.clock.advance(2000);
    expect(world.installed()).toEqual(['10.10.10.1', '10.10.10.2']);
    await world.daemon.stop('test');
  });
});

describe('promise 2: only ours', () => {
  test('a route of somebody else with our prefix and next hop stays, whatever the endpoint does', async () => {
    const clock = new FakeClock();
    const router = new MemoryRouter({ routes: [{ key: ROUTE('10.10.10.1'), attributes: { tag: 7 } }] }, { clock });
    const world = new World(someSettings(), { edge1: router });
    world.answers.set('10.10.10.1', 'refused');
    await world.start();
    await world.clock.advance(5000);
    expect(router.table().find(({ key }) => key.nextHop === '10.10.10.1')?.attributes).toEqual({ tag: 7 });
    expect(world.eventsOf('routeConflict')).toHaveLength(1);
    await world.daemon.stop('test');
  });
});

describe('promise 3: unknown is not down', () => {
  test.each(['resource-limit', 'no-source-address', 'no-route', 'permission', 'resolver', 'internal'] as const)(
    'an hour of our own trouble (%s) on every probe withdraws nothing',
    async (error) => {
      const world = await announced();
      for (const address of ['10.10.10.1', '10.10.10.2']) world.answers.set(address, { error });
      await world.clock.advance(60 * 60_000);
      expect(world.installed()).toEqual(['10.10.10.1', '10.10.10.2']);
      expect(world.eventsOf('routeChanged')).toEqual([]);
      await world.daemon.stop('test');
    },
    60_000,
  );

  test('our own trouble does not announce either', async () => {
    const world = new World();
    for (const address of ['10.10.10.1', '10.10.10.2']) world.answers.set(address, { error: 'resource-limit' });
    await world.start();
    await world.clock.advance(60_000);
    expect(world.installed()).toEqual([]);
    await world.daemon.stop('test');
  });

  test('a stalled event loop: what failed meanwhile is our error, and nothing moves', async () => {
    const world = await announced();
    world.answers.set('10.10.10.1', 'hang');
    world.answers.set('10.10.10.2', 'hang');
    await world.clock.advance(950);
    world.clock.stall(30_000);
    world.answers.clear();
    await world.clock.advance(5000);
    expect(world.eventsOf('proberStalled').length).toBeGreaterThan(0);
    expect(world.eventsOf('routeChanged')).toEqual([]);
    expect(world.installed()).toEqual(['10.10.10.1', '10.10.10.2']);
    await world.daemon.stop('test');
  });
});

describe('promise 4: no verdict, no change', () => {
  test('at the start existing routes stay until there is evidence, also against endpoints that hang', async () => {
    const clock = new FakeClock();
    const routes = ['a', 'b'].map((name, i) => ({ key: ROUTE(`10.10.10.${i + 1}`), attributes: OURS(name) }));
    const world = new World(someSettings(), { edge1: new MemoryRouter({ routes }, { clock }) });
    world.answers.set('10.10.10.1', 'hang');
    await world.start();
    await world.clock.advance(250);
    expect(world.installed()).toEqual(['10.10.10.1', '10.10.10.2']);
    await world.clock.advance(3000);
    expect(world.installed()).toEqual(['10.10.10.2']);
    await world.daemon.stop('test');
  });

  test('killed and started again: the router sees no line at all', async () => {
    const first = await announced();
    const router = first.routers.edge1;
    if (router === undefined) throw new Error('no router');
    const lines = router.counts.lines;
    const scripts = router.counts.scripts;
    const again = new World(someSettings(), { edge1: router });
    await again.start();
    await again.clock.advance(10_000);
    expect([router.counts.lines, router.counts.scripts]).toEqual([lines, scripts]);
    await again.daemon.stop('test');
    await first.daemon.stop('test');
  });
});

describe('promise 4: after a resume', () => {
  test('what was known before the host slept for an hour is stale: nothing is done before there is fresh evidence', async () => {
    const world = await announced();
    world.routers.edge1?.edit(ROUTE('10.10.10.2'), undefined);
    for (const address of ['10.10.10.1', '10.10.10.2']) world.answers.set(address, { error: 'no-route' });
    world.clock.suspend(3_600_000);
    await world.clock.advance(100);
    world.routers.edge1?.cut();
    await world.clock.advance(2500);
    expect(world.installed()).toEqual(['10.10.10.1']);
    expect(world.eventsOf('trackChanged').map(({ track }) => track.reason)).toEqual(['stale', 'stale']);
    world.answers.clear();
    await world.clock.advance(4000);
    expect(world.installed()).toEqual(['10.10.10.1', '10.10.10.2']);
    await world.daemon.stop('test');
  });

  test('a sleep shorter than `staleAfter` only ages the evidence', async () => {
    const world = await announced();
    world.clock.suspend(1100);
    await world.clock.advance(5000);
    expect(world.eventsOf('proberStalled')).toHaveLength(1);
    expect(world.eventsOf('trackChanged')).toEqual([]);
    await world.daemon.stop('test');
  });
});

describe('promise 5: level, not edge', () => {
  test('with nothing new, hours of cycles send nothing', async () => {
    const world = await announced();
    const scripts = world.routers.edge1?.counts.scripts;
    await world.clock.advance(2 * 60 * 60_000);
    expect(world.routers.edge1?.counts.scripts).toBe(scripts);
    await world.daemon.stop('test');
  }, 60_000);

  test('a verdict that fell while the router was out of reach is carried out when it is back', async () => {
    const world = await announced();
    const { edge1 } = world.routers;
    if (edge1 === undefined) throw new Error('no router');
    edge1.faults.refuseOpen = 'refused';
    edge1.cut();
    world.answers.set('10.10.10.1', 'refused');
    await world.clock.advance(20_000);
    expect(world.installed()).toEqual(['10.10.10.1', '10.10.10.2']);
    edge1.faults.refuseOpen = undefined;
    await world.clock.advance(120_000);
    expect(world.installed()).toEqual(['10.10.10.2']);
    await world.daemon.stop('test');
  });
});

describe('promise 7: the trouble of one router is its own', () => {
  test('one router never answers, the other is served as if it were alone', async () => {
    const settings = someSettings({
      routers: [aRouter('edge1'), aRouter('edge2')],
      policies: [aPolicy({ routers: ['edge1', 'edge2'] })],
    });
    const world = await announced(settings);
    const { edge1 } = world.routers;
    if (edge1 === undefined) throw new Error('no router');
    edge1.faults.frozen = true;
    world.answers.set('10.10.10.1', 'refused');
    await world.clock.advance(1200);
    expect(world.installed('edge2')).toEqual(['10.10.10.2']);
    const [change] = world.eventsOf('routeChanged').filter(({ report }) => report.router === 'edge2');
    const [down] = world.eventsOf('trackChanged');
    expect((change?.at ?? 0) - (down?.at ?? 0)).toBeLessThan(50);
    const stopping = world.daemon.stop('test');
    await world.clock.advance(15_000);
    await stopping;
  });
});

describe('promise 9: a change to one policy disturbs no other', () => {
  const other = aPolicy({
    name: 'web',
    address: '10.0.0.2',
    endpoints: [anEndpoint('c', '10.10.10.3')],
  });

  test('a reload that changes one policy leaves the other alone, and the changed one as found', async () => {
    const settings = someSettings({ policies: [aPolicy(), other] });
    const world = await announced(settings);
    const scripts = world.routers.edge1?.counts.scripts;
    const changed = aPolicy({ description: 'changed', pool: { minHealthy: { up: 2, down: 1 }, announce: 'each' } });
    await world.daemon.reload(someSettings({ policies: [changed, other] }));
    await world.clock.advance(10_000);
    expect(world.eventsOf('trackChanged').map(({ policy }) => policy)).not.toContain('web');
    expect(world.eventsOf('verdictChanged').map(({ policy }) => policy)).not.toContain('web');
    expect(world.routers.edge1?.counts.scripts).toBe(scripts);
    expect(world.eventsOf('configReloaded')[0]?.changed).toEqual(['policy changed: resolver']);
    await world.daemon.stop('test');
  });

  test('a removed policy leaves its routes and tells of them; an added one starts from what is there', async () => {
    const world = await announced(someSettings({ policies: [aPolicy(), other] }));
    await world.daemon.reload(someSettings({ policies: [other] }));
    await world.clock.advance(40_000);
    expect(world.installed()).toEqual(['10.10.10.1', '10.10.10.2']);
    expect(world.eventsOf('routeOrphan')).toHaveLength(2);
    await world.daemon.reload(someSettings({ policies: [aPolicy(), other] }));
    await world.clock.advance(10_000);
    expect(world.eventsOf('routeChanged')).toEqual([]);
    await world.daemon.stop('test');
  });

  test('a refused configuration is told, and nothing else happens', async () => {
    const world = await announced();
    world.daemon.rejected(['config/anytrack.yaml:1:1 site: missing']);
    await world.clock.advance(5000);
    expect(world.events.filter(({ type }) => type !== 'probeResult').map(({ type }) => type)).toEqual([
      'configRejected',
    ]);
    await world.daemon.stop('test');
  });
});

describe('a planned stop', () => {
  test('onStop: hold leaves every route', async () => {
    const world = await announced();
    await world.daemon.stop('test');
    expect(world.installed()).toEqual(['10.10.10.1', '10.10.10.2']);
    expect(world.clock.pending).toBe(0);
  });

  test('onStop: withdraw takes them away before the sessions close', async () => {
    const world = await announced(someSettings({ policies: [aPolicy({ onStop: 'withdraw' })] }));
    const stopping = world.daemon.stop('test');
    await world.clock.advance(1000);
    await stopping;
    expect(world.installed()).toEqual([]);
  });

  test('a router that does not answer holds the stop up for a limited time', async () => {
    const world = await announced(someSettings({ policies: [aPolicy({ onStop: 'withdraw' })] }));
    const { edge1 } = world.routers;
    if (edge1 === undefined) throw new Error('no router');
    edge1.faults.frozen = true;
    let stopped = false;
    const stopping = world.daemon.stop('test').then(() => {
      stopped = true;
    });
    await world.clock.advance(15_000);
    await stopping;
    expect(stopped).toBe(true);
  });
});

describe('promise 11: every change is explained', () => {
  test('evidence, thresholds, lines, replies, read-back and times are in the events', async () => {
    const world = await announced();
    world.answers.set('10.10.10.1', 'servfail');
    await world.clock.advance(2000);
    const [track] = world.eventsOf('trackChanged');
    expect(track?.evidence.map(({ result }) => result.outcome === 'fail' && result.cause)).toEqual([
      'servfail',
      'servfail',
    ]);
    expect(track?.thresholds).toBe('check: consecutive fall 2 rise 2; combine all');
    const [change] = world.eventsOf('routeChanged');
    expect(change?.report.sent.map(({ sent }) => sent)).toContain('no route 10.0.0.1/32 via 10.10.10.1');
    expect(change?.report.readBack).toEqual({ configured: false, installed: false });
    expect(change?.report.steps.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['observe', 'apply', 'readBack']),
    );
    expect(change?.report.change.reason).toBe('endpoint-down');
    await world.daemon.stop('test');
  });
});
