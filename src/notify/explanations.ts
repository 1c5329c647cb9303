import type { AnytrackEvent } from './contract.ts';

type EventOf<T extends AnytrackEvent['type']> = Extract<AnytrackEvent, { readonly type: T }>;

/** Why a route of an endpoint is wanted or not: the last change of its track and of its verdict. */
export interface Because {
  readonly track?: EventOf<'trackChanged'>;
  readonly verdict?: EventOf<'verdictChanged'>;
}

/**
 * Remembers the last track and verdict of every endpoint, so that the audit line of a route change explains it
 * whole: probe results, thresholds, policy (promise 11). Also learns the address of each policy on the way.
 */
export class Explanations {
  readonly #because = new Map<string, Because>();
  readonly #addresses = new Map<string, string>();

  note(event: AnytrackEvent): void {
    if (event.type === 'trackChanged') {
      this.#addresses.set(event.policy, event.address);
      this.#merge(event.policy, event.endpoint, { track: event });
    }
    if (event.type === 'verdictChanged') {
      this.#addresses.set(event.policy, event.address);
      this.#merge(event.policy, event.verdict.endpoint, { verdict: event });
    }
  }

  because(policy: string, endpoint: string): Because {
    return this.#because.get(keyOf(policy, endpoint)) ?? {};
  }

  addressOf(policy: string): string | undefined {
    return this.#addresses.get(policy);
  }

  #merge(policy: string, endpoint: string, news: Because): void {
    this.#because.set(keyOf(policy, endpoint), { ...this.because(policy, endpoint), ...news });
  }
}

function keyOf(policy: string, endpoint: string): string {
  return `${policy}/${endpoint}`;
}
