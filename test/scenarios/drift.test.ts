import { expect, test } from 'vitest';
import { World } from './world.ts';

/** FRR takes a prefix out of the RIB and in again when one of its next hops goes; seen in the lab. */
test('a sibling that flickers in the RIB while a route is withdrawn is no drift', async () => {
  const world = new World();
  await world.start();
  await world.clock.advance(3000);
  const { edge1 } = world.routers;
  if (edge1 === undefined) throw new Error('no router');
  const before = edge1.counts.scripts;
  let flickers = 1;
  edge1.faults.lie = (routes) => {
    if (edge1.counts.scripts === before || flickers-- <= 0) return routes;
    return routes.map((route) => ({ ...route, installed: false }));
  };
  world.answers.set('10.10.10.1', 'refused');
  await world.clock.advance(120_000);
  expect(world.installed()).toEqual(['10.10.10.2']);
  expect(flickers).toBeLessThan(1);
  expect(world.eventsOf('routeDrift')).toEqual([]);
  await world.daemon.stop('test');
});
