import { type DesiredRoute, type ObservedRoute, type RouteChange, routeId } from '../../model.ts';
import { areaOf, isInside } from './area.ts';

/** The changes of a diff that may be sent now, and the withdrawals that wait for the route that takes over. */
export interface Sequence {
  readonly now: readonly RouteChange[];
  readonly later: readonly RouteChange[];
}

/**
 * Make before break: a working route that only stands by now (`standby`) goes when one that is wanted in its place is
 * in the RIB, and not merely written. A withdrawal for any other reason never waits (promise 8). Pure.
 * @param addFirst prefixes whose policies ask for it
 */
export function makeBeforeBreak(
  changes: readonly RouteChange[],
  desired: readonly DesiredRoute[],
  observed: readonly ObservedRoute[],
  addFirst: ReadonlySet<string>,
): Sequence {
  const standbys = changes.filter(
    ({ op, reason, key }) => op === 'remove' && reason === 'standby' && addFirst.has(key.prefix),
  );
  if (standbys.length === 0) return { now: changes, later: [] };
  const wanted = new Set(desired.filter(({ want }) => want === 'present').map(({ key }) => routeId(key)));
  const serving = areaOf(
    observed.filter(({ key, installed }) => installed && wanted.has(routeId(key))).map(({ key }) => key),
  );
  const later = new Set(standbys.filter(({ key }) => !isInside(key, serving)));
  return { now: changes.filter((change) => !later.has(change)), later: [...later] };
}
