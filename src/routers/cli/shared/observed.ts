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
  const claimed = new Set<InstalledPath>();
  const routes = configured.map(({ key, attributes }): ObservedRoute => {
    const own = paths.get(hopId(key))?.filter((candidate) => sameWay(key, candidate.key)) ?? [];
    for (const path of own) claimed.add(path);
    return { key, attributes, configured: true, installed: own.length > 0 };
  });
  const lines = new Set(configured.map(({ key }) => hopId(key)));
  for (const [id, found] of paths) {
    const left = found.find((path) => !claimed.has(path));
    if (left === undefined) continue;
    // Beside a line for another interface the path needs its own to be told apart; alone, the next hop is enough.
    const { interface: _resolved, ...bare } = left.key;
    const key = lines.has(id) ? left.key : bare;
    routes.push({ key, attributes: left.attributes, configured: false, installed: true });
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
