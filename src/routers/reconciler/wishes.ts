import { type DesiredRoute, type RouteKey, routeId } from '../../model.ts';
import { isTableName, RANK } from '../diff.ts';
import { type Area, areaOf, isInside } from './area.ts';

/** The full set of desired routes of one router, as last told. */
export class Wishes {
  /** Nobody has told anything yet: then nothing is decided, not even that a route is an orphan (promise 4). */
  known = false;
  addFirst: ReadonlySet<string> = new Set();
  /**
   * Tables that a wish has ever named, so that what is left in them is still seen when the wish is gone.
   * A name that is no word is refused with its wish; read with it, it would stop the whole router at the gate.
   */
  readonly vrfs = new Set(['default']);
  #routes: ReadonlyMap<string, DesiredRoute> = new Map();
  #byRoute: ReadonlyMap<string, DesiredRoute> = new Map();

  /** Replaces the set. Returns the prefixes where what is wanted has changed; a new reason alone is no change. */
  replace(routes: readonly DesiredRoute[], addFirst: ReadonlySet<string>): Exclude<Area, 'all'> {
    const before = this.#routes;
    // The endpoint is part of the identity: two endpoints may stand behind one next hop.
    const after = new Map(routes.map((route) => [`${routeId(route.key)} ${route.policy} ${route.endpoint}`, route]));
    const changed: RouteKey[] = [];
    for (const [id, route] of after) {
      if (isTableName(route.key.vrf)) this.vrfs.add(route.key.vrf);
      if (!sameContent(before.get(id), route)) changed.push(route.key);
    }
    for (const [id, route] of before) if (!after.has(id)) changed.push(route.key);
    this.#routes = after;
    // Lesser wishes first, so that the one that counts in a diff stays.
    const ranked = routes.toSorted((a, b) => RANK[a.want] - RANK[b.want]);
    this.#byRoute = new Map(ranked.map((route) => [routeId(route.key), route]));
    this.addFirst = addFirst;
    this.known = true;
    return areaOf(changed);
  }

  inside(area: Area): DesiredRoute[] {
    return [...this.#routes.values()].filter((route) => isInside(route.key, area));
  }

  /** The wish for a route, or undefined if no policy names it. */
  for(key: RouteKey): DesiredRoute | undefined {
    return this.#byRoute.get(routeId(key));
  }
}

function sameContent(before: DesiredRoute | undefined, after: DesiredRoute): boolean {
  return before === after || (before !== undefined && contentOf(before) === contentOf(after));
}

function contentOf(route: DesiredRoute): string {
  return JSON.stringify([route.want, route.attributes]);
}
