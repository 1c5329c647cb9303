import { hostPrefix } from '../lib/ip.ts';
import type { DesiredRoute } from '../model.ts';
import type { Policy } from '../policies/policy.ts';

/** The full set of routes that all policies want on a router, and the prefixes whose additions go first. */
export function wishesFor(
  router: string,
  policies: readonly Policy[],
  desired: ReadonlyMap<string, readonly DesiredRoute[]>,
): readonly [readonly DesiredRoute[], ReadonlySet<string>] {
  const concerned = policies.filter((policy) => policy.routers.includes(router));
  const addFirst = concerned.filter((policy) => policy.makeBeforeBreak).map((policy) => hostPrefix(policy.address));
  return [concerned.flatMap((policy) => desired.get(policy.name) ?? []), new Set(addFirst)];
}

/** Tags that policies give their routes instead of the mark's. */
export function ownTags(policies: readonly Policy[]): readonly number[] {
  return policies.flatMap(({ route }) => (route.tag === undefined ? [] : [route.tag]));
}
