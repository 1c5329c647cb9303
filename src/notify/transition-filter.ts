import type { RouteKey } from '../model.ts';
import type { AnytrackEvent } from './contract.ts';

/** Trouble that lasts is said again after this long, milliseconds. */
const REPEAT_AFTER_MS = 3_600_000;

interface Saying {
  readonly what: string;
  /** Wall time. */
  readonly at: number;
}

/**
 * Lets weather through on transition only: trouble that repeats word for word is told once an hour,
 * so that a router that refuses a route at every retry fills neither the log nor the NMS.
 */
export class TransitionFilter {
  readonly #said = new Map<string, Saying>();

  /** Whether this event tells something that the last one about the same thing did not. */
  isNews(event: AnytrackEvent): boolean {
    const saying = sayingOf(event);
    if (saying === undefined) return true;
    const { about, what } = saying;
    const last = this.#said.get(about);
    // The wall clock may step back; then it is told once too often.
    if (last !== undefined && last.what === what && Math.abs(event.at - last.at) < REPEAT_AFTER_MS) return false;
    if (what === undefined) this.#said.delete(about);
    else this.#said.set(about, { what, at: event.at });
    return true;
  }
}

/** What an event is about and what it says of it (nothing, where all is well again); undefined for what is always news. */
function sayingOf(event: AnytrackEvent): { readonly about: string; readonly what: string | undefined } | undefined {
  switch (event.type) {
    case 'routeChanged':
      return { about: `change ${routeOn(event.report.router, event.report.change.key)}`, what: undefined };
    case 'routeFailed': {
      const { router, change, code, detail } = event.report;
      return { about: `change ${routeOn(router, change.key)}`, what: `${change.op} ${code ?? ''} ${detail}` };
    }
    case 'routeConflict':
    case 'routeOrphan':
      return { about: `${event.type} ${routeOn(event.router, event.key)}`, what: event.detail };
    case 'routerSession':
      return { about: `session ${event.router}`, what: `${event.state} ${event.code ?? ''}` };
    default:
      return undefined;
  }
}

function routeOn(router: string, key: RouteKey): string {
  return `${router} ${key.vrf} ${key.prefix} ${key.nextHop} ${key.interface ?? ''}`;
}
