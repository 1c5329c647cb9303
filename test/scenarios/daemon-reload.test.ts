/** What a reload must keep and what it must forget, on the whole daemon. */
import { expect, test } from 'vitest';
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
