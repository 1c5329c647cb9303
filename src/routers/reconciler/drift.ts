import type { DesiredRoute, ObservedRoute, RouteKey } from '../../model.ts';

/** A route of ours that changed although we did nothing. */
export interface Drift {
  readonly key: RouteKey;
  readonly wish: DesiredRoute;
  readonly detail: string;
}

const NEXT: Readonly<Record<DesiredRoute['want'], string>> = {
  present: 'wanted present',
  absent: 'wanted absent',
  asIs: 'left as it is: there is no verdict',
};

/**
 * Compares our routes as last seen with what is there now.
 * @param wishFor the wish for a route that may have drifted; undefined for one no policy names, or that we are changing
 */
export function findDrift(
  before: ReadonlyMap<string, ObservedRoute>,
  now: ReadonlyMap<string, ObservedRoute>,
  wishFor: (key: RouteKey) => DesiredRoute | undefined,
): Drift[] {
  const drifts: Drift[] = [];
  for (const id of new Set([...before.keys(), ...now.keys()])) {
    const [old, current] = [before.get(id), now.get(id)];
    const what = describe(old, current);
    const key = (current ?? old)?.key;
    const wish = what === undefined || key === undefined ? undefined : wishFor(key);
    if (wish !== undefined && key !== undefined) drifts.push({ key, wish, detail: `${what}; ${NEXT[wish.want]}` });
  }
  return drifts;
}

function describe(before: ObservedRoute | undefined, now: ObservedRoute | undefined): string | undefined {
  if (now === undefined) return 'vanished from the configuration, or lost our mark';
  if (before === undefined) return 'appeared in the configuration with our mark';
  if (JSON.stringify(sorted(before)) !== JSON.stringify(sorted(now))) return 'its attributes were changed';
  if (before.installed && !now.installed) return 'still in the configuration, no longer in the RIB';
  if (!before.installed && now.installed) return 'came into the RIB';
  return undefined;
}

function sorted({ attributes }: ObservedRoute): unknown[] {
  return Object.entries(attributes).sort(([a], [b]) => a.localeCompare(b));
}
