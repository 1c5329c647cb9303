import { dirname, join, resolve } from 'node:path';
import type { Daemon } from '../daemon.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import { DEFAULT_BASE_OID } from '../notify/mib.ts';
import type { Settings } from '../settings/contract.ts';
import { type Act, ActInProgress, type ActKind } from './act.ts';
import { expectationsOfBreak, expectationsOfRepair, expectationsOfStart, STEPS, type Step } from './script.ts';
import { type Entry, entriesOf, trapEntry } from './timeline.ts';
import type { ReceivedTrap } from './trap-receiver.ts';
import { startWorld, type World } from './world.ts';

/** How long each part may take, milliseconds; in all the demo stays under a minute. */
const LIMIT_MS = 8_000;

export interface DemoDependencies {
  readonly clock: Clock;
  readonly random: Random;
  /** Loads the settings once the world's secrets are there. */
  readonly loadSettings: () => Promise<Settings>;
  readonly createDaemon: (settings: Settings) => Daemon;
  /** Told when an act begins, with what is done in it, and when it is over. */
  readonly onAct: (title: string, deed: string) => void;
  readonly onActEnd: (act: Act) => void;
}

/** The folder of everything the demo makes, beside the configuration's folder, where `config/` looks for it. */
export function demoFolder(configFile: string): string {
  return join(dirname(resolve(configFile)), '..', '.demo');
}

/**
 * Runs the real daemon against the embedded world, breaks and mends things by script.
 * `start`, `play`, then `close`; `keep` the world running in between if you like.
 */
export class Demo {
  readonly #folder: string;
  readonly #dependencies: DemoDependencies;
  #world: World | undefined;
  #daemon: Daemon | undefined;
  #act: ActInProgress | undefined;
  /** Endpoints whose track is down: while it is, a passing probe is worth a line. */
  readonly #down = new Set<string>();

  constructor(options: { readonly folder: string }, dependencies: DemoDependencies) {
    this.#folder = options.folder;
    this.#dependencies = dependencies;
  }

  get daemon(): Daemon | undefined {
    return this.#daemon;
  }

  /** Starts the world, then the daemon, and waits for the first routes. */
  async start(): Promise<Act> {
    const act = this.#begin('start', 'anytrack starts', 'every endpoint is well, the router has none of our routes');
    const { createDaemon, loadSettings } = this.#dependencies;
    const options = { baseOid: DEFAULT_BASE_OID, onTrap: (trap: ReceivedTrap) => this.#onTrap(trap) };
    this.#world = await startWorld(this.#folder, options, this.#dependencies);
    this.#daemon = createDaemon(await loadSettings());
    this.#daemon.subscribe((event) => {
      const since = this.#act?.startedWall ?? event.at;
      for (const entry of entriesOf(event, since)) this.#onEntry(entry);
    });
    await this.#daemon.start();
    return this.#end(await act.finish(expectationsOfStart(), LIMIT_MS));
  }

  /** Plays the script; each step gives two acts, the break and the repair. */
  async play(signal: AbortSignal): Promise<readonly Act[]> {
    const acts: Act[] = [];
    for (const step of STEPS) {
      if (signal.aborted) break;
      acts.push(await this.#playBreak(step), await this.#playRepair(step));
    }
    return acts;
  }

  async close(): Promise<void> {
    this.#act = undefined;
    await this.#daemon?.stop('the demo is over');
    await this.#world?.close();
  }

  async #playBreak(step: Step): Promise<Act> {
    const act = this.#begin('break', step.title, step.broken);
    act.add({ atMs: 0, kind: 'break', text: step.broken });
    if (this.#world !== undefined) step.break(this.#world);
    return this.#end(await act.finish(expectationsOfBreak(step), LIMIT_MS));
  }

  async #playRepair(step: Step): Promise<Act> {
    const act = this.#begin('repair', `${step.title}: mended`, step.mended);
    act.add({ atMs: 0, kind: 'mend', text: step.mended });
    if (this.#world !== undefined) step.mend(this.#world);
    return this.#end(await act.finish(expectationsOfRepair(step), LIMIT_MS));
  }

  #begin(kind: ActKind, title: string, deed: string): ActInProgress {
    const { clock, onAct } = this.#dependencies;
    onAct(title, deed);
    this.#act = new ActInProgress({ kind, title }, { clock });
    return this.#act;
  }

  #end(act: Act): Act {
    this.#dependencies.onActEnd(act);
    return act;
  }

  #onTrap(trap: ReceivedTrap): void {
    if (this.#act !== undefined) this.#act.add(trapEntry(trap, this.#act.startedWall));
  }

  #onEntry(entry: Entry): void {
    const key = `${entry.policy} ${entry.endpoint}`;
    const passes = entry.code === 'pass' || entry.code === 'late';
    if (entry.kind === 'probe' && passes && !this.#down.has(key)) return;
    if (entry.kind === 'track' && entry.code === 'down') this.#down.add(key);
    if (entry.kind === 'track' && entry.code === 'up') this.#down.delete(key);
    this.#act?.add(entry);
  }
}
