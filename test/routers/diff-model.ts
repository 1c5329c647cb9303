import { type ObservedRoute, type RouteChange, routeId } from '../../src/model.ts';
import type { DiffRules } from '../../src/routers/diff.ts';

/** The smallest router: a line replaces the one of the same key; on FRR next hops of a prefix and distance share a tag. */
export function applyToModel(
  routes: readonly ObservedRoute[],
  changes: readonly RouteChange[],
  rules: DiffRules,
): ObservedRoute[] {
  const table = new Map<string, ObservedRoute>();
  const write = (route: ObservedRoute) => {
    if (rules.capabilities.tagScope === 'prefix' && route.configured) retag(table, route);
    table.set(routeId(route.key), route);
  };
  for (const route of routes) write(route);
  for (const { op, key, attributes } of changes) {
    if (op === 'remove') table.delete(routeId(key));
    else write({ key, attributes, configured: true, installed: true });
  }
  return [...table.values()];
}

function retag(table: Map<string, ObservedRoute>, { key, attributes }: ObservedRoute): void {
  for (const [id, other] of table) {
    const sameGroup =
      other.configured &&
      other.key.vrf === key.vrf &&
      other.key.prefix === key.prefix &&
      (other.attributes.distance ?? 1) === (attributes.distance ?? 1);
    if (!sameGroup) continue;
    const { tag: _, ...rest } = other.attributes;
    table.set(id, { ...other, attributes: attributes.tag === undefined ? rest : { ...rest, tag: attributes.tag } });
  }
}
