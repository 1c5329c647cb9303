import { backoffMs } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import type { RouteChange } from '../../model.ts';
import { RouterError, type RouterErrorCode } from '../contract.ts';
import { changeId } from '../diff.ts';
import { type Area, isInside } from './area.ts';
import type { Timing } from './timing.ts';

/** What is remembered of a change that did not succeed yet. */
interface Attempt {
  readonly change: RouteChange;
  count: number;
  /** Monotonic time before which it is not sent again; 0 = no such time. */
  notBefore: number;
  /** The code last told, so that an outage is one notification and not one per attempt. */
  told: RouterErrorCode | undefined;
  /** Refused for good: not sent again while it would say the same. */
  parked: boolean;
  readonly history: string[];
}

/** So much of what befell earlier attempts is kept for the report. */
const MAX_HISTORY = 5;

/** Remembers failed changes: when to try again, which not to try, and what was told about them. */
export class Attempts {
  readonly #known = new Map<string, Attempt>();
  readonly #timing: Pick<Timing, 'retry'>;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(timing: Pick<Timing, 'retry'>, deps: { clock: Clock; random: Random }) {
    this.#timing = timing;
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  /** Changes that wait for their next attempt. */
  get waiting(): RouteChange[] {
    return [...this.#known.values()].filter(({ parked }) => !parked).map(({ change }) => change);
  }

  /** Changes that the router refused for good. */
  get parked(): RouteChange[] {
    return [...this.#known.values()].filter(({ parked }) => parked).map(({ change }) => change);
  }

  /** Monotonic times of the next attempts. */
  get times(): number[] {
    return [...this.#known.values()].map(({ notBefore }) => notBefore).filter((at) => at > 0);
  }

  due(now: number): RouteChange[] {
    const due = [...this.#known.values()].filter(({ notBefore }) => notBefore > 0 && notBefore <= now);
    return due.map(({ change }) => change);
  }

  has(id: string): boolean {
    return this.#known.has(id);
  }

  historyOf(change: RouteChange): readonly string[] {
    return this.#known.get(changeId(change))?.history ?? [];
  }

  /** Whether the change may be sent now; if so, it no longer waits. */
  admit(change: RouteChange): boolean {
    const attempt = this.#known.get(changeId(change));
    if (attempt === undefined) return true;
    if (attempt.parked && sameContent(attempt.change, change)) return false;
    if (attempt.notBefore > this.#clock.now()) return false;
    attempt.notBefore = 0;
    return true;
  }

  /** Whether this failure has yet to be told: the first one, and every change of code. */
  isNews(change: RouteChange, code: RouterErrorCode): boolean {
    const attempt = this.#of(change);
    if (attempt.told === code) return false;
    attempt.told = code;
    return true;
  }

  /** Plans what comes after a failure: a passing one is tried again later, a terminal one is parked. */
  failed(change: RouteChange, code: RouterErrorCode): void {
    const attempt = this.#of(change);
    attempt.parked = new RouterError(code, '').terminal;
    const wait = backoffMs(attempt.count++, this.#timing.retry, this.#random.fraction());
    attempt.notBefore = attempt.parked ? 0 : this.#clock.now() + wait;
  }

  /** Lets a change that did not reach the router go again at once. */
  again(change: RouteChange, note: string): void {
    const attempt = this.#of(change);
    attempt.notBefore = this.#clock.now();
    if (attempt.history.push(note) > MAX_HISTORY) attempt.history.shift();
  }

  forget(change: RouteChange): void {
    this.#known.delete(changeId(change));
  }

  /** Forgets what nobody asks for any more. */
  keepOnly(asked: ReadonlySet<string>, area: Area): void {
    for (const [id, { change }] of this.#known) {
      if (isInside(change.key, area) && !asked.has(id)) this.#known.delete(id);
    }
  }

  /** Lets parked changes be tried again: all of them when a person asks, withdrawals on every drift pass. */
  release(which: 'all' | 'withdrawals'): void {
    for (const attempt of this.#known.values()) {
      if (which === 'withdrawals' && attempt.change.op === 'add') continue;
      attempt.parked = false;
      if (which === 'all') attempt.notBefore = 0;
    }
  }

  /** The record of a change with this content; another content starts afresh. */
  #of(change: RouteChange): Attempt {
    const known = this.#known.get(changeId(change));
    if (known !== undefined && sameContent(known.change, change)) return known;
    const fresh: Attempt = { change, count: 0, notBefore: 0, told: undefined, parked: false, history: [] };
    this.#known.set(changeId(change), fresh);
    return fresh;
  }
}

/** Whether two changes of one route would write the same. */
export function sameContent(a: RouteChange, b: RouteChange): boolean {
  return a.op === b.op && JSON.stringify(a.attributes) === JSON.stringify(b.attributes);
}
