import { createHistogram } from 'node:perf_hooks';
import { InternalError } from '../lib/errors.ts';
import type { ProbeResult } from '../model.ts';
import type { ScheduleEntry, SchedulerDependencies } from './scheduler/entry.ts';
import { Heap } from './scheduler/heap.ts';
import { Pulse } from './scheduler/pulse.ts';
import { ScheduledProbe } from './scheduler/scheduled-probe.ts';
import { Stagger } from './scheduler/stagger.ts';
import { STALL_LIMITS, type Stall, type StallLimits } from './scheduler/stall.ts';
import type { ProbeStatistics } from './scheduler/statistics.ts';
import type { OutRun } from './scheduler/timetable.ts';

export type { ScheduleEntry, SchedulerDependencies } from './scheduler/entry.ts';
export type { Stall } from './scheduler/stall.ts';
export type { ProbeStatistics } from './scheduler/statistics.ts';

export interface SchedulerOptions {
  /**
   * A run of probe `key` has ended. Called in order of completion; `run` numbers the runs of the probe by start,
   * from 1, because runs overlap: one that hangs ends after the confirmation runs beside it. Health takes results
   * as evidence in order of start. Results of removed or changed entries are dropped. Must not throw.
   */
  readonly onResult: (key: string, result: ProbeResult, run: number) => void;
  /** We stood still; the results of the `spoiled` runs become `error stalled`. */
  readonly onStall?: (stall: Stall & { readonly spoiled: number }) => void;
  readonly stallLimits?: StallLimits;
}

/** How late runs started against their slots, milliseconds. */
export interface Lateness {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/**
 * Runs probes at a fixed rate, start to start, spread over their period: one timer, no drift, no queue.
 * A slot that comes while the previous run is still out is skipped and counted as busy. While evidence accumulates
 * (`fast`), and beside a run that is over its threshold, runs start at the fast frequency (DESIGN.md, section 5).
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #dependencies: SchedulerDependencies;
  readonly #probes = new Map<string, ScheduledProbe>();
  readonly #heap = new Heap<ScheduledProbe>();
  readonly #stagger = new Stagger();
  /** Microseconds; costs nothing per probe and keeps three digits. */
  readonly #lateness = createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 });
  /** What `set` was given before the start. */
  #first: readonly ScheduleEntry[] = [];
  #pulse: Pulse | undefined;
  #signal: AbortSignal | undefined;
  #startedMono = 0;
  #runsOut = 0;
  #closed = false;
  #onIdle: (() => void) | undefined;

  constructor(options: SchedulerOptions, dependencies: SchedulerDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  /** Starts to run what `set` was given, until `signal` fires or `close` is called. Once only. */
  start(signal: AbortSignal): void {
    if (this.#pulse !== undefined || this.#closed) throw new InternalError('a scheduler can be started once');
    const { clock } = this.#dependencies;
    this.#startedMono = clock.now();
    this.#pulse = new Pulse({
      clock,
      stallLimits: this.#options.stallLimits ?? STALL_LIMITS,
      onBeat: (nowMono) => this.#serveDue(nowMono),
      onStall: (stall, nowMono) => this.#spoil(stall, nowMono),
    });
    this.set(this.#first);
    this.#signal = signal;
    if (signal.aborted) this.#stop();
    else signal.addEventListener('abort', this.#stop);
  }

  /**
   * Stops: runs that are out are aborted, their results dropped. Resolves when the last of them has ended;
   * a probe that ignored its signal would keep it waiting, so the caller sets a limit.
   */
  async close(): Promise<void> {
    this.#stop();
    if (this.#runsOut === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Makes `entries` the full set of probes. Those that are unchanged are not disturbed (promise 9). */
  set(entries: readonly ScheduleEntry[]): void {
    if (this.#pulse === undefined || this.#closed) {
      this.#first = entries;
      return;
    }
    const wanted = new Map(entries.map((entry) => [entry.key, entry]));
    for (const probe of this.#probes.values()) {
      const next = wanted.get(probe.entry.key);
      if (next !== undefined && probe.isSameAs(next)) probe.entry = next;
      else this.#remove(probe);
    }
    for (const entry of wanted.values()) if (!this.#probes.has(entry.key)) this.#add(entry);
  }

  /** Says whether evidence against the current state of `key` accumulates: if so, it runs at its fast frequency. */
  fast(key: string, on: boolean): void {
    const probe = this.#probes.get(key);
    probe?.timetable.setFast(on);
    if (probe !== undefined) this.#replan(probe, this.#dependencies.clock.now());
  }

  /** Makes `key` run now, at most once per fast frequency. A hint is a reason to look, never evidence. */
  hint(key: string): void {
    const probe = this.#probes.get(key);
    const nowMono = this.#dependencies.clock.now();
    probe?.timetable.hint(nowMono);
    if (probe !== undefined) this.#replan(probe, nowMono);
  }

  /** Counters of `key` since it was set; undefined if it is not. */
  statistics(key: string): ProbeStatistics | undefined {
    return this.#probes.get(key)?.statistics.snapshot();
  }

  /** Lateness of all starts so far. */
  lateness(): Lateness {
    const histogram = this.#lateness;
    if (histogram.count === 0) return { count: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 };
    const [p50Ms, p99Ms] = [histogram.percentile(50) / 1000, histogram.percentile(99) / 1000];
    return { count: histogram.count, p50Ms, p99Ms, maxMs: histogram.max / 1000 };
  }

  /**
   * Monotonic time of the last cycle of the loop, at most 100 ms ago while all is well, with or without probes:
   * what liveness is renewed by (promise 12). Undefined before the start.
   */
  get lastCycleMono(): number | undefined {
    return this.#pulse?.lastBeatMono;
  }

  #add(entry: ScheduleEntry): void {
    const firstSlotMono = this.#stagger.take(entry, this.#startedMono, this.#dependencies.clock.now());
    const probe = new ScheduledProbe(entry, firstSlotMono, this.#dependencies);
    this.#probes.set(entry.key, probe);
    this.#heap.add(probe);
    this.#pulse?.wake(firstSlotMono);
  }

  #remove(probe: ScheduledProbe): void {
    this.#probes.delete(probe.entry.key);
    this.#heap.remove(probe);
    this.#stagger.release(probe.entry);
    probe.abort();
  }

  readonly #stop = (): void => {
    this.#closed = true;
    this.#signal?.removeEventListener('abort', this.#stop);
    this.#pulse?.stop();
    for (const probe of this.#probes.values()) this.#remove(probe);
  };

  #serveDue(nowMono: number): number | undefined {
    // Each probe is served at most once per beat, so that nothing can keep the loop here.
    for (let left = this.#probes.size; left > 0; left--) {
      const probe = this.#heap.top;
      if (probe === undefined || probe.wakeMono > nowMono) break;
      this.#serve(probe, nowMono);
    }
    return this.#heap.top?.wakeMono;
  }

  #serve(probe: ScheduledProbe, nowMono: number): void {
    const { timetable, statistics } = probe;
    for (const out of timetable.overrun(nowMono))
      this.#finish(probe, out, probe.error(out, 'internal', 'the run did not end at its timeout'));
    if (probe.heapIndex < 0) return;
    const decision = timetable.decide(nowMono);
    if (decision?.action === 'busy') statistics.busy();
    if (decision?.action === 'start') {
      this.#lateness.record(Math.max(1, Math.round((nowMono - decision.dueMono) * 1000)));
      void this.#launch(probe, timetable.begin(nowMono));
    }
    this.#replan(probe, nowMono);
  }

  async #launch(probe: ScheduledProbe, out: OutRun): Promise<void> {
    this.#runsOut++;
    const result = await probe.run(out);
    this.#runsOut--;
    if (this.#runsOut === 0) this.#onIdle?.();
    if (this.#closed) return;
    // Before the result is believed: the loop may have stood still in this very turn, with its timer not yet served.
    const nowMono = this.#pulse?.look() ?? 0;
    this.#finish(probe, out, result);
    this.#replan(probe, nowMono);
  }

  /** Counts and delivers the result of a run, unless the run was given up or its entry removed. */
  #finish(probe: ScheduledProbe, out: OutRun, result: ProbeResult): void {
    const passed = result.outcome === 'pass' || result.outcome === 'late';
    if (probe.heapIndex < 0 || !probe.timetable.end(out, passed)) return;
    const final = out.spoiled ? probe.error(out, 'stalled', 'anytrack itself stood still during the run') : result;
    probe.statistics.record(final);
    this.#options.onResult(probe.entry.key, final, out.number);
  }

  /** Works out anew when the probe needs attention. */
  #replan(probe: ScheduledProbe, nowMono: number): void {
    if (probe.heapIndex < 0) return;
    probe.wakeMono = probe.timetable.wakeMono(nowMono);
    this.#heap.moved(probe);
    this.#pulse?.wake(probe.wakeMono);
  }

  #spoil(stall: Stall, nowMono: number): void {
    let spoiled = 0;
    for (const probe of this.#probes.values()) {
      spoiled += probe.timetable.spoil();
      probe.timetable.skipTo(nowMono);
      this.#replan(probe, nowMono);
    }
    this.#options.onStall?.({ ...stall, spoiled });
  }
}
