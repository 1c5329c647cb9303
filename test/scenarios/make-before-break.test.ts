/** makeBeforeBreak: a backup goes only when the better endpoint's route is proved on the router. */
import { expect, test } from 'vitest';
import { anEndpoint, aPolicy, someSettings, World } from './world.ts';

const [PRIMARY, BACKUP] = ['10.10.10.1', '10.10.10.2'] as const;

/** A world in which the backup serves and the primary is about to come back. */
async function backupServes(): Promise<World> {
  const endpoints = [anEndpoint('a', PRIMARY), { ...anEndpoint('b', BACKUP), priority: 1 }];
  const world = new World(someSettings({ policies: [aPolicy({ makeBeforeBreak: true, endpoints })] }));
  world.answers.set(PRIMARY, 'refused');
  await world.start();
  await world.clock.advance(4000);
  expect(world.installed()).toEqual([BACKUP]);
  return world;
}

async function stop(world: World): Promise<void> {
  const stopping = world.daemon.stop('test');
  await world.clock.advance(20_000);
  await stopping;
}

test('the primary comes back: its route is there, then the backup goes', async () => {
  const world = await backupServes();
  world.answers.clear();
  await world.clock.advance(2000);
  expect(world.installed()).toEqual([PRIMARY]);
  const order = world.eventsOf('routeChanged').map(({ report: { change } }) => `${change.op} ${change.endpoint}`);
  expect(order).toEqual(['add b', 'add a', 'remove b']);
  await stop(world);
});

test('the router refuses the primary: the backup stays', async () => {
  const world = await backupServes();
  const { edge1 } = world.routers;
  if (edge1 === undefined) throw new Error('no router');
  edge1.faults.refuseLine = ({ change }) => (change?.op === 'add' ? 'rejected' : undefined);
  world.answers.clear();
  await world.clock.advance(60_000);
  expect(world.installed()).toEqual([BACKUP]);
  await stop(world);
});

test('the router cannot resolve the primary: the backup stays, and goes when it can', async () => {
  const world = await backupServes();
  world.routers.edge1?.unreachable.add(PRIMARY);
  world.answers.clear();
  await world.clock.advance(10_000);
  expect(world.installed()).toEqual([BACKUP]);
  world.routers.edge1?.unreachable.clear();
  await world.clock.advance(40_000);
  expect(world.installed()).toEqual([PRIMARY]);
  await stop(world);
});

test('a backup that is down goes at once, whatever becomes of the primary', async () => {
  const world = await backupServes();
  world.routers.edge1?.unreachable.add(PRIMARY);
  world.answers.clear();
  world.answers.set(BACKUP, 'refused');
  await world.clock.advance(2500);
  expect(world.installed()).toEqual([]);
  await stop(world);
});
