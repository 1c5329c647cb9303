import { isHostRouteInside, parsePrefix } from '../../lib/ip.ts';
import { familyOfPrefix, type RouteKey } from '../../model.ts';
import type { Scope } from '../contract.ts';
import { isTableName } from '../diff.ts';

/** The part of a router's tables that a visit is about: everything, or host prefixes by table. */
export type Area = 'all' | ReadonlyMap<string, Pick<RouteKey, 'vrf' | 'prefix'>>;

/** Identifies the next hops of one prefix in one table. */
export function placeOf({ vrf, prefix }: Pick<RouteKey, 'vrf' | 'prefix'>): string {
  return `${vrf} ${prefix}`;
}

export function areaOf(keys: Iterable<Pick<RouteKey, 'vrf' | 'prefix'>>): Exclude<Area, 'all'> {
  return new Map(Array.from(keys, (key) => [placeOf(key), { vrf: key.vrf, prefix: key.prefix }]));
}

export function unite(a: Area, b: Area): Area {
  return a === 'all' || b === 'all' ? 'all' : new Map([...a, ...b]);
}

export function isInside(key: Pick<RouteKey, 'vrf' | 'prefix'>, area: Area): boolean {
  return area === 'all' || area.has(placeOf(key));
}

/** What the driver is asked to read for an area. Only host routes of the anycast space are ever asked for. */
export function scopeOf(
  area: Area,
  { anycastPrefixes, vrfs }: { anycastPrefixes: readonly string[]; vrfs: ReadonlySet<string> },
): Scope {
  if (area === 'all') {
    const families = new Set(anycastPrefixes.flatMap((prefix) => parsePrefix(prefix)?.family ?? []));
    return { vrfs: [...vrfs], families: [...families], prefixes: 'all' };
  }
  // What no line may name is refused with its wish; asked for, it would stop the whole router at the gate.
  const places = [...area.values()].filter(
    ({ vrf, prefix }) => isTableName(vrf) && isHostRouteInside(prefix, anycastPrefixes),
  );
  return {
    vrfs: [...new Set(places.map(({ vrf }) => vrf))],
    families: [...new Set(places.map(({ prefix }) => familyOfPrefix(prefix)))],
    prefixes: [...new Set(places.map(({ prefix }) => prefix))],
  };
}
