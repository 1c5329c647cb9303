import { messageOf } from '../../lib/errors.ts';
import type { ErrorCause, ProbeResult } from '../../model.ts';
import type { ProbeContext } from '../contract.ts';
import type { ScheduleEntry, SchedulerDependencies } from './entry.ts';
import type { HeapItem } from './heap.ts';
import { StatisticsCounter } from './statistics.ts';
import { type OutRun, Timetable } from './timetable.ts';

/** An entry with all that belongs to it while it is set. */
export class ScheduledProbe implements HeapItem {
  entry: ScheduleEntry;
  wakeMono: number;
  heapIndex = -1;
  readonly timetable: Timetable;
  readonly statistics = new StatisticsCounter();
  /** One for all runs of the probe: making one per run would cost more than the run's own work. */
  readonly #controller = new AbortController();
  readonly #context: ProbeContext;

  constructor(entry: ScheduleEntry, firstSlotMono: number, dependencies: SchedulerDependencies) {
    const { timeoutMs, thresholdMs } = entry;
    this.entry = entry;
    this.timetable = new Timetable(entry, firstSlotMono);
    this.wakeMono = firstSlotMono;
    this.#context = { ...dependencies, signal: this.#controller.signal, timeoutMs, thresholdMs };
  }

  /** Whether `next` may take the entry's place without anything of it being disturbed. */
  isSameAs(next: ScheduleEntry): boolean {
    return (
      this.entry.revision === next.revision &&
      this.entry.frequencyMs === next.frequencyMs &&
      this.entry.fastFrequencyMs === next.fastFrequencyMs &&
      this.entry.timeoutMs === next.timeoutMs &&
      this.entry.thresholdMs === next.thresholdMs
    );
  }

  /** One run; a rejection, which the contract of a probe kind forbids, becomes `error internal`. */
  async run(out: OutRun): Promise<ProbeResult> {
    try {
      return await this.entry.run(this.#context);
    } catch (error) {
      return this.error(out, 'internal', messageOf(error));
    }
  }

  /** Ends the runs that are out. */
  abort(): void {
    this.#controller.abort();
  }

  /** A result of our own making for a run that is out. */
  error(out: OutRun, cause: ErrorCause, detail: string): ProbeResult {
    const { clock } = this.#context;
    const endedMono = clock.now();
    const total = endedMono - out.startedMono;
    return {
      outcome: 'error',
      cause,
      detail,
      startedAt: clock.wall() - total,
      startedMono: out.startedMono,
      endedMono,
      phases: { total },
      transcript: [],
    };
  }
}
