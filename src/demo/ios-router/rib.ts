/** The routing table, computed from the configuration. Pure. */
import { type Family, familyOf, hostPrefix, rangeContains } from '../../lib/ip.ts';
import { networkOf, sortKey, split } from './addresses.ts';
import type { Device, StaticRoute } from './device.ts';

/** One way out of a route in the table. */
export interface Path {
  readonly nextHop?: string;
  readonly interface?: string;
  readonly static?: StaticRoute;
}

/** One prefix of the table with all its equal paths. */
export interface RibEntry {
  readonly prefix: string;
  readonly source: 'local' | 'connected' | 'static' | 'learned';
  readonly distance: number;
  readonly paths: readonly [Path, ...Path[]];
}

/** Distance of routes learnt from a routing protocol here: OSPF's. */
const LEARNED_DISTANCE = 110;

/** The table of one VRF and family, sorted by prefix. */
export function rib(device: Device, vrf: string, family: Family): readonly RibEntry[] {
  const best = new Map<string, RibEntry>();
  for (const candidate of candidates(device, vrf)) {
    if (familyOf(candidate.prefix) !== family) continue;
    const known = best.get(candidate.prefix);
    if (known === undefined || candidate.distance < known.distance) best.set(candidate.prefix, candidate);
    else if (candidate.source === known.source && candidate.distance === known.distance) {
      best.set(candidate.prefix, { ...known, paths: [...known.paths, ...candidate.paths] });
    }
  }
  return [...best.values()].sort((a, b) => (sortKey(a.prefix) < sortKey(b.prefix) ? -1 : 1));
}

/** The longest match for an address, or undefined. */
export function lookup(table: readonly RibEntry[], address: string): RibEntry | undefined {
  return table
    .filter((entry) => rangeContains(entry.prefix, address))
    .reduce<RibEntry | undefined>(
      (best, entry) => (best === undefined || split(entry.prefix).length > split(best.prefix).length ? entry : best),
      undefined,
    );
}

/** Whether this static may stand in the table: its track is up and its next hop lies in a connected network. */
export function isUsable(device: Device, route: StaticRoute): boolean {
  // An undefined track object counts as down (unverified on a device).
  if (route.track !== undefined && device.tracks.find((track) => track.id === route.track)?.up !== true) return false;
  if (route.interface === 'Null0') return true;
  if (!device.nextHopsReachable) return false;
  const ports = device.interfaces.filter((port) => port.up && port.vrf === route.vrf);
  if (route.interface !== undefined) return ports.some((port) => port.name === route.interface);
  const { nextHop } = route;
  return (
    nextHop !== undefined && ports.some((port) => port.addresses.some((own) => rangeContains(networkOf(own), nextHop)))
  );
}

function candidates(device: Device, vrf: string): RibEntry[] {
  const ports = device.interfaces.filter((port) => port.up && port.vrf === vrf);
  const statics = device.running.filter((route) => route.vrf === vrf && isUsable(device, route));
  const learned = device.learned.filter((route) => route.vrf === vrf);
  return [
    ...ports.flatMap((port) => port.addresses.flatMap((own) => ownEntries(port.name, own))),
    ...statics.map(staticEntry),
    ...learned.map(
      ({ prefix, nextHop }): RibEntry => ({
        prefix,
        source: 'learned',
        distance: LEARNED_DISTANCE,
        paths: [{ nextHop }],
      }),
    ),
  ];
}

/** An interface address gives its network (connected) and itself (local), which are one for a host address. */
function ownEntries(port: string, own: string): RibEntry[] {
  const network = networkOf(own);
  const host = hostPrefix(split(own).address);
  const connected: RibEntry = { prefix: network, source: 'connected', distance: 0, paths: [{ interface: port }] };
  return host === network ? [connected] : [connected, { ...connected, prefix: host, source: 'local' }];
}

function staticEntry(route: StaticRoute): RibEntry {
  const path: Path = {
    ...(route.nextHop === undefined ? {} : { nextHop: route.nextHop }),
    ...(route.interface === undefined ? {} : { interface: route.interface }),
    static: route,
  };
  return { prefix: route.prefix, source: 'static', distance: route.distance, paths: [path] };
}
