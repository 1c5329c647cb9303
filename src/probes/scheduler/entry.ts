import type { ProbeResult } from '../../model.ts';
import type { ProbeContext } from '../contract.ts';
import type { Timings } from './timetable.ts';

/** One probe of one target to run at a fixed rate. */
export interface ScheduleEntry extends Timings {
  /** Unique; results carry it. */
  readonly key: string;
  /**
   * Changes when what `run` does changes (target, options). An entry with the same key, timings and revision is
   * unchanged: it keeps its slots, its runs and its counters; only `run` itself is taken over.
   */
  readonly revision?: string;
  /** One run. It keeps `context.timeoutMs` itself and never rejects (ProbeKind). */
  run(context: ProbeContext): Promise<ProbeResult>;
}

/** What the scheduler works with; handed on to every run. */
export type SchedulerDependencies = Pick<ProbeContext, 'clock' | 'random' | 'sockets'>;
