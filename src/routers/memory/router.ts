import type { Clock } from '../../lib/clock.ts';
import { type ObservedRoute, type RouteAttributes, type RouteChange, type RouteKey, routeId } from '../../model.ts';
import type { RouterErrorCode, ScriptLine } from '../contract.ts';

/** How a memory router misbehaves; all off by default, switched by assignment at any time. */
export interface MemoryFaults {
  /** Every answer takes this long, milliseconds. */
  delayMs: number;
  /** Takes everything and never answers. */
  frozen: boolean;
  /** Sessions cannot be opened, for this reason. */
  refuseOpen: RouterErrorCode | undefined;
  /** The next script is lost together with its session: before any line took effect, or after all did. Happens once. */
  loseSession: 'beforeWrite' | 'afterWrite' | undefined;
  /** So many next scripts are answered "ok" and not done. */
  ignoreScripts: number;
  /** So many next scripts meet a configuration that somebody else has locked. */
  lockedScripts: number;
  /** Lines that are refused: returns the reason, or undefined to take the line. */
  refuseLine: ((line: ScriptLine) => RouterErrorCode | undefined) | undefined;
  /** What is shown in the place of the truth. */
  lie: ((routes: readonly ObservedRoute[]) => readonly ObservedRoute[]) | undefined;
}

export interface MemoryRouterOptions {
  /** From a line of configuration to the RIB, milliseconds: routing is asynchronous on every router. */
  readonly ribDelayMs?: number;
  /** Running and startup configuration at power-on. */
  readonly routes?: readonly Pick<ObservedRoute, 'key' | 'attributes'>[];
}

interface Line {
  readonly key: RouteKey;
  readonly attributes: RouteAttributes;
}

/**
 * A router that exists in memory only: running and startup configuration, a RIB that follows it, an uptime.
 * Scenarios hold it by its operator's side (`edit`, `save`, `reload`, `cut`), the program by its driver.
 */
export class MemoryRouter {
  readonly faults: MemoryFaults = {
    delayMs: 0,
    frozen: false,
    refuseOpen: undefined,
    loseSession: undefined,
    ignoreScripts: 0,
    lockedScripts: 0,
    refuseLine: undefined,
    lie: undefined,
  };
  /** Next hops that the router cannot resolve: their routes stay out of the RIB. */
  readonly unreachable = new Set<string>();
  /** How often each thing was asked for. */
  readonly counts = { opens: 0, observes: 0, scripts: 0, lines: 0 };
  /** Called when all sessions are cut; the driver hangs in here. */
  readonly onCut = new Set<() => void>();

  readonly #clock: Clock;
  readonly #ribDelayMs: number;
  #startup: ReadonlyMap<string, Line>;
  #running: Map<string, Line>;
  #rib: Map<string, Line>;
  #ribUpdates: { readonly at: number; readonly id: string; readonly line: Line | undefined }[] = [];
  #bootedAt: number;

  constructor(options: MemoryRouterOptions, { clock }: { clock: Clock }) {
    this.#clock = clock;
    this.#ribDelayMs = options.ribDelayMs ?? 0;
    this.#startup = new Map((options.routes ?? []).map((route) => [routeId(route.key), route]));
    this.#running = new Map(this.#startup);
    this.#rib = new Map(this.#startup);
    this.#bootedAt = clock.now();
  }

  get uptimeMs(): number {
    return this.#clock.now() - this.#bootedAt;
  }

  /** Another hand writes a line, or removes it with `undefined`. */
  edit(key: RouteKey, attributes: RouteAttributes | undefined): void {
    const id = routeId(key);
    const line = attributes === undefined ? undefined : { key, attributes };
    if (line === undefined) this.#running.delete(id);
    else this.#running.set(id, line);
    this.#ribUpdates.push({ at: this.#clock.now() + this.#ribDelayMs, id, line });
  }

  /** `write memory`. */
  save(): void {
    this.#startup = new Map(this.#running);
  }

  /** Power cycle: whatever was not saved is gone, sessions too, and the uptime starts again. */
  reload(): void {
    this.#running = new Map(this.#startup);
    this.#rib = new Map(this.#startup);
    this.#ribUpdates = [];
    this.#bootedAt = this.#clock.now();
    this.cut();
  }

  /** Every session ends, as when a firewall forgets them. */
  cut(): void {
    for (const cut of [...this.onCut]) cut();
  }

  /** The truth, whatever `lie` shows to sessions. */
  table(): ObservedRoute[] {
    this.#settleRib();
    const ids = new Set([...this.#running.keys(), ...this.#rib.keys()]);
    return [...ids].flatMap((id) => {
      const configured = this.#running.get(id);
      const inRib = this.#rib.get(id);
      const installed = inRib !== undefined && !this.unreachable.has(inRib.key.nextHop);
      const line = configured ?? inRib;
      if (line === undefined || (configured === undefined && !installed)) return [];
      return [{ key: line.key, attributes: line.attributes, configured: configured !== undefined, installed }];
    });
  }

  /** Does what a line of a script says. */
  execute(change: RouteChange): void {
    this.edit(change.key, change.op === 'add' ? change.attributes : undefined);
  }

  #settleRib(): void {
    const now = this.#clock.now();
    for (const { at, id, line } of this.#ribUpdates) {
      if (at > now) continue;
      if (line === undefined) this.#rib.delete(id);
      else this.#rib.set(id, line);
    }
    this.#ribUpdates = this.#ribUpdates.filter(({ at }) => at > now);
  }
}
