/** Promise 4: at start, after a reload, a stall or a resume, routes stay as found until there is fresh evidence. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/lib/secret.ts';
import { MemoryRouter } from '../../src/routers/memory/router.ts';
import type { Settings } from '../../src/settings/contract.ts';
import { type Answer, anEndpoint, aPolicy, aRouter, someSettings, World } from '../scenarios/world.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { announced, BOTH, changes, ours, routeVia, stop } from './daemon-world.ts';

/** A router on which some of the routes stand already, ours and others'. */
function found(clock: FakeClock, nextHops: readonly string[]): MemoryRouter {
  const routes = nextHops.map((nextHop) => ({
    key: routeVia(nextHop),
    attributes: ours(nextHop.endsWith('1') ? 'a' : 'b'),
  }));
  return new MemoryRouter({ routes }, { clock });
}

/** A world on a clock of its own, with a router that already exists. */
function worldOn(router: (clock: FakeClock) => MemoryRouter, settings: Settings = someSettings()): World {
  // The memory router only asks for the time, so that it may live on another clock than the world's.
  return new World(settings, { edge1: router(new FakeClock()) });
}

describe('at a start', () => {
  const answer = fc.constantFrom<Answer>('hang', 'refused', { error: 'resource-limit' });

  test('whatever stands there, whatever the endpoints do, no line before the first verdict', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.subarray([...BOTH, '10.10.10.3']),
        fc.tuple(answer, answer),
        fc.constantFrom('report', 'remove'),
        async (standing, answers, orphans) => {
          // An orphan (10.10.10.3) is nobody's business of this promise: it has a policy's word, namely none.
          const kept = orphans === 'remove' ? standing.filter((hop) => hop !== '10.10.10.3') : standing;
          const world = worldOn((clock) => found(clock, kept), someSettings({ orphans }));
          for (const [i, address] of BOTH.entries()) world.answers.set(address, answers[i] ?? 'hang');
          await world.start();
          while (world.eventsOf('verdictChanged').every(({ verdict }) => verdict.action === 'hold')) {
            expect(world.routers.edge1?.counts.scripts).toBe(0);
            if (world.clock.now() > 5000) break;
            await world.clock.advance(10);
          }
          await stop(world);
        },
      ),
      { numRuns: 30, seed: 5 },
    );
  });

  test('a router that comes late, long after the verdicts, is adopted, not rebuilt', async () => {
    const world = worldOn((clock) => found(clock, BOTH));
    const { edge1 } = world.routers;
    if (edge1 === undefined) throw new Error('no router');
    edge1.faults.refuseOpen = 'refused';
    await world.start();
    await world.clock.advance(60_000);
    edge1.faults.refuseOpen = undefined;
    await world.clock.advance(60_000);
    expect(world.installed()).toEqual(BOTH);
    expect(edge1.counts.scripts).toBe(0);
    await stop(world);
  });
});

describe('after a reload of the configuration', () => {
  const resolver = aPolicy();
  const web = aPolicy({ name: 'web', address: '10.0.0.2', endpoints: [anEndpoint('c', '10.10.10.3')] });

  test('with every endpoint hanging, nothing moves before the new verdict', async () => {
    const world = await announced();
    const scripts = world.routers.edge1?.counts.scripts;
    for (const address of BOTH) world.answers.set(address, 'hang');
    await world.daemon.reload(someSettings({ policies: [aPolicy({ description: 'changed' })] }));
    world.events.length = 0;
    while (world.eventsOf('verdictChanged').every(({ verdict }) => verdict.action === 'hold')) {
      expect(world.routers.edge1?.counts.scripts).toBe(scripts);
      await world.clock.advance(10);
    }
    await stop(world);
  });

  test.each([
    ['another tag of the mark', { mark: { tag: 4300, name: 'anytrack' } }],
    ['a wider anycast space', { anycastPrefixes: ['10.0.0.0/23'] }],
    ['another router entry', { routers: [{ ...aRouter('edge1'), commandTimeoutMs: 900 }] }],
  ])('%s, in which all starts anew while our own side fails: nothing is withdrawn', async (_name, difference) => {
    const world = await announced();
    for (const address of BOTH) world.answers.set(address, { error: 'resource-limit' });
    await world.daemon.reload(someSettings(difference));
    await world.clock.advance(60_000);
    expect(world.installed()).toEqual(BOTH);
    expect(changes(world)).toEqual([]);
    await stop(world);
  });

  test('orphans are removed, the NMS is replaced, another policy moves meanwhile: the changed policy keeps its routes', async () => {
    // A dead NMS delays the end of the old notifier; whatever the reload waits for must not leave a policy without a voice.
    const nms = (port: number): Settings['notify'] => ({
      ...someSettings().notify,
      snmp: [
        {
          address: '127.0.0.1',
          port,
          version: '2c',
          community: new Secret('public', 'test'),
          inform: true,
          retries: 5,
          timeoutMs: 1000,
        },
      ],
    });
    const before = someSettings({ orphans: 'remove', policies: [resolver, web], notify: nms(9) });
    const world = await announced(before);
    world.answers.set('10.10.10.3', 'refused');
    const reloading = world.daemon.reload(
      someSettings({ orphans: 'remove', policies: [aPolicy({ description: 'changed' }), web], notify: nms(19) }),
    );
    await world.clock.advance(2_500);
    for (const address of BOTH) world.answers.set(address, { error: 'resource-limit' });
    await world.clock.advance(20_000);
    await reloading;
    await world.clock.advance(60_000);
    expect(changes(world).filter((change) => BOTH.some((hop) => change.endsWith(hop)))).toEqual([]);
    expect(world.installed()).toEqual(BOTH);
    await stop(world);
  });
});

describe('after a stall or a resume', () => {
  test.each([5_000, 60_000, 8 * 3_600_000])(
    'suspended for %i ms while all endpoints hang: nothing before fresh evidence',
    async (ms) => {
      const world = await announced();
      const scripts = world.routers.edge1?.counts.scripts;
      for (const address of BOTH) world.answers.set(address, 'hang');
      await world.clock.advance(50);
      world.clock.stall(ms);
      // Awake again; the endpoints too. One timeout (300 ms) has not passed since, so that nothing can be known yet.
      await world.clock.advance(250);
      expect(world.routers.edge1?.counts.scripts).toBe(scripts);
      world.answers.clear();
      await world.clock.advance(10_000);
      expect(changes(world)).toEqual([]);
      expect(world.installed()).toEqual(BOTH);
      await stop(world);
    },
  );

  test('asleep for a night, the routes were changed by hand meanwhile: they are put right only by fresh evidence', async () => {
    const world = await announced();
    const { edge1 } = world.routers;
    world.clock.stall(8 * 3_600_000);
    edge1?.edit(routeVia('10.10.10.1'), undefined);
    for (const address of BOTH) world.answers.set(address, { error: 'no-route' });
    await world.clock.advance(120_000);
    expect(world.installed()).toEqual(['10.10.10.2']);
    world.answers.clear();
    await world.clock.advance(60_000);
    expect(world.installed()).toEqual(BOTH);
    await stop(world);
  });
});

describe('killed and started again', () => {
  test('at any moment, any number of times: a router that is as it should be sees no line', async () => {
    const first = await announced();
    const router = first.routers.edge1;
    if (router === undefined) throw new Error('no router');
    const { lines } = router.counts;
    for (const aliveMs of [0, 1, 50, 100, 299, 1000, 2500]) {
      const again = new World(someSettings(), { edge1: router });
      await again.start();
      await again.clock.advance(aliveMs);
      // Killed: nobody closes anything, its sessions just end.
      router.cut();
      expect(router.counts.lines).toBe(lines);
    }
    expect(first.installed()).toEqual(BOTH);
  });
});
