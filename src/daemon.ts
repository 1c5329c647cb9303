import type { Logger } from 'pino';
import { type ProbeEntry, type ProbeKinds, probeEntries, probeKey } from './daemon/entries.ts';
import { policyStatuses, routerStatuses } from './daemon/status.ts';
import { summaryOf } from './daemon/summary.ts';
import { PolicyTracker } from './daemon/tracker.ts';
import { ownTags, wishesFor } from './daemon/wishes.ts';
import type { Clock, Timer } from './lib/clock.ts';
import type { Random } from './lib/random.ts';
import type { DesiredRoute } from './model.ts';
import type { AnytrackEvent, Emit } from './notify/contract.ts';
import { Notifier } from './notify/notifier.ts';
import type { Redact } from './notify/redact.ts';
import type { Policy } from './policies/policy.ts';
import type { Sockets } from './probes/contract.ts';
import { Scheduler, type Stall } from './probes/scheduler.ts';
import type { Capabilities, RouterSettings } from './routers/contract.ts';
import type { RouterParts } from './routers/parts.ts';
import { Reconciler } from './routers/reconciler.ts';
import { changedPolicies } from './settings/changes.ts';
import type { Settings } from './settings/contract.ts';
import type { Status } from './web/status.ts';

/** How long a planned stop waits for the routers to take the last withdrawals, milliseconds. */
const STOP_LIMIT_MS = 10_000;

/** How long a planned stop waits for probes that were told to end, milliseconds. */
const PROBES_LIMIT_MS = 1_000;

export interface DaemonDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly sockets: Sockets;
  readonly probeKinds: ProbeKinds;
  readonly log: Logger;
  readonly version: string;
  /** Takes every secret of the settings in force out of a text. */
  readonly redact: Redact;
  /** Driver, platform and witness of a router. */
  readonly routerParts: (router: RouterSettings, anycastPrefixes: readonly string[]) => RouterParts;
}

/** Sections that every route depends on. */
const ROUTE_SECTIONS: ReadonlySet<keyof Settings> = new Set(['mark', 'anycastPrefixes', 'orphans']);

/** Sections that every notification depends on. */
const NOTIFY_SECTIONS: ReadonlySet<keyof Settings> = new Set(['notify', 'site']);

/** An event without its time, which is added in one place. */
type Untimed<T> = T extends unknown ? Omit<T, 'at'> : never;

/**
 * The whole service: the only place that constructs its parts, and their order of start and stop.
 * Results flow from the scheduler through trackers to reconcilers; everything that happens is told to the notifier.
 */
export class Daemon {
  #settings: Settings;
  readonly #dependencies: DaemonDependencies;
  readonly #listeners = new Set<Emit>();
  readonly #trackers = new Map<string, PolicyTracker>();
  readonly #reconcilers = new Map<string, Reconciler>();
  readonly #capabilities: Record<string, Capabilities> = {};
  /** The full set of wanted routes of each policy. */
  readonly #desired = new Map<string, readonly DesiredRoute[]>();
  /**
   * Tags that policies gave their routes instead of the mark's, since the start: a route that was written with one
   * stays ours when a reload has taken the tag or the policy away. Forgotten, it could never be withdrawn.
   */
  readonly #policyTags = new Set<number>();
  #entries: ReadonlyMap<string, ProbeEntry> = new Map();
  readonly #scheduler: Scheduler;
  #notifier: Notifier;
  readonly #stopped = new AbortController();
  readonly #stalls = { count: 0, longestMs: 0 };
  #startedAt = 0;
  #heartbeat: Timer | undefined;

  constructor(settings: Settings, dependencies: DaemonDependencies) {
    this.#settings = settings;
    this.#dependencies = dependencies;
    const { clock, random, sockets } = dependencies;
    this.#notifier = this.#newNotifier(settings);
    this.#scheduler = new Scheduler(
      {
        onResult: (key, result, run) => this.#onResult(key, result, run),
        onStall: (stall) => this.#onStall(stall),
      },
      { clock, random, sockets },
    );
  }

  /** Starts everything: routers first, so that their sessions are warm when the first verdict comes. */
  async start(): Promise<void> {
    const { clock, version } = this.#dependencies;
    this.#startedAt = clock.wall();
    await this.#notifier.start();
    const { policies, routers } = this.#settings;
    this.#emit({ type: 'started', policies: policies.length, routers: routers.length, version });
    this.#rememberTags();
    for (const router of routers) this.#addRouter(router);
    for (const policy of policies) this.#addPolicy(policy);
    this.#applyEntries();
    this.#scheduler.start(this.#stopped.signal);
    this.#beat();
  }

  /**
   * Takes over a checked configuration. What is equal is not disturbed: its probes keep their slots and its tracks
   * their state. A changed policy starts anew, its routes as found until there is fresh evidence (promises 4 and 9).
   * A change of mark or anycast space concerns every route, so that all policies and routers start anew.
   */
  async reload(next: Settings): Promise<void> {
    const changes = changedPolicies(this.#settings, next);
    const all = changes.sectionsChanged.some((section) => ROUTE_SECTIONS.has(section));
    const policies = all ? this.#trackers.keys() : [...changes.removed, ...changes.changed];
    const routers = all ? this.#reconcilers.keys() : [...changes.routersRemoved, ...changes.routersChanged];
    // All waiting comes first. After it nothing is awaited until every policy has its say again: a router that was
    // looked at in between would have routes that no policy names, and with `orphans: remove` lose them.
    if (changes.sectionsChanged.some((section) => NOTIFY_SECTIONS.has(section))) await this.#replaceNotifier(next);
    await Promise.all([...routers].map((name) => this.#removeRouter(name)));
    this.#settings = next;
    this.#rememberTags();
    for (const name of [...policies]) this.#removePolicy(name);
    for (const router of next.routers) if (!this.#reconcilers.has(router.name)) this.#addRouter(router);
    for (const policy of next.policies) if (!this.#trackers.has(policy.name)) this.#addPolicy(policy);
    this.#applyEntries();
    for (const [name, reconciler] of this.#reconcilers) reconciler.setDesired(...this.#desiredOf(name));
    this.#emit({ type: 'configReloaded', changed: summaryOf(changes) });
  }

  /** Tells that a new configuration was refused; the old one stays in force. */
  rejected(problems: readonly string[]): void {
    this.#emit({ type: 'configRejected', problems });
  }

  /** A planned stop: probes end, each policy's `onStop` is carried out, then sessions and notifier close. */
  async stop(reason: string): Promise<void> {
    this.#emit({ type: 'stopping', reason });
    this.#heartbeat?.cancel();
    // No result counts from here on; a probe that does not end holds up nothing that matters.
    const probesEnded = this.#scheduler.close();
    for (const tracker of this.#trackers.values()) tracker.stop();
    await this.#settle();
    this.#stopped.abort();
    await Promise.all([...this.#reconcilers.values()].map((reconciler) => reconciler.close()));
    await this.#orGiveUp(probesEnded);
    await this.#notifier.close();
  }

  /** Waits until the routers have what they should at the end; those that cannot within the limit are left to their fate. */
  async #settle(): Promise<void> {
    const limit = new AbortController();
    const timer = this.#dependencies.clock.timer(STOP_LIMIT_MS, () => limit.abort());
    await Promise.allSettled([...this.#reconcilers.values()].map((reconciler) => reconciler.settled(limit.signal)));
    timer.cancel();
  }

  /** Resolves when the last aborted probe has ended, or when it has had time enough to. */
  async #orGiveUp(probesEnded: Promise<void>): Promise<void> {
    const gaveUp = Promise.withResolvers<void>();
    const timer = this.#dependencies.clock.timer(PROBES_LIMIT_MS, gaveUp.resolve);
    await Promise.race([probesEnded, gaveUp.promise]);
    timer.cancel();
  }

  /** Calls `listener` with every event from now on. @returns a function that ends it */
  subscribe(listener: Emit): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  status(): Status {
    const { clock, version } = this.#dependencies;
    const trackers = [...this.#trackers.values()].map((tracker) => tracker.snapshot());
    const statistics = (key: string) => this.#scheduler.statistics(key);
    return {
      site: this.#settings.site,
      version,
      pid: process.pid,
      startedAt: this.#startedAt,
      at: clock.wall(),
      policies: policyStatuses({ nowMono: clock.now(), trackers, statistics }),
      routers: routerStatuses(
        this.#settings.routers,
        [...this.#reconcilers.values()].map((reconciler) => reconciler.status()),
        (name) => this.#desiredOf(name)[0],
      ),
      stalls: { ...this.#stalls },
      notify: this.#notifier.status(),
    };
  }

  #addRouter(router: RouterSettings): void {
    const { clock, random, routerParts, log } = this.#dependencies;
    const { mark, anycastPrefixes, orphans } = this.#settings;
    const parts = routerParts(router, anycastPrefixes);
    this.#capabilities[router.name] = parts.platform.capabilities;
    const reconciler = new Reconciler(
      { router, mark, anycastPrefixes, orphans, policyTags: this.#policyTags },
      { ...parts, clock, random, log, emit: (event) => this.#tell(event) },
    );
    this.#reconcilers.set(router.name, reconciler);
    reconciler.setDesired(...this.#desiredOf(router.name));
    reconciler.start(this.#stopped.signal);
  }

  async #removeRouter(name: string): Promise<void> {
    const reconciler = this.#reconcilers.get(name);
    this.#reconcilers.delete(name);
    await reconciler?.close();
  }

  #addPolicy(policy: Policy): void {
    const tracker = new PolicyTracker(policy, {
      clock: this.#dependencies.clock,
      emit: (event) => this.#tell(event),
      mark: this.#settings.mark,
      capabilities: this.#capabilities,
      setFast: (name, on) => this.#scheduler.fast(probeKey(policy.name, name), on),
      onDesired: (routes) => {
        this.#desired.set(policy.name, routes);
        for (const router of policy.routers) this.#reconcilers.get(router)?.setDesired(...this.#desiredOf(router));
      },
    });
    this.#trackers.set(policy.name, tracker);
    tracker.start();
  }

  #removePolicy(name: string): void {
    this.#trackers.get(name)?.close();
    this.#trackers.delete(name);
    this.#desired.delete(name);
  }

  #rememberTags(): void {
    for (const tag of ownTags(this.#settings.policies)) this.#policyTags.add(tag);
  }

  #applyEntries(): void {
    const entries = this.#settings.policies.flatMap((policy) => probeEntries(policy, this.#dependencies.probeKinds));
    this.#entries = new Map(entries.map((entry) => [entry.key, entry]));
    this.#scheduler.set(entries);
  }

  async #replaceNotifier(settings: Settings): Promise<void> {
    const old = this.#notifier;
    this.#notifier = this.#newNotifier(settings, old);
    await this.#notifier.start();
    await old.close();
  }

  #newNotifier({ notify, site }: Settings, successorOf?: Notifier): Notifier {
    const { clock, random, log, redact } = this.#dependencies;
    const successor = successorOf === undefined ? {} : { successorOf };
    return new Notifier({ settings: notify, site, ...successor }, { clock, random, log, redact });
  }

  /** The full set of routes that all policies of a router want, and the prefixes whose additions go first. */
  #desiredOf(router: string): readonly [readonly DesiredRoute[], ReadonlySet<string>] {
    return wishesFor(router, this.#settings.policies, this.#desired);
  }

  #onResult(key: string, result: Parameters<PolicyTracker['result']>[2], run: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#emit({ type: 'probeResult', policy: entry.policy, ...entry.name, result });
    this.#trackers.get(entry.policy)?.result(entry.name, run, result);
  }

  #onStall({ stalledMs, suspendedMs, spoiled }: Stall & { readonly spoiled: number }): void {
    this.#stalls.count += 1;
    this.#stalls.longestMs = Math.max(this.#stalls.longestMs, stalledMs);
    this.#emit({ type: 'proberStalled', stalledMs, spoiled });
    if (suspendedMs > 0) for (const tracker of this.#trackers.values()) tracker.slept(suspendedMs);
  }

  #beat(): void {
    this.#heartbeat = this.#dependencies.clock.timer(this.#settings.notify.heartbeatMs, () => {
      const evaluations = [...this.#trackers.values()].map((tracker) => tracker.snapshot().evaluation);
      const sum = (pick: 'up' | 'total') => evaluations.reduce((total, evaluation) => total + evaluation[pick], 0);
      this.#emit({ type: 'heartbeat', up: sum('up'), total: sum('total') });
      this.#beat();
    });
  }

  #emit(event: Untimed<AnytrackEvent>): void {
    this.#tell({ ...event, at: this.#dependencies.clock.wall() });
  }

  #tell(event: AnytrackEvent): void {
    this.#notifier.emit(event);
    for (const listener of this.#listeners) listener(event);
  }
}
