import { withDeadline } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { AbortedError } from '../../lib/errors.ts';
import { type RouteChange, type RouteKey, routeId } from '../../model.ts';
import type { ChangeReport, Emit } from '../../notify/contract.ts';
import { SYS_UPTIME_WRAP_MS, type Testimony, type Witness } from '../witness.ts';
import { type Uptime, wasReloaded } from './reload.ts';
import type { Timing } from './timing.ts';

/**
 * Hands reports of changes on, in their order. Where there is a witness, what was done is told with its testimony:
 * the report waits for it (for a bounded time), the router does not.
 */
export class Reporter {
  #batch: ChangeReport[] = [];
  #tail: Promise<void> = Promise.resolve();
  #uptime: Uptime | undefined;
  readonly #stopped = new AbortController();
  readonly #timing: Pick<Timing, 'witnessMs'>;
  readonly #witness: Witness | undefined;
  readonly #clock: Clock;
  readonly #emit: Emit;
  readonly #onReload: (detail: string) => void;

  constructor(
    timing: Pick<Timing, 'witnessMs'>,
    deps: { witness: Witness | undefined; clock: Clock; emit: Emit; onReload: (detail: string) => void },
  ) {
    this.#timing = timing;
    this.#witness = deps.witness;
    this.#clock = deps.clock;
    this.#emit = deps.emit;
    this.#onReload = deps.onReload;
  }

  add(report: ChangeReport): void {
    this.#batch.push(report);
  }

  /** Tells everything added since the last time. */
  flush(): void {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length === 0) return;
    if (this.#witness === undefined) for (const report of batch) this.#tell(report);
    else this.#queue(this.#witness, batch);
  }

  /** Asks the witness for its uptime only. */
  checkUptime(): void {
    if (this.#witness !== undefined) this.#queue(this.#witness, []);
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#tail;
  }

  #queue(witness: Witness, batch: readonly ChangeReport[]): void {
    this.#tail = this.#tail.then(() => this.#tellWitnessed(witness, batch));
  }

  async #tellWitnessed(witness: Witness, batch: readonly ChangeReport[]): Promise<void> {
    const begun = this.#clock.now();
    const done = batch.filter(({ outcome }) => outcome === 'done').map(({ change }) => change.key);
    const nothingToAsk = batch.length > 0 && done.length === 0;
    const testimony = nothingToAsk ? undefined : await this.#ask(witness, done);
    const ms = this.#clock.now() - begun;
    for (const report of batch) this.#tell(testimony === undefined ? report : witnessed(report, testimony, ms));
    if (testimony?.uptimeMs !== undefined) this.#noteUptime(testimony.uptimeMs);
  }

  /** A witness that fails, or does not keep its own time limit, has not been heard. */
  async #ask(witness: Witness, routes: readonly RouteKey[]): Promise<Testimony | undefined> {
    const { signal } = this.#stopped;
    if (signal.aborted) return undefined;
    const { witnessMs } = this.#timing;
    const expired = () => new AbortedError('the witness did not answer');
    const answer = withDeadline(witness.ask(routes, witnessMs, signal), witnessMs * 2, {
      signal,
      clock: this.#clock,
      expired,
    });
    return answer.catch(() => undefined);
  }

  #noteUptime(uptimeMs: number): void {
    const now = { uptimeMs, atMono: this.#clock.now() };
    const reloaded = wasReloaded(this.#uptime, now, SYS_UPTIME_WRAP_MS);
    this.#uptime = now;
    if (reloaded) this.#onReload('sysUpTime went back: a reload, or a restart of its SNMP agent');
  }

  #tell(report: ChangeReport): void {
    const type = report.outcome === 'done' ? 'routeChanged' : 'routeFailed';
    this.#emit({ at: this.#clock.wall(), type, policy: report.change.policy, report });
  }
}

function witnessed(report: ChangeReport, testimony: Testimony, ms: number): ChangeReport {
  if (report.outcome !== 'done') return report;
  return {
    ...report,
    detail: `${report.detail}; ${sentence(report.change, testimony)}`,
    steps: [...report.steps, { name: 'witness', ms }],
  };
}

function sentence(change: RouteChange, { routes }: Testimony): string {
  const presence = routes.get(routeId(change.key)) ?? 'unknown';
  if (presence === 'unknown') return 'the SNMP witness cannot tell';
  const agrees = presence === (change.op === 'add' ? 'present' : 'absent');
  return agrees ? `the SNMP witness confirms it: ${presence}` : `the SNMP witness still says ${presence}`;
}
