/** A planned stop carries out what was decided, whatever stands in its way. */
import { expect, test } from 'vitest';
import { aPolicy, someSettings, World } from './world.ts';

async function announced(settings = someSettings()): Promise<World> {
  const world = new World(settings);
  await world.start();
  await world.clock.advance(3000);
  expect(world.installed()).toEqual(['10.10.10.1', '10.10.10.2']);
  return world;
}

test('a probe that never ends does not hold the stop up: `onStop: withdraw` is carried out', async () => {
  const world = await announced(someSettings({ policies: [aPolicy({ onStop: 'withdraw' })] }));
  world.answers.set('10.10.10.1', 'never');
  await world.clock.advance(1500);
  const stopping = world.daemon.stop('test');
  await world.clock.advance(5000);
  expect(world.installed()).toEqual([]);
  await world.clock.advance(15_000);
  await stopping;
});

test('`onStop: hold` lets a withdrawal finish that the router has yet to take', async () => {
  const world = await announced();
  const { edge1 } = world.routers;
  if (edge1 === undefined) throw new Error('no router');
  edge1.faults.lockedScripts = 2;
  world.answers.set('10.10.10.1', 'refused');
  await world.clock.advance(1200);
  expect(world.eventsOf('verdictChanged').at(-1)?.verdict).toMatchObject({ endpoint: 'a', action: 'withdraw' });
  expect(world.installed()).toEqual(['10.10.10.1', '10.10.10.2']);
  const stopping = world.daemon.stop('test');
  await world.clock.advance(5000);
  await stopping;
  expect(world.installed()).toEqual(['10.10.10.2']);
});

test('a route that the router has and cannot use holds up no stop: there is nothing left to write', async () => {
  const world = new World();
  world.routers.edge1?.unreachable.add('10.10.10.1');
  await world.start();
  await world.clock.advance(5000);
  expect(world.installed()).toEqual(['10.10.10.2']);
  let stopped = false;
  const stopping = world.daemon.stop('test').then(() => {
    stopped = true;
  });
  await world.clock.advance(1500);
  expect(stopped).toBe(true);
  await world.clock.advance(15_000);
  await stopping;
});
