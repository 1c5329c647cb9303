import type { Clock } from '../../lib/clock.ts';
import { type Area, unite } from './area.ts';
import type { Timing } from './timing.ts';

/** Least time between two attempts that were brought forward, milliseconds. */
const HURRY_MS = 1000;

/** What has to be looked at and when the next visit may begin. Times are monotonic. */
export class Agenda {
  #dirty: { readonly area: Area; readonly since: number } | undefined;
  /** Start of the last visit that wrote something; one that only read must not hold up the next change. */
  #lastWriteAt = Number.NEGATIVE_INFINITY;
  #blockedUntil = Number.NEGATIVE_INFINITY;
  #lastHurriedTo = Number.NEGATIVE_INFINITY;
  readonly #timing: Pick<Timing, 'coalesceMs'>;
  readonly #clock: Clock;

  constructor(timing: Pick<Timing, 'coalesceMs'>, { clock }: { clock: Clock }) {
    this.#timing = timing;
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#dirty === undefined;
  }

  /** Milliseconds until visits may go on; 0 if they may. Infinite while a person has to act. */
  get blockedMs(): number {
    return Math.max(0, this.#blockedUntil - this.#clock.now());
  }

  add(area: Area): void {
    if (area !== 'all' && area.size === 0) return;
    const since = this.#dirty?.since ?? this.#clock.now();
    this.#dirty = { area: this.#dirty === undefined ? area : unite(this.#dirty.area, area), since };
  }

  block(ms: number): void {
    this.#blockedUntil = this.#clock.now() + ms;
  }

  unblock(): void {
    this.#blockedUntil = Number.NEGATIVE_INFINITY;
  }

  /**
   * Something must not wait out a long back-off: the next attempt begins at once, but at most once a second.
   * Where a person has to act first, it waits all the same.
   */
  hurry(): void {
    if (!Number.isFinite(this.#blockedUntil)) return;
    const at = Math.max(this.#clock.now(), this.#lastHurriedTo + HURRY_MS);
    if (at >= this.#blockedUntil) return;
    this.#blockedUntil = at;
    this.#lastHurriedTo = at;
  }

  /** Notes that the visit that began then wrote something: what comes soon after it is gathered for the next. */
  wrote(visitBegan: number): void {
    this.#lastWriteAt = visitBegan;
  }

  /** When the next visit should begin; undefined if there is no reason for one, or none is allowed. */
  nextAt(pollAt: number | undefined): number | undefined {
    const next = Math.max(Math.min(this.#dueAt(), pollAt ?? Number.POSITIVE_INFINITY), this.#blockedUntil);
    return Number.isFinite(next) ? next : undefined;
  }

  /** Hands out what is due now, together with what is due for a poll, and how long the first of it waited. */
  take(polls: Area): { readonly area: Area; readonly queueMs: number } {
    const now = this.#clock.now();
    if (this.#dirty === undefined || this.#dueAt() > now) return { area: polls, queueMs: 0 };
    const { area, since } = this.#dirty;
    this.#dirty = undefined;
    return { area: unite(area, polls), queueMs: now - since };
  }

  #dueAt(): number {
    if (this.#dirty === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(this.#dirty.since, this.#lastWriteAt + this.#timing.coalesceMs);
  }
}
