/** What `plan` shows is what the daemon sends. */
import { expect, test } from 'vitest';
import { planRoutes } from '../../src/daemon/plan.ts';
import { MemoryRouter } from '../../src/routers/memory/router.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { aPolicy, someSettings, World } from './world.ts';

const route = (nextHop: string, attributes: { readonly tag: number; readonly name: string }) => ({
  key: { vrf: 'default', prefix: '10.0.0.1/32', nextHop },
  attributes,
});

/** The lines that `plan` shows for the first router. */
async function planned(world: World, settings = someSettings()): Promise<readonly string[]> {
  const planning = planRoutes(settings, { waitMs: 5000, signal: new AbortController().signal }, world.dependencies);
  await world.clock.advance(5000);
  const [first] = (await planning).routers;
  if (first === undefined || !('plan' in first)) throw new Error('no plan');
  return first.plan.script.lines.map(({ text }) => text);
}

test('make before break: the addition stands first, as it will be sent', async () => {
  const routes = [route('10.10.10.2', { tag: 4200, name: 'anytrack-resolver-b' })];
  const settings = someSettings({ policies: [aPolicy({ makeBeforeBreak: true })] });
  const world = new World(settings, { edge1: new MemoryRouter({ routes }, { clock: new FakeClock() }) });
  world.answers.set('10.10.10.2', 'refused');
  expect(await planned(world, settings)).toEqual([
    'route 10.0.0.1/32 via 10.10.10.1 tag 4200 name anytrack-resolver-a',
    'no route 10.0.0.1/32 via 10.10.10.2',
  ]);
});

test("an orphan with a policy's own tag goes, where orphans go", async () => {
  const other = aPolicy({ name: 'web', address: '10.0.0.2', route: { tag: 101 } });
  const settings = someSettings({ policies: [aPolicy(), other], orphans: 'remove' });
  const orphan = route('10.10.10.9', { tag: 101, name: 'anytrack-old' });
  const world = new World(settings, { edge1: new MemoryRouter({ routes: [orphan] }, { clock: new FakeClock() }) });
  expect(await planned(world, settings)).toContain('no route 10.0.0.1/32 via 10.10.10.9');
});
