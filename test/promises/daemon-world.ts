/** The whole daemon on a fake clock, with both routes announced. */
import { expect } from 'vitest';
import type { RouteAttributes, RouteKey } from '../../src/model.ts';
import type { Settings } from '../../src/settings/contract.ts';
import { someSettings, World } from '../scenarios/world.ts';

/** Next hops of the two endpoints. */
export const BOTH = ['10.10.10.1', '10.10.10.2'];

export function ours(endpoint: string, policy = 'resolver'): RouteAttributes {
  return { tag: 4200, name: `anytrack-${policy}-${endpoint}` };
}

export function routeVia(nextHop: string, prefix = '10.0.0.1/32'): RouteKey {
  return { vrf: 'default', prefix, nextHop };
}

/** A world in which both routes of the resolver stand, and what was told so far is forgotten. */
export async function announced(settings: Settings = someSettings()): Promise<World> {
  const world = new World(settings);
  await world.start();
  await world.clock.advance(3000);
  expect(world.installed()).toEqual(BOTH);
  world.events.length = 0;
  return world;
}

/** Stops the daemon; a router that is out of reach holds that up for a limited time. */
export async function stop(world: World): Promise<void> {
  const stopping = world.daemon.stop('test');
  await world.clock.advance(15_000);
  await stopping;
}

/** Route changes that were told, as `add 10.10.10.1`. */
export function changes(world: World): readonly string[] {
  return world.eventsOf('routeChanged').map(({ report }) => `${report.change.op} ${report.change.key.nextHop}`);
}
