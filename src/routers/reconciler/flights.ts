import { backoffMs } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import type { ObservedRoute, RouteChange, RouteKey } from '../../model.ts';
import type { ChangeReport, Step } from '../../notify/contract.ts';
import type { ApplyReport, RouterError, Script } from '../contract.ts';
import { changeId, type DiffRules } from '../diff.ts';
import { type Area, areaOf, isInside, placeOf } from './area.ts';
import { Attempts, sameContent } from './attempts.ts';
import { exchangesByChange, type Failure, type Flight, reportOf } from './flight.ts';
import { type ReadBack, readBack } from './read-back.ts';
import type { Timing } from './timing.ts';
import type { Wishes } from './wishes.ts';

/** Follows every change from its writing to its proof, its next attempt or its parking. */
export class Flights {
  readonly #flights = new Map<string, Flight>();
  readonly #attempts: Attempts;
  readonly #router: string;
  readonly #timing: Timing;
  readonly #rules: Pick<DiffRules, 'capabilities'>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #tell: (report: ChangeReport) => void;

  constructor(
    options: { router: string; timing: Timing; rules: Pick<DiffRules, 'capabilities'> },
    deps: { clock: Clock; random: Random; tell: (report: ChangeReport) => void },
  ) {
    this.#router = options.router;
    this.#timing = options.timing;
    this.#rules = options.rules;
    this.#attempts = new Attempts(options.timing, deps);
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#tell = deps.tell;
  }

  /** Changes that are not proved yet: in flight, or waiting for their next attempt. */
  get pending(): RouteChange[] {
    const flying = [...this.#flights.values()].map(({ change }) => change);
    return [...flying, ...this.#attempts.waiting.filter((change) => !this.#flights.has(changeId(change)))];
  }

  /** Whether nothing is left to do but to watch what the router has and does not act on, which was told. */
  get isSettled(): boolean {
    const isWatched = (change: RouteChange) => this.#flights.get(changeId(change))?.toldFailed ?? false;
    return this.pending.every(isWatched);
  }

  /** Changes that the router refused for good. */
  get parked(): RouteChange[] {
    return this.#attempts.parked;
  }

  /** Whether we are changing this route ourselves, so that what happens to it is no drift. */
  concerns(key: RouteKey): boolean {
    return (['add', 'remove'] as const).some((op) => {
      const id = changeId({ op, key });
      return this.#flights.has(id) || this.#attempts.has(id);
    });
  }

  /** Whether something in the area waits for its proof. */
  areIn(area: Area): boolean {
    return [...this.#flights.values()].some(({ change }) => isInside(change.key, area));
  }

  /** When the next poll or attempt is due, monotonic; undefined if nothing waits. */
  wakeAt(): number | undefined {
    const polls = [...this.#flights.values()].map(({ nextPollAt }) => nextPollAt);
    const next = Math.min(...polls, ...this.#attempts.times);
    return Number.isFinite(next) ? next : undefined;
  }

  /** The prefixes that are due for a poll or an attempt. */
  due(): Exclude<Area, 'all'> {
    const now = this.#clock.now();
    const polls = [...this.#flights.values()].filter(({ nextPollAt }) => nextPollAt <= now);
    const changes = [...polls.map(({ change }) => change), ...this.#attempts.due(now)];
    return areaOf(changes.map(({ key }) => key));
  }

  /** Which of the changes that a diff asks for are to be sent now, in their order. */
  select(area: Area, changes: readonly RouteChange[]): RouteChange[] {
    this.#attempts.keepOnly(new Set([...changes.map(changeId), ...this.#flights.keys()]), area);
    return changes.filter((change) => {
      const flight = this.#flights.get(changeId(change));
      if (flight !== undefined && sameContent(flight.change, change)) return false;
      if (flight !== undefined) this.#supersede(flight, undefined);
      return this.#attempts.admit(change);
    });
  }

  /** Notes changes as written. A refusal counts only if the read-back does not show the change all the same. */
  launch(changes: readonly RouteChange[], script: Script, report: ApplyReport, steps: readonly Step[]): void {
    const exchanges = exchangesByChange(script, report);
    // A refused line that serves no change (entering a mode) spoils the whole script.
    const general = report.failures.find(({ line }) => line.change === undefined);
    const refusals = new Map(report.failures.map((failure) => [failure.line.change, failure]));
    for (const change of changes) {
      const refusal = refusals.get(change) ?? general;
      this.#take(change, {
        sent: exchanges(change),
        steps,
        besideRefusal: report.failures.length > 0,
        ...(refusal === undefined ? {} : { refusal: { code: refusal.code, reply: refusal.reply.trim() } }),
      });
    }
  }

  /** The session broke while the changes were being written: what became of them is unknown. */
  launchInterrupted(changes: readonly RouteChange[], script: Script, steps: readonly Step[]): void {
    const lines = Map.groupBy(script.lines, (line) => line.change);
    for (const change of changes) {
      const sent = (lines.get(change) ?? []).map(({ text }) => ({ sent: text, received: '', ms: 0 }));
      this.#take(change, { sent, steps, besideRefusal: false });
    }
  }

  /** The session is gone: nothing in flight can be proved before the next one. */
  interrupt(): void {
    for (const flight of this.#flights.values()) {
      flight.interrupted = true;
      flight.nextPollAt = Number.POSITIVE_INFINITY;
    }
  }

  /** Not one line was taken: the router is locked, or does not let us configure. */
  refuse(changes: readonly RouteChange[], error: RouterError, steps: readonly Step[]): void {
    for (const change of changes) {
      this.#tellFailure({ change, sent: [], steps }, undefined, { code: error.code, detail: error.message });
      this.#attempts.failed(change, error.code);
    }
  }

  /** The router cannot be reached; what waits for it is told once per reason, the link tries again by itself. */
  unreachable(changes: readonly RouteChange[], error: RouterError): void {
    const failure = { code: error.code, detail: `${error.message}; not confirmed by the router` };
    for (const change of changes) this.#tellFailure({ change, sent: [], steps: [] }, undefined, failure);
  }

  /** Lets parked changes be tried again: all of them when a person asks, withdrawals on every drift pass. */
  release(which: 'all' | 'withdrawals'): void {
    this.#attempts.release(which);
  }

  /** Judges what is in flight by what the router shows. */
  judge(area: Area, observed: readonly ObservedRoute[], wishes: Wishes): void {
    const byPlace = Map.groupBy(observed, (route) => placeOf(route.key));
    for (const flight of [...this.#flights.values()]) {
      if (!isInside(flight.change.key, area)) continue;
      const seen = readBack(flight.change, byPlace.get(placeOf(flight.change.key)) ?? [], this.#rules);
      if (seen.verdict === 'shown') this.#land(flight, seen);
      else if (!stillWanted(flight, wishes)) this.#supersede(flight, seen);
      else if (flight.interrupted) this.#resume(flight, seen);
      else this.#follow(flight, seen);
    }
  }

  #take(change: RouteChange, facts: Pick<Flight, 'sent' | 'steps' | 'besideRefusal' | 'refusal'>): void {
    const now = this.#clock.now();
    this.#flights.set(changeId(change), {
      ...facts,
      change,
      writtenAt: now,
      interrupted: false,
      verifyUntil: now + this.#timing.verifyMs,
      polls: 0,
      nextPollAt: now,
      toldFailed: false,
    });
  }

  #land(flight: Flight, seen: ReadBack): void {
    const notes = [...this.#attempts.historyOf(flight.change)];
    if (flight.interrupted) notes.push('the session was lost in the middle of the change, the read-back shows it');
    if (flight.refusal !== undefined) notes.push(`although the router answered: ${flight.refusal.reply}`);
    if (flight.toldFailed) notes.push('reported as not applied before');
    this.#flights.delete(changeId(flight.change));
    this.#attempts.forget(flight.change);
    this.#tell(reportOf(this.#router, flight, { now: this.#clock.now(), seen, notes }));
  }

  #supersede(flight: Flight, seen: ReadBack | undefined): void {
    this.#flights.delete(changeId(flight.change));
    this.#attempts.forget(flight.change);
    if (flight.toldFailed) return;
    const failure = { detail: 'superseded by a newer decision before the read-back showed it' };
    this.#tell(reportOf(this.#router, flight, { now: this.#clock.now(), seen, failure, notes: [] }));
  }

  /** First look after a lost session: either it was not written and is sent again, or it is verified from now on. */
  #resume(flight: Flight, seen: ReadBack): void {
    if (seen.verdict === 'notWritten') {
      this.#flights.delete(changeId(flight.change));
      this.#attempts.again(flight.change, 'the session was lost before the router had taken the line');
      return;
    }
    flight.interrupted = false;
    flight.verifyUntil = this.#clock.now() + this.#timing.verifyMs;
    flight.nextPollAt = this.#clock.now() + this.#timing.poll.firstMs;
  }

  #follow(flight: Flight, seen: ReadBack): void {
    const now = this.#clock.now();
    // A refused line that stands in the configuration all the same is judged like any other.
    if (flight.refusal !== undefined && seen.verdict === 'notWritten') {
      const { code, reply } = flight.refusal;
      this.#flights.delete(changeId(flight.change));
      this.#tellFailure(flight, seen, { code, detail: `the router answered: ${reply}; ${seen.detail}` });
      this.#attempts.failed(flight.change, code);
    } else if (seen.verdict === 'notWritten' && flight.besideRefusal) {
      this.#flights.delete(changeId(flight.change));
      this.#attempts.again(flight.change, 'not taken in a script with a refused line');
    } else if (now < flight.verifyUntil) {
      const wait = backoffMs(flight.polls++, this.#timing.poll, this.#random.fraction());
      flight.nextPollAt = Math.min(now + wait, flight.verifyUntil);
    } else {
      this.#tellFailure(flight, seen, { code: 'not-applied', detail: seen.detail });
      this.#watchOrRetry(flight, seen);
    }
  }

  #watchOrRetry(flight: Flight, seen: ReadBack): void {
    if (seen.verdict === 'notWritten') {
      this.#flights.delete(changeId(flight.change));
      this.#attempts.failed(flight.change, 'not-applied');
      return;
    }
    // Nothing to write: the router has the line, and acts on it when it can.
    if (!flight.toldFailed) flight.polls = 0;
    flight.toldFailed = true;
    const wait = backoffMs(flight.polls++, this.#timing.watch, this.#random.fraction());
    flight.nextPollAt = this.#clock.now() + wait;
  }

  #tellFailure(
    flight: Pick<Flight, 'change' | 'sent' | 'steps'>,
    seen: ReadBack | undefined,
    failure: Required<Failure>,
  ): void {
    if (!this.#attempts.isNews(flight.change, failure.code)) return;
    const notes = this.#attempts.historyOf(flight.change);
    this.#tell(reportOf(this.#router, flight, { now: this.#clock.now(), seen, failure, notes }));
  }
}

/** Whether anybody still waits for this change. One without a verdict is proved if it can be, and not pursued. */
function stillWanted({ change, toldFailed }: Flight, wishes: Wishes): boolean {
  const wish = wishes.for(change.key)?.want;
  if (wish === 'asIs') return !toldFailed;
  return change.op === 'add' ? wish === 'present' : wish !== 'present';
}
