import { expect, test } from 'vitest';
import { World } from './world.ts';

/** A world whose router has been out of reach so long that the back-off has grown to its most, and is back now. */
async function backFromALongAbsence(): Promise<World> {
  const world = new World();
  await world.start();
  await world.clock.advance(3000);
  const { edge1 } = world.routers;
  if (edge1 === undefined) throw new Error('no router');
  edge1.faults.refuseOpen = 'refused';
  edge1.cut();
  await world.clock.advance(10 * 60_000);
  // Just after an attempt, so that the next one is as far away as can be.
  const { opens } = edge1.counts;
  while (edge1.counts.opens === opens) await world.clock.advance(100);
  edge1.faults.refuseOpen = undefined;
  return world;
}

test('a new withdrawal does not wait out a long back-off', async () => {
  const world = await backFromALongAbsence();
  world.answers.set('10.10.10.1', 'refused');
  // One slot, one confirmation, and the visit.
  await world.clock.advance(1300);
  expect(world.installed()).toEqual(['10.10.10.2']);
  await world.daemon.stop('test');
});

test('withdrawals that come one after the other do not knock more than once a second', async () => {
  const world = await backFromALongAbsence();
  const { edge1 } = world.routers;
  if (edge1 === undefined) throw new Error('no router');
  edge1.faults.refuseOpen = 'refused';
  const before = edge1.counts.opens;
  for (let i = 0; i < 10; i++) {
    world.answers.set('10.10.10.1', i % 2 === 0 ? 'refused' : 'pass');
    await world.clock.advance(500);
  }
  expect(edge1.counts.opens - before).toBeLessThanOrEqual(6);
  const stopping = world.daemon.stop('test');
  await world.clock.advance(15_000);
  await stopping;
});
