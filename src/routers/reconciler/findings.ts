import { type DesiredRoute, type ObservedRoute, type RouteKey, routeId } from '../../model.ts';
import type { ChangeReport } from '../../notify/contract.ts';
import type { Conflict, Diff } from '../diff.ts';
import { type Area, isInside } from './area.ts';

/** Where findings are told; each once, and again only if it changed or came back. */
export interface FindingsEvents {
  conflict(conflict: Conflict): void;
  orphan(route: ObservedRoute): void;
  refused(report: ChangeReport): void;
}

/** What stands in the way, is left over or may not be written, as of the last look. */
export class Findings {
  readonly #conflicts = new Map<string, Conflict>();
  readonly #orphans = new Map<string, ObservedRoute>();
  readonly #refused = new Map<string, DesiredRoute>();
  readonly #router: string;
  readonly #events: FindingsEvents;

  constructor(router: string, events: FindingsEvents) {
    this.#router = router;
    this.#events = events;
  }

  get conflicts(): Conflict[] {
    return [...this.#conflicts.values()];
  }

  get orphans(): ObservedRoute[] {
    return [...this.#orphans.values()];
  }

  /** Takes in a diff of an area and tells what is new in it. */
  update(area: Area, found: Diff): void {
    const news = {
      conflicts: replaceInside(this.#conflicts, area, found.conflicts, ({ desired }) => desired.key),
      orphans: replaceInside(this.#orphans, area, found.orphans, ({ key }) => key),
      refused: replaceInside(this.#refused, area, found.refused, ({ key }) => key),
    };
    for (const conflict of news.conflicts) this.#events.conflict(conflict);
    for (const orphan of news.orphans) this.#events.orphan(orphan);
    for (const route of news.refused) {
      // One without a verdict asks for nothing that could be refused.
      if (route.want !== 'asIs') this.#events.refused(refusalOf(this.#router, route));
    }
  }
}

/** Replaces what is known of an area and returns what was not known before. */
function replaceInside<T>(known: Map<string, T>, area: Area, found: readonly T[], keyOf: (item: T) => RouteKey): T[] {
  const before = new Map(known);
  for (const [id, item] of before) if (isInside(keyOf(item), area)) known.delete(id);
  const news: T[] = [];
  for (const item of found) {
    const id = routeId(keyOf(item));
    known.set(id, item);
    const old = before.get(id);
    if (old === undefined || JSON.stringify(old) !== JSON.stringify(item)) news.push(item);
  }
  return news;
}

function refusalOf(router: string, route: DesiredRoute): ChangeReport {
  const { key, attributes, policy, endpoint, reason } = route;
  return {
    router,
    change: { op: route.want === 'present' ? 'add' : 'remove', key, attributes, policy, endpoint, reason },
    outcome: 'failed',
    code: 'outside-anycast',
    detail: 'not a host route inside anycastPrefixes: never sent',
    sent: [],
    readBack: undefined,
    steps: [],
  };
}
