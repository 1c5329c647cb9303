/**
 * From the results of one probe on one target to its state, as an IP SLA reaction does it.
 * Results are put in the order in which their runs *started*: runs overlap, and the timeout of an old run
 * that hung says nothing about the newer runs that have passed since.
 */
import type { ProbeResult, TrackState } from '../model.ts';
import type { ProbeRules, Reaction } from './rules.ts';

/** A result that counts as evidence. */
export interface Sample {
  /** Number of the run, unique per probe and target. */
  readonly run: number;
  readonly good: boolean;
  /** Milliseconds that the run counts for in `average`: its RTT, or the probe's timeout where it failed. */
  readonly rttMs: number;
  readonly result: ProbeResult;
}

/** What is known about one probe on one target. */
export interface ProbeHealth {
  readonly target: string;
  readonly probe: string;
  readonly state: TrackState;
  /** Monotonic time of the last change of state. */
  readonly sinceMono: number;
  /** The evidence that the reaction still looks at, ordered by start, newest last. */
  readonly samples: readonly Sample[];
  /** Monotonic end of the newest evidence. */
  readonly freshMono: number | undefined;
  /** The state was lost because the evidence grew too old. */
  readonly lapsed: boolean;
  /** The results that made the present state. */
  readonly decidedBy: readonly ProbeResult[];
}

/** A probe of which nothing is known yet. */
export function unknownProbe(target: string, probe: string, now: number): ProbeHealth {
  return {
    target,
    probe,
    state: 'unknown',
    sinceMono: now,
    samples: [],
    freshMono: undefined,
    lapsed: false,
    decidedBy: [],
  };
}

/**
 * Counts one result. An `error` is our own trouble: it changes nothing at all (promise 3).
 * A run counts once; a result older than everything the reaction still looks at is not counted.
 */
export function react(health: ProbeHealth, run: number, result: ProbeResult, rules: ProbeRules, now: number) {
  if (result.outcome === 'error') return health;
  const samples = insert(health.samples, toSample(run, result, rules), memoryOf(rules.reaction));
  if (samples === health.samples) return health;
  const state = judge(samples, rules.reaction, health.state);
  const freshMono = Math.max(health.freshMono ?? Number.NEGATIVE_INFINITY, Math.min(result.endedMono, now));
  const counted: ProbeHealth = { ...health, samples, freshMono };
  if (state === health.state) return counted;
  return {
    ...counted,
    state,
    sinceMono: now,
    lapsed: false,
    decidedBy: decisive(samples, rules.reaction, state).map((sample) => sample.result),
  };
}

/** Whether evidence against the present state (or towards a first one) has begun to gather: then the probe runs fast. */
export function isSuspect(health: ProbeHealth, rules: ProbeRules): boolean {
  const newest = health.samples.at(-1);
  if (newest === undefined) return false;
  const { reaction } = rules;
  if (health.state === 'unknown') return health.samples.length < memoryOf(reaction) || reaction.type !== 'average';
  if (reaction.type !== 'average') return newest.good !== (health.state === 'up');
  return health.state === 'up' ? newest.rttMs > reaction.downAboveMs : newest.rttMs < reaction.upBelowMs;
}

/** How many samples a reaction looks back. */
function memoryOf(reaction: Reaction): number {
  switch (reaction.type) {
    case 'immediate':
      return 1;
    case 'consecutive':
      return Math.max(1, reaction.fall, reaction.rise);
    case 'xOfY':
      return Math.max(1, reaction.y);
    case 'average':
      return Math.max(1, reaction.count);
  }
}

function toSample(run: number, result: ProbeResult, rules: ProbeRules): Sample {
  const passed = result.outcome === 'pass' || result.outcome === 'late';
  return {
    run,
    good: result.outcome === 'pass' || (result.outcome === 'late' && rules.mode === 'reachability'),
    rttMs: passed ? result.phases.total : rules.timeoutMs,
    result,
  };
}

/** `samples` with `sample` at its place by start, the newest `memory` of them; the same array if it is not counted. */
function insert(samples: readonly Sample[], sample: Sample, memory: number): readonly Sample[] {
  if (samples.some((known) => known.run === sample.run)) return samples;
  const after = samples.findLastIndex((known) => known.result.startedMono <= sample.result.startedMono);
  if (after < 0 && samples.length >= memory) return samples;
  return samples.toSpliced(after + 1, 0, sample).slice(-memory);
}

function judge(samples: readonly Sample[], reaction: Reaction, state: TrackState): TrackState {
  switch (reaction.type) {
    case 'immediate':
      return samples.at(-1)?.good ? 'up' : 'down';
    case 'consecutive':
      if (trailing(samples, false).length >= reaction.fall) return 'down';
      return trailing(samples, true).length >= reaction.rise ? 'up' : state;
    case 'xOfY':
      // With x at most half of y both can hold; then down wins, and the probe recovers as the bad ones age out.
      if (samples.filter((sample) => !sample.good).length >= reaction.x) return 'down';
      return samples.filter((sample) => sample.good).length >= reaction.x ? 'up' : state;
    case 'average':
      return judgeAverage(samples, reaction, state);
  }
}

function judgeAverage(samples: readonly Sample[], reaction: Reaction & { type: 'average' }, state: TrackState) {
  if (samples.length < reaction.count) return state;
  const mean = samples.reduce((sum, sample) => sum + sample.rttMs, 0) / samples.length;
  if (mean > reaction.downAboveMs) return 'down';
  return mean < reaction.upBelowMs ? 'up' : state;
}

/** The samples that speak for a state which was just reached. */
function decisive(samples: readonly Sample[], reaction: Reaction, state: TrackState): readonly Sample[] {
  if (reaction.type === 'average') return samples;
  if (reaction.type === 'xOfY') return samples.filter((sample) => sample.good === (state === 'up'));
  return trailing(samples, state === 'up');
}

/** The newest samples in a row that are all good, or all bad. */
function trailing(samples: readonly Sample[], good: boolean): readonly Sample[] {
  return samples.slice(samples.findLastIndex((sample) => sample.good !== good) + 1);
}
