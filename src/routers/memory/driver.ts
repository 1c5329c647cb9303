import { sleep } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { AbortedError } from '../../lib/errors.ts';
import { familyOfPrefix, type ObservedRoute } from '../../model.ts';
import {
  type ApplyReport,
  type Driver,
  type Exchange,
  type Observation,
  RouterError,
  type RouterErrorCode,
  type Scope,
  type Script,
  type ScriptLine,
  type Session,
} from '../contract.ts';
import type { MemoryRouter } from './router.ts';

/** A driver whose wire is a function call; for scenarios, and for `transport: memory`. */
export function createMemoryDriver(router: MemoryRouter, { clock }: { clock: Clock }): Driver {
  return {
    async open(signal) {
      router.counts.opens++;
      await reply(router, clock, signal);
      if (router.faults.refuseOpen !== undefined) {
        throw new RouterError(router.faults.refuseOpen, `the router refused the session: ${router.faults.refuseOpen}`);
      }
      return new MemorySession(router, clock);
    },
  };
}

class MemorySession implements Session {
  readonly ended: Promise<RouterError | undefined>;
  readonly #router: MemoryRouter;
  readonly #clock: Clock;
  readonly #end: (error: RouterError | undefined) => void;
  #open = true;

  constructor(router: MemoryRouter, clock: Clock) {
    this.#router = router;
    this.#clock = clock;
    const { promise, resolve } = Promise.withResolvers<RouterError | undefined>();
    this.ended = promise;
    this.#end = (error) => {
      this.#open = false;
      router.onCut.delete(this.#cut);
      resolve(error);
    };
    router.onCut.add(this.#cut);
  }

  async observe(scope: Scope, signal: AbortSignal): Promise<Observation> {
    this.#router.counts.observes++;
    await this.#reply(signal);
    const found = this.#router.table().filter((route) => inScope(route, scope));
    const routes = scope.configurationOnly ? configurationOf(found) : found;
    const sent = scope.prefixes === 'all' ? 'show routes' : `show routes ${scope.prefixes.join(' ')}`;
    return {
      routes: this.#router.faults.lie?.(routes) ?? routes,
      uptimeMs: this.#router.uptimeMs,
      exchanges: [{ sent, received: `${routes.length} routes`, ms: this.#router.faults.delayMs }],
    };
  }

  async apply(script: Script, signal: AbortSignal): Promise<ApplyReport> {
    const { faults, counts } = this.#router;
    counts.scripts++;
    await this.#reply(signal);
    if (faults.lockedScripts > 0) {
      faults.lockedScripts--;
      return report(script, () => 'locked');
    }
    const { loseSession } = faults;
    if (loseSession === 'beforeWrite') this.#lose();
    const result = report(script, (line) => faults.refuseLine?.(line));
    const refused = new Set(result.failures.map(({ line }) => line));
    if (faults.ignoreScripts > 0) faults.ignoreScripts--;
    else {
      for (const line of script.lines) {
        if (line.change !== undefined && !refused.has(line)) this.#router.execute(line.change);
      }
    }
    counts.lines += script.lines.length;
    if (loseSession === 'afterWrite') this.#lose();
    return result;
  }

  async save(signal: AbortSignal): Promise<Exchange> {
    await this.#reply(signal);
    this.#router.save();
    return { sent: 'save', received: 'saved', ms: this.#router.faults.delayMs };
  }

  async close(): Promise<void> {
    this.#end(undefined);
  }

  #cut = () => this.#end(new RouterError('lost', 'the session was cut'));

  #lose(): never {
    this.#router.faults.loseSession = undefined;
    this.#cut();
    throw new RouterError('lost', 'the session was cut in the middle of a script');
  }

  async #reply(signal: AbortSignal): Promise<void> {
    await reply(this.#router, this.#clock, signal);
    if (!this.#open) throw new RouterError('lost', 'the session has ended');
  }
}

async function reply({ faults }: MemoryRouter, clock: Clock, signal: AbortSignal): Promise<void> {
  if (faults.frozen) await never(signal);
  if (faults.delayMs > 0) await sleep(faults.delayMs, signal, clock);
}

function never(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(new AbortedError());
    signal.addEventListener('abort', () => reject(new AbortedError()), { once: true });
  });
}

function report(script: Script, refusal: (line: ScriptLine) => RouterErrorCode | undefined): ApplyReport {
  const exchanges: Exchange[] = script.enter.map((sent) => ({ sent, received: '', ms: 0 }));
  const failures: { line: ScriptLine; reply: string; code: RouterErrorCode }[] = [];
  for (const line of script.lines) {
    const code = refusal(line);
    const received = code === undefined ? '' : `% ${code}`;
    exchanges.push({ sent: line.text, received, ms: 0 });
    if (code !== undefined) failures.push({ line, reply: received, code });
  }
  exchanges.push(...script.leave.map((sent) => ({ sent, received: '', ms: 0 })));
  return { exchanges, failures };
}

function configurationOf(routes: readonly ObservedRoute[]): ObservedRoute[] {
  return routes.filter(({ configured }) => configured).map((route) => ({ ...route, installed: false }));
}

function inScope({ key }: ObservedRoute, scope: Scope): boolean {
  return (
    scope.vrfs.includes(key.vrf) &&
    scope.families.includes(familyOfPrefix(key.prefix)) &&
    (scope.prefixes === 'all' || scope.prefixes.includes(key.prefix))
  );
}
