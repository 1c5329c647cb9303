import { type ObservedRoute, type RouteChange, type RouteKey, routeId } from '../../model.ts';
import { type DiffRules, sameAttributes } from '../diff.ts';

/** What a read-back says about one change (promise 6). */
export interface ReadBack {
  /** `shown`: done. `notWritten`: the configuration does not have it. `notInRib`: the configuration has, the RIB does not follow. */
  readonly verdict: 'shown' | 'notWritten' | 'notInRib';
  readonly configured: boolean;
  readonly installed: boolean;
  readonly detail: string;
}

/** Judges a change by what the router shows, and by nothing else. `observed` holds at least the prefix of the change. */
export function readBack(
  change: RouteChange,
  observed: readonly ObservedRoute[],
  rules: Pick<DiffRules, 'capabilities'>,
): ReadBack {
  const id = routeId(change.key);
  const route = observed.find((other) => routeId(other.key) === id);
  const seen = { configured: route?.configured ?? false, installed: route?.installed ?? false };
  if (change.op === 'remove') return removed(change, observed, seen);
  if (route === undefined || !route.configured) {
    return { ...seen, verdict: 'notWritten', detail: 'not in the configuration' };
  }
  if (!sameAttributes(route.attributes, change.attributes, rules)) {
    return { ...seen, verdict: 'notWritten', detail: 'in the configuration with other attributes' };
  }
  if (!route.installed) {
    return { ...seen, verdict: 'notInRib', detail: 'configured but not in the RIB: next hop unreachable?' };
  }
  return { ...seen, verdict: 'shown', detail: 'in the configuration and in the RIB' };
}

function removed(
  { key }: RouteChange,
  observed: readonly ObservedRoute[],
  seen: { readonly configured: boolean; readonly installed: boolean },
): ReadBack {
  if (seen.configured) return { ...seen, verdict: 'notWritten', detail: 'still in the configuration' };
  const left = observed.find((other) => other.installed && samePath(other.key, key));
  if (left === undefined) return { ...seen, verdict: 'shown', detail: 'gone from the configuration and from the RIB' };
  const other = left.configured
    ? 'through another line of the configuration'
    : 'through something that is not in the configuration';
  const detail = `gone from the configuration, but the prefix by this next hop is still in the RIB ${other}`;
  return { ...seen, installed: true, verdict: 'notInRib', detail };
}

/** A route that names no interface may be served by any; two that name different ones are different paths. */
function samePath(a: RouteKey, b: RouteKey): boolean {
  if (a.vrf !== b.vrf || a.prefix !== b.prefix || a.nextHop !== b.nextHop) return false;
  return a.interface === undefined || b.interface === undefined || a.interface === b.interface;
}
