import PQueue from 'p-queue';
import { withDeadline } from '../lib/abort.ts';
import type { Timer } from '../lib/clock.ts';
import type { DesiredRoute } from '../model.ts';
import type { ChangeReport } from '../notify/contract.ts';
import { RouterError } from './contract.ts';
import type { DiffRules } from './diff.ts';
import { Agenda } from './reconciler/agenda.ts';
import type { Area } from './reconciler/area.ts';
import { asRouterError } from './reconciler/bounded.ts';
import { Condition } from './reconciler/condition.ts';
import { Findings } from './reconciler/findings.ts';
import { Flights } from './reconciler/flights.ts';
import { endsSession, Link, needsPerson } from './reconciler/link.ts';
import type { Plan, ReconcilerDependencies, ReconcilerOptions, RouterStatus } from './reconciler/options.ts';
import { Recovery } from './reconciler/recovery.ts';
import { Reporter } from './reconciler/reporter.ts';
import { Saver } from './reconciler/saver.ts';
import { Teller } from './reconciler/teller.ts';
import { TIMING, type Timing } from './reconciler/timing.ts';
import { Visitor } from './reconciler/visitor.ts';
import { Wishes } from './reconciler/wishes.ts';

export type { Plan, ReconcilerDependencies, ReconcilerOptions, RouterStatus } from './reconciler/options.ts';

/**
 * Keeps the routes of one router as they are wanted: observe, diff, render, apply, observe again.
 * Level-triggered: it holds the full set of wishes and moves the router to it, whatever happened in between.
 * It shares nothing with other reconcilers: a slow or lying router holds up its own routes only (promise 7).
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #deps: ReconcilerDependencies;
  readonly #timing: Timing;
  readonly #stopped = new AbortController();
  /** One writer per router: visits and plans take turns. */
  readonly #queue = new PQueue({ concurrency: 1 });
  readonly #agenda: Agenda;
  readonly #wishes = new Wishes();
  readonly #teller: Teller;
  readonly #reporter: Reporter;
  readonly #link: Link;
  readonly #flights: Flights;
  readonly #findings: Findings;
  readonly #visitor: Visitor;
  readonly #recovery: Recovery;
  readonly #saver: Saver;
  readonly #settled = new Condition(() => this.#isSettled());
  #started = false;
  #visiting = false;
  #wake: Timer | undefined;
  #driftTimer: Timer | undefined;

  constructor(options: ReconcilerOptions, deps: ReconcilerDependencies) {
    const { name } = options.router;
    const { driver, clock, random, platform, emit } = deps;
    this.#options = options;
    this.#deps = deps;
    this.#timing = { ...TIMING, ...options.timing };
    this.#agenda = new Agenda(this.#timing, deps);
    const teller = new Teller(name, { clock, emit, log: deps.log });
    this.#teller = teller;
    const onReload = (detail: string) => this.#onReload(detail);
    this.#reporter = new Reporter(this.#timing, { witness: deps.witness, clock, emit, onReload });
    this.#recovery = new Recovery({ ...this.#timing, driftCheckMs: options.router.driftCheckMs }, deps);
    this.#saver = new Saver(this.#timing.saveMs, { clock, save: () => this.#save() });
    const tell = (report: ChangeReport) => {
      this.#reporter.add(report);
      if (report.outcome === 'done' && options.router.save === 'afterChange') this.#saver.note();
    };
    const onEnded = (error: RouterError | undefined) => this.#onSessionEnded(error);
    this.#link = new Link(options.router, { driver, clock, teller, onEnded });
    this.#flights = new Flights({ router: name, timing: this.#timing, rules: platform }, { clock, random, tell });
    this.#findings = new Findings(name, {
      conflict: (conflict) => teller.conflict(conflict),
      orphan: (route) => teller.orphan(route),
      refused: tell,
    });
    this.#visitor = new Visitor({
      settings: options.router,
      platform,
      rules: () => this.#rules(),
      link: this.#link,
      wishes: this.#wishes,
      flights: this.#flights,
      findings: this.#findings,
      clock,
      onDrift: (drift) => teller.drift(drift),
      onReload,
    });
  }

  /** Opens the session, reads the router, and from then on keeps it as wanted until `signal` fires or `close`. */
  start(signal: AbortSignal): void {
    if (this.#started || signal.aborted || this.#stopped.signal.aborted) return;
    this.#started = true;
    signal.addEventListener('abort', () => void this.close(), { once: true });
    this.#armDrift();
    this.#request('all');
  }

  /**
   * Tells the full set of routes that policies have a say in on this router; replaces the set told before.
   * @param addFirst prefixes whose additions go before their withdrawals (`makeBeforeBreak`)
   */
  setDesired(routes: readonly DesiredRoute[], addFirst: ReadonlySet<string> = new Set()): void {
    const first = !this.#wishes.known;
    const tables = this.#wishes.vrfs.size;
    const { stoppedBy } = this.#recovery;
    const changed = this.#wishes.replace(routes, addFirst);
    // Another wish may pass where the last was refused; a refused login would be refused again, and lock the account.
    if (changed.size > 0 && stoppedBy !== undefined && !needsPerson(stoppedBy)) this.#agenda.unblock();
    if (this.#wishes.inside(changed).some(({ want }) => want === 'absent')) this.#agenda.hurry();
    this.#request(first || this.#wishes.vrfs.size > tables ? 'all' : changed);
  }

  /** A person says: look again now, and try again what was given up. */
  nudge(): void {
    this.#recovery.reset();
    this.#flights.release('all');
    this.#agenda.unblock();
    this.#request('all');
  }

  /** What would be sent for the wishes told so far, exactly; nothing is sent. Throws RouterError, or AbortedError. */
  async plan(signal: AbortSignal): Promise<Plan> {
    const both = AbortSignal.any([signal, this.#stopped.signal]);
    return this.#queue.add(async () => {
      const wasUp = this.#link.isUp;
      try {
        return await this.#visitor.plan(both);
      } finally {
        // The visits have not seen this session begin, and after a reconnect nothing is done from memory.
        if (!wasUp || !this.#link.isUp) this.#request('all');
      }
    });
  }

  /** Resolves once everything wanted is proved, refused for good or out of our hands; AbortedError when `signal` fires. */
  settled(signal: AbortSignal): Promise<void> {
    return this.#settled.wait(signal);
  }

  /** How the router stands now. */
  status(): RouterStatus {
    const { blockedMs } = this.#agenda;
    const { lastError } = this.#recovery;
    return {
      router: this.#options.router.name,
      session: this.#sessionState(blockedMs),
      observed: this.#visitor.seen,
      pending: this.#flights.pending,
      parked: this.#flights.parked,
      conflicts: this.#findings.conflicts,
      orphans: this.#findings.orphans,
      ...(lastError === undefined ? {} : { lastError }),
      ...(blockedMs > 0 && Number.isFinite(blockedMs) ? { nextAttemptMs: blockedMs } : {}),
    };
  }

  /** Ends the session and every timer; a visit in flight is abandoned, and the routes stay as they are. */
  async close(): Promise<void> {
    this.#stopped.abort();
    this.#wake?.cancel();
    this.#driftTimer?.cancel();
    this.#saver.close();
    this.#queue.clear();
    const closing = Promise.allSettled([this.#link.close(), this.#reporter.close(), this.#queue.onIdle()]);
    const expired = () => new RouterError('deadline', 'the session did not close in time');
    const limit = { signal: new AbortController().signal, clock: this.#deps.clock, expired };
    await withDeadline(closing, this.#timing.closeMs, limit).catch((error: unknown) =>
      this.#deps.log?.debug({ router: this.#options.router.name, err: error }, 'router session left behind'),
    );
  }

  #rules(): DiffRules {
    const { mark, anycastPrefixes, orphans, policyTags = new Set() } = this.#options;
    const { capabilities } = this.#deps.platform;
    return { mark, anycastPrefixes, orphans, policyTags, capabilities, addFirst: this.#wishes.addFirst };
  }

  #request(area: Area): void {
    this.#agenda.add(area);
    this.#schedule();
  }

  #schedule(): void {
    if (!this.#started || this.#visiting || this.#stopped.signal.aborted) return;
    this.#wake?.cancel();
    const at = this.#agenda.nextAt(this.#flights.wakeAt());
    if (at === undefined) return;
    const waitMs = Math.ceil(at - this.#deps.clock.now());
    if (waitMs > 0) this.#wake = this.#deps.clock.timer(waitMs, () => this.#beginVisit());
    else this.#beginVisit();
  }

  #beginVisit(): void {
    this.#visiting = true;
    void this.#queue.add(() => this.#visit());
  }

  /** Never rejects: whatever a visit meets ends in the next attempt, or in a stop that was told. */
  async #visit(): Promise<void> {
    // One turn of the microtask queue, so that all that is told in one go is in this visit.
    await Promise.resolve();
    const { area, queueMs } = this.#agenda.take(this.#flights.due());
    if (area === 'all' || area.size > 0) await this.#attempt(area, queueMs);
    this.#visiting = false;
    this.#reporter.flush();
    this.#schedule();
    this.#settled.check();
  }

  async #attempt(area: Area, queueMs: number): Promise<void> {
    const began = this.#deps.clock.now();
    try {
      const { fresh, wrote, again } = await this.#visitor.visit(area, queueMs, this.#stopped.signal);
      this.#recovery.succeeded(fresh);
      if (wrote) this.#agenda.wrote(began);
      if (wrote && again !== undefined) this.#agenda.add(again);
      if (!this.#link.isUp) this.#reconnect();
    } catch (error) {
      if (!this.#stopped.signal.aborted) this.#onFailure(asRouterError(error));
    }
  }

  #onFailure(error: RouterError): void {
    this.#recovery.note(error);
    if (endsSession(error.code)) this.#link.drop(error);
    if (this.#recovery.isRepeated || error.terminal) {
      this.#flights.unreachable(this.#visitor.outstanding(), error);
    }
    if (!error.terminal) this.#reconnect();
    else {
      this.#teller.stopped(error);
      this.#startAgainIn(this.#recovery.pauseAfterStop(error));
    }
  }

  #onSessionEnded(error: RouterError | undefined): void {
    if (error !== undefined) this.#recovery.note(error);
    // A visit in progress meets the end of its session by itself.
    if (this.#visiting || this.#stopped.signal.aborted) return;
    this.#reconnect();
    this.#schedule();
  }

  #reconnect(): void {
    this.#startAgainIn(this.#recovery.pauseAfterLoss());
  }

  /** What is in flight is unknown from here on, and the next visit is a full pass: nothing is done from memory. */
  #startAgainIn(pauseMs: number): void {
    this.#flights.interrupt();
    this.#agenda.add('all');
    this.#agenda.block(pauseMs);
  }

  #save(): void {
    void this.#queue.add(async () => {
      const wasUp = this.#link.isUp;
      const trouble = await this.#visitor.save(this.#stopped.signal);
      if (trouble === undefined || this.#stopped.signal.aborted) return;
      this.#deps.log?.warn({ router: this.#options.router.name, detail: trouble }, 'configuration not saved');
      this.#saver.note();
      // A session that was given up here is replaced at once: the next withdrawal needs it.
      if (wasUp && !this.#link.isUp) this.#onSessionEnded(undefined);
    });
  }

  #onReload(detail: string): void {
    this.#teller.reloaded(detail);
    this.#request('all');
  }

  #armDrift(): void {
    const { clock, random } = this.#deps;
    // A tenth of jitter, so that many routers are not all read in the same instant.
    const periodMs = this.#options.router.driftCheckMs * (0.95 + 0.1 * random.fraction());
    this.#driftTimer = clock.timer(periodMs, () => {
      this.#flights.release('withdrawals');
      this.#reporter.checkUptime();
      this.#armDrift();
      this.#request('all');
    });
  }

  #isSettled(): boolean {
    const idle = this.#agenda.isEmpty && !this.#visiting && this.#flights.isSettled;
    return idle && this.#wishes.known && this.#visitor.hasRead;
  }

  #sessionState(blockedMs: number): RouterStatus['session'] {
    if (this.#stopped.signal.aborted || (!this.#started && !this.#link.isUp)) return 'closed';
    if (this.#recovery.stoppedBy !== undefined) return 'stopped';
    if (this.#link.isUp) return 'up';
    return blockedMs > 0 ? 'waiting' : 'connecting';
  }
}
