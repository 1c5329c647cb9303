/** Joins what the configuration says with what the RIB holds. Pure. */
import { isHostRouteInside } from '../../../lib/ip.ts';
import { familyOfPrefix, type ObservedRoute, type RouteAttributes, type RouteKey } from '../../../model.ts';
import type { Scope } from '../../contract.ts';

/** A static route in the running configuration. */
export interface ConfiguredRoute {
  readonly key: RouteKey;
  readonly attributes: RouteAttributes;
}

/** A static route's next hop in the RIB; `interface` as resolved by the router. */
export interface InstalledPath {
  readonly key: RouteKey;
  readonly attributes: RouteAttributes;
}

/** Every static route of the scope, each with where it was found. A path in the RIB alone is reported too. */
export function observedRoutes(
  configured: readonly ConfiguredRoute[],
  installed: readonly InstalledPath[],
  scope: Scope,
): ObservedRoute[] {
  const paths = Map.groupBy(installed, (path) => hopId(path.key));
  const told = new Set<string>();
  const routes = configured.map(({ key, attributes }): ObservedRoute => {
    const path = paths.get(hopId(key))?.find((candidate) => sameWay(key, candidate.key));
    told.add(hopId(key));
    return { key, attributes, configured: true, installed: path !== undefined };
  });
  for (const [id, found] of paths) {
    const path = found[0];
    if (path === undefined || told.has(id)) continue;
    const { interface: _resolved, ...key } = path.key;
    routes.push({ key, attributes: path.attributes, configured: false, installed: true });
  }
  return routes.filter(({ key }) => inScope(key, scope));
}

function hopId(key: RouteKey): string {
  return `${key.vrf} ${key.prefix} ${key.nextHop}`;
}

/** A route that names no interface is served by whichever interface the router found. */
function sameWay(wanted: RouteKey, found: RouteKey): boolean {
  return wanted.interface === undefined || found.interface === undefined || wanted.interface === found.interface;
}

function inScope(key: RouteKey, scope: Scope): boolean {
  if (!scope.vrfs.includes(key.vrf) || !scope.families.includes(familyOfPrefix(key.prefix))) return false;
  return scope.prefixes === 'all' || scope.prefixes.includes(key.prefix);
}

/** Whether a scope names few enough host routes that asking for each is cheaper than listing all. */
export function asksPerPrefix(scope: Scope, most: number): scope is Scope & { readonly prefixes: readonly string[] } {
  return scope.prefixes !== 'all' && scope.prefixes.length * scope.vrfs.length <= most;
}

/** The prefixes of one family. */
export function prefixesOf(scope: Scope, family: 4 | 6): readonly string[] {
  if (scope.prefixes === 'all') return [];
  return scope.prefixes.filter((prefix) => familyOfPrefix(prefix) === family && isHostRouteInside(prefix, [prefix]));
}
