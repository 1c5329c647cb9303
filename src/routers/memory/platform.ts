import type { RouteChange } from '../../model.ts';
import type { CliPlatform, ScriptLine } from '../contract.ts';

/** The lines of the memory router: readable, never parsed. Capabilities are those of a router that can do everything. */
export const memoryPlatform: Pick<CliPlatform, 'name' | 'capabilities' | 'render'> = {
  name: 'memory',
  capabilities: { routeNames: true, maxNameLength: 50, tagScope: 'route', tracks: true, pipelining: false },
  render: (changes) => ({ enter: ['configure'], lines: changes.map(lineOf), leave: ['end'] }),
};

function lineOf(change: RouteChange): ScriptLine {
  const { key, attributes } = change;
  const route = `${key.prefix} via ${key.nextHop}${key.interface === undefined ? '' : ` dev ${key.interface}`}`;
  const vrf = key.vrf === 'default' ? '' : ` vrf ${key.vrf}`;
  // A removal names prefix and next hop only, as on every platform: stored attributes drift.
  if (change.op === 'remove') return { text: `no route ${route}${vrf}`, change };
  const words = Object.entries(attributes).map(([name, value]) => ` ${name} ${value}`);
  return { text: `route ${route}${vrf}${words.join('')}`, change };
}
