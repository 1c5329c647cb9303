/** What a reload must keep and what it must forget, on the whole daemon. */
import { expect, onTestFinished, test } from 'vitest';
import { TrapReceiver } from '../../src/demo/trap-receiver.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { Secret } from '../../src/lib/secret.ts';
import { objectOid } from '../../src/notify/mib.ts';
import type { Policy } from '../../src/policies/policy.ts';
import { anEndpoint, aPolicy, someSettings, World } from './world.ts';

const other = aPolicy({ name: 'web', address: '10.0.0.2', endpoints: [anEndpoint('c', '10.10.10.3')] });
const tagged = (tag: number): Policy => aPolicy({ route: { tag } });

test('a policy that came with a reload and gets another tag with the next keeps its routes as ours', async () => {
  const world = new World(someSettings({ policies: [other] }));
  await world.start();
  await world.daemon.reload(someSettings({ policies: [other, tagged(101)] }));
  await world.clock.advance(3000);
  expect(world.installed()).toEqual(['10.10.10.1', '10.10.10.2']);
  await world.daemon.reload(someSettings({ policies: [other, tagged(102)] }));
  world.answers.set('10.10.10.1', 'refused');
  await world.clock.advance(5000);
  expect(world.eventsOf('routeConflict')).toEqual([]);
  expect(world.installed()).toEqual(['10.10.10.2']);
  await world.daemon.stop('test');
});

test('a policy that came with a reload and goes with the next leaves orphans that are told', async () => {
  const world = new World(someSettings({ policies: [other] }));
  await world.start();
  await world.daemon.reload(someSettings({ policies: [other, tagged(101)] }));
  await world.clock.advance(3000);
  await world.daemon.reload(someSettings({ policies: [other] }));
  await world.clock.advance(40_000);
  expect(world.eventsOf('routeOrphan')).toHaveLength(2);
  await world.daemon.stop('test');
});

test('a probe that ran fast at the reload does not go on so for ever', async () => {
  const world = new World();
  await world.start();
  await world.clock.advance(3000);
  world.answers.set('10.10.10.1', 'refused');
  await world.clock.advance(1010);
  world.answers.clear();
  const reaction = { type: 'immediate' } as const;
  const [check] = aPolicy().health.a?.probes ?? [];
  if (check === undefined) throw new Error('no probe');
  await world.daemon.reload(someSettings({ policies: [aPolicy({ rules: { probes: [{ ...check, reaction }] } })] }));
  world.events.length = 0;
  await world.clock.advance(10_000);
  expect(world.eventsOf('probeResult').length).toBeLessThanOrEqual(21);
  await world.daemon.stop('test');
});

test('a site that was renamed is told by its new name', async () => {
  const receiver = new TrapReceiver(
    { address: '127.0.0.1', community: 'public', names: new Map() },
    { clock: systemClock },
  );
  const { port } = await receiver.start();
  onTestFinished(() => receiver.close());
  const target = { address: '127.0.0.1', port, version: '2c', inform: false, retries: 0, timeoutMs: 1000 } as const;
  const notify = { ...someSettings().notify, snmp: [{ ...target, community: new Secret('public', 'test') }] };
  const world = new World(someSettings({ notify }));
  await world.start();
  await world.daemon.reload(someSettings({ notify, site: 'fra1' }));
  const site = objectOid(notify.baseOid, 'anytrackSite');
  const told = await receiver.waitFor(({ varbinds }) => varbinds.some(({ value }) => value === 'fra1'), 2000);
  expect(told.varbinds.find(({ name }) => name.startsWith(site))?.value).toBe('fra1');
  const stopping = world.daemon.stop('test');
  await world.clock.advance(5000);
  await stopping;
});
