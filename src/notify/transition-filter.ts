import type { RouteKey } from '../model.ts';
import type { AnytrackEvent } from './contract.ts';

/** Trouble that lasts is said again after this long, milliseconds. */
const REPEAT_AFTER_MS = 3_600_000;

/** Something that was said of a route or a session. */
interface Saying {
  /** What it is about; said again only if it says something else. */
  readonly about: string;
  readonly what: string;
  /** The endpoint whose route it is, where it is one's. */
  readonly endpoint?: string;
}

/**
 * Lets weather through on transition only: trouble that repeats word for word is told once an hour,
 * so that a router that refuses a route at every retry fills neither the log nor the NMS.
 * A route that was changed, or decided on anew, has no old trouble: the same again is news.
 */
export class TransitionFilter {
  readonly #said = new Map<string, Saying & { readonly at: number }>();

  /** Whether this event tells something that the last one about the same thing did not. */
  isNews(event: AnytrackEvent): boolean {
    this.#forget(event);
    const saying = sayingOf(event);
    if (saying === undefined) return true;
    const last = this.#said.get(saying.about);
    // The wall clock may step back; then it is told once too often.
    if (last?.what === saying.what && Math.abs(event.at - last.at) < REPEAT_AFTER_MS) return false;
    this.#said.set(saying.about, { ...saying, at: event.at });
    return true;
  }

  /** Forgets what an event has made good or overtaken. */
  #forget(event: AnytrackEvent): void {
    if (event.type === 'routeChanged') {
      const route = routeOn(event.report.router, event.report.change.key);
      this.#said.delete(`change ${route}`);
      this.#said.delete(`routeConflict ${route}`);
    }
    if (event.type === 'verdictChanged') {
      const endpoint = `${event.policy}/${event.verdict.endpoint}`;
      for (const [about, said] of this.#said) if (said.endpoint === endpoint) this.#said.delete(about);
    }
  }
}

/** What an event says about what; undefined for what is always news. */
function sayingOf(event: AnytrackEvent): Saying | undefined {
  switch (event.type) {
    case 'routeFailed': {
      const { router, change, code, detail } = event.report;
      const endpoint = `${event.policy}/${change.endpoint}`;
      return { about: `change ${routeOn(router, change.key)}`, what: `${change.op} ${code ?? ''} ${detail}`, endpoint };
    }
    case 'routeConflict': {
      const endpoint = `${event.policy}/${event.endpoint}`;
      return { about: `routeConflict ${routeOn(event.router, event.key)}`, what: event.detail, endpoint };
    }
    case 'routeOrphan':
      return { about: `routeOrphan ${routeOn(event.router, event.key)}`, what: event.detail };
    case 'routerSession':
      return { about: `session ${event.router}`, what: `${event.state} ${event.code ?? ''}` };
    default:
      return undefined;
  }
}

function routeOn(router: string, key: RouteKey): string {
  return `${router} ${key.vrf} ${key.prefix} ${key.nextHop} ${key.interface ?? ''}`;
}
