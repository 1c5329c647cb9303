import type { Clock } from '../../lib/clock.ts';
import { AbortedError } from '../../lib/errors.ts';
import { isHostRouteInside } from '../../lib/ip.ts';
import { type ObservedRoute, type RouteChange, type RouteKey, routeId } from '../../model.ts';
import type { Step } from '../../notify/contract.ts';
import type { CliPlatform, RouterError, RouterSettings, Session } from '../contract.ts';
import { type DiffRules, diff, ownedRoutes } from '../diff.ts';
import { type Area, areaOf, isInside, scopeOf } from './area.ts';
import { asRouterError, bounded } from './bounded.ts';
import { type Drift, findDrift } from './drift.ts';
import type { Findings } from './findings.ts';
import type { Flights } from './flights.ts';
import { endsSession, type Link } from './link.ts';
import { makeBeforeBreak } from './make-before-break.ts';
import type { Plan } from './options.ts';
import { type Uptime, wasReloaded } from './reload.ts';
import type { Wishes } from './wishes.ts';

/** What a visit works on and with. */
export interface VisitorDependencies {
  readonly settings: Pick<RouterSettings, 'commandTimeoutMs'>;
  readonly platform: Pick<CliPlatform, 'capabilities' | 'render'>;
  readonly rules: () => DiffRules;
  readonly link: Link;
  readonly wishes: Wishes;
  readonly flights: Flights;
  readonly findings: Findings;
  readonly clock: Clock;
  readonly onDrift: (drift: Drift) => void;
  readonly onReload: (detail: string) => void;
}

/** How a visit went that came to its end. */
export interface Visit {
  /** It opened the session. */
  readonly fresh: boolean;
  /** It sent a script. */
  readonly wrote: boolean;
  /** Where a withdrawal waits for what was just written (make before break): to be looked at again. */
  readonly again?: Area;
}

/** How an area is looked at. */
interface Look {
  /** Tell what changed without us. */
  readonly drift: boolean;
  /** Leave the RIB out. */
  readonly configurationOnly?: boolean;
}

/** Slack per line of a script beside the deadline of a command, milliseconds: slow routers take tens. */
const LINE_MS = 250;

/** Saving takes longer than other commands: so many times as long at most. */
const SAVE_COMMANDS = 6;

/** One visit to a router: observe, compare, render, apply, observe again. */
export class Visitor {
  /** Everything in the anycast space as last read, by `routeId`. */
  readonly #seen = new Map<string, ObservedRoute>();
  /** Tables that were read as a whole at least once: before that nothing in them can have drifted. */
  readonly #readVrfs = new Set<string>();
  readonly #deps: VisitorDependencies;
  #uptime: Uptime | undefined;

  constructor(deps: VisitorDependencies) {
    this.#deps = deps;
  }

  get seen(): ObservedRoute[] {
    return [...this.#seen.values()];
  }

  /** Whether the router has ever been read. */
  get hasRead(): boolean {
    return this.#readVrfs.size > 0;
  }

  /**
   * Moves an area of the router to what is wanted, as far as one visit can.
   * The area is always read right before it is written: what an operator changed a second ago is seen (promise 2).
   * @param queueMs how long the visit waited, for the reports
   */
  async visit(area: Area, queueMs: number, signal: AbortSignal): Promise<Visit> {
    const { link, wishes, flights, findings, clock } = this.#deps;
    const { session, fresh, connectMs } = await link.ensure(signal);
    // After a reconnect nothing is done from memory.
    const here = fresh ? 'all' : area;
    const begun = clock.now();
    // On the way from a verdict to the wire nothing is asked that the decision does not need.
    const configurationOnly = here !== 'all' && !flights.areIn(here);
    const routes = await this.#look(session, here, signal, { drift: true, configurationOnly });
    flights.judge(here, routes, wishes);
    // Nobody has spoken yet: the router is adopted as it is (promise 4).
    if (!wishes.known) return { fresh, wrote: false };
    const desired = wishes.inside(here);
    const difference = diff(desired, routes, this.#deps.rules());
    findings.update(here, difference);
    const { now, later } = makeBeforeBreak(difference.changes, desired, routes, wishes.addFirst);
    const changes = this.#expressible(flights.select(here, now));
    const steps: Step[] = [
      { name: 'queue', ms: queueMs },
      { name: 'connect', ms: connectMs },
      { name: 'observe', ms: clock.now() - begun },
    ];
    if (changes.length > 0) await this.#write(session, changes, steps, signal);
    return { fresh, wrote: changes.length > 0, again: areaOf(later.map(({ key }) => key)) };
  }

  /** The whole difference between the wishes and the router, and the script for it. Nothing is sent. */
  async plan(signal: AbortSignal): Promise<Plan> {
    const { link, wishes, platform } = this.#deps;
    try {
      const { session } = await link.ensure(signal);
      const { routes } = await this.#read(session, 'all', signal);
      const difference = diff(wishes.inside('all'), routes, this.#deps.rules());
      return { ...difference, script: platform.render(difference.changes), observed: routes };
    } catch (error) {
      if (signal.aborted) throw new AbortedError();
      const failure = asRouterError(error);
      if (endsSession(failure.code)) link.drop(failure);
      throw failure;
    }
  }

  /** What would have to change, judged by what was last seen; only for telling what waits while the router is away. */
  outstanding(): readonly RouteChange[] {
    if (!this.#deps.wishes.known || !this.hasRead) return [];
    return diff(this.#deps.wishes.inside('all'), this.seen, this.#deps.rules()).changes;
  }

  /**
   * Saves the running configuration, where the platform has such a step.
   * @returns what went wrong; a session that is away or lost is met by the next visit
   */
  async save(signal: AbortSignal): Promise<string | undefined> {
    const { link, clock, settings } = this.#deps;
    if (!link.isUp) return 'there is no session';
    try {
      const { session } = await link.ensure(signal);
      const save = session.save?.bind(session);
      if (save !== undefined) await bounded('save', SAVE_COMMANDS * settings.commandTimeoutMs, { signal, clock }, save);
      return undefined;
    } catch (error) {
      const failure = asRouterError(error);
      if (endsSession(failure.code)) link.drop(failure);
      return failure.message;
    }
  }

  /** Changes that the platform can put into words. One that it cannot must not stop the others (promise 9). */
  #expressible(changes: readonly RouteChange[]): readonly RouteChange[] {
    const { platform, flights } = this.#deps;
    const problem = (some: readonly RouteChange[]): RouterError | undefined => {
      try {
        platform.render(some);
        return undefined;
      } catch (error) {
        return asRouterError(error);
      }
    };
    if (problem(changes) === undefined) return changes;
    return changes.filter((change) => {
      const error = problem([change]);
      if (error !== undefined) flights.refuse([change], error, []);
      return error === undefined;
    });
  }

  async #write(session: Session, changes: readonly RouteChange[], steps: Step[], signal: AbortSignal): Promise<void> {
    const { flights, wishes, platform, clock, settings } = this.#deps;
    const script = platform.render(changes);
    const limitMs = 4 * settings.commandTimeoutMs + script.lines.length * LINE_MS;
    const begun = clock.now();
    const withApply = (): Step[] => [...steps, { name: 'apply', ms: clock.now() - begun }];
    try {
      const report = await bounded('apply', limitMs, { signal, clock }, (limited) => session.apply(script, limited));
      flights.launch(changes, script, report, withApply());
    } catch (error) {
      const failure = asRouterError(error);
      if (!endsSession(failure.code)) return flights.refuse(changes, failure, withApply());
      flights.launchInterrupted(changes, script, withApply());
      throw failure;
    }
    const area = areaOf(changes.map(({ key }) => key));
    flights.judge(area, await this.#look(session, area, signal, { drift: false }), wishes);
  }

  /** Reads an area, remembers it, and notices a reload; with `drift` also what changed without us. */
  async #look(session: Session, area: Area, signal: AbortSignal, how: Look): Promise<readonly ObservedRoute[]> {
    const { routes, uptimeMs } = await this.#read(session, area, signal, how.configurationOnly);
    const reloaded = uptimeMs !== undefined && this.#noteUptime(uptimeMs);
    // What a reload took is explained by the reload.
    if (how.drift && !reloaded) this.#findDrift(area, routes);
    const known = how.drift ? routes : routes.map((route) => this.#unflickered(route));
    for (const [id, { key }] of this.#seen) if (isInside(key, area)) this.#seen.delete(id);
    for (const route of known) this.#seen.set(routeId(route.key), route);
    if (area === 'all') for (const vrf of this.#deps.wishes.vrfs) this.#readVrfs.add(vrf);
    return routes;
  }

  async #read(session: Session, area: Area, signal: AbortSignal, configurationOnly = false) {
    const { clock, settings, wishes } = this.#deps;
    const { anycastPrefixes } = this.#deps.rules();
    const scope = { ...scopeOf(area, { anycastPrefixes, vrfs: wishes.vrfs }), configurationOnly };
    if (scope.prefixes.length === 0) return { routes: [], uptimeMs: undefined };
    const limitMs = 8 * settings.commandTimeoutMs;
    const observation = await bounded('observe', limitMs, { signal, clock }, (limited) =>
      session.observe(scope, limited),
    );
    const ourBusiness = ({ key }: ObservedRoute) =>
      isInside(key, area) && isHostRouteInside(key.prefix, anycastPrefixes);
    const found = observation.routes.filter(ourBusiness);
    return { routes: configurationOnly ? this.#withKnownRib(found) : found, uptimeMs: observation.uptimeMs };
  }

  /** Right after a write a router may take a sibling out of the RIB and in again: the next look for drift will tell. */
  #unflickered(route: ObservedRoute): ObservedRoute {
    const { configured, key } = route;
    const wasInstalled = this.#seen.get(routeId(key))?.installed ?? false;
    return configured && wasInstalled && !this.#deps.flights.concerns(key) ? { ...route, installed: true } : route;
  }

  /** Routes of the configuration, with what was last seen of them in the RIB. */
  #withKnownRib(routes: readonly ObservedRoute[]): ObservedRoute[] {
    const configured = routes.filter((route) => route.configured);
    return configured.map((route) => ({ ...route, installed: this.#seen.get(routeId(route.key))?.installed ?? false }));
  }

  #noteUptime(uptimeMs: number): boolean {
    const now = { uptimeMs, atMono: this.#deps.clock.now() };
    const reloaded = wasReloaded(this.#uptime, now);
    this.#uptime = now;
    if (reloaded) this.#deps.onReload(`up for ${Math.round(uptimeMs / 1000)} s only`);
    return reloaded;
  }

  #findDrift(area: Area, routes: readonly ObservedRoute[]): void {
    const { wishes, flights, onDrift } = this.#deps;
    const desired = wishes.inside(area);
    const before = this.seen.filter((route) => isInside(route.key, area));
    const wishFor = (key: RouteKey) =>
      this.#readVrfs.has(key.vrf) && !flights.concerns(key) ? wishes.for(key) : undefined;
    const rules = this.#deps.rules();
    const drifts = findDrift(ownedRoutes(before, desired, rules), ownedRoutes(routes, desired, rules), wishFor);
    for (const drift of drifts) onDrift(drift);
  }
}
