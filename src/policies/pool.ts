/** How many endpoints are up, whether that is enough, and which priority level serves. */
import { decide } from '../health/threshold.ts';
import type { TrackState } from '../model.ts';
import type { Endpoint, Policy } from './policy.ts';

/** An endpoint with the state that it counts as. */
export interface Candidate {
  readonly endpoint: Endpoint;
  readonly state: TrackState;
}

/** The pool's answer for one priority level. */
export type LevelRole =
  /** Serves: its endpoints that are up are announced. */
  | 'serves'
  /** A better level serves. */
  | 'standby'
  /** A better level is unknown: nothing may change before it is known. */
  | 'waits'
  /** `allOrNone` and an endpoint of the level is down. */
  | 'incomplete'
  /** `allOrNone` and nothing is down, but something unknown. */
  | 'undecided';

/**
 * Whether enough endpoints are up: from `up` on yes, below `down` no, between as before.
 * @returns `unknown` where the endpoints that are unknown could still turn the answer
 */
export function poolState(candidates: readonly Candidate[], policy: Policy, previous: TrackState): TrackState {
  const least = count(candidates, 'up');
  return decide({ least, most: least + count(candidates, 'unknown') }, policy.pool.minHealthy, previous);
}

/**
 * The role of each priority. The best level that can serve does, and worse ones stand by; but only while it is
 * certain that every better level cannot: a backup is neither added nor removed on a guess.
 */
export function levelRoles(candidates: readonly Candidate[], announce: Policy['pool']['announce']) {
  const roles = new Map<number, LevelRole>();
  let above: 'cannot' | 'serves' | 'unknown' = 'cannot';
  for (const priority of priorities(candidates)) {
    const ability = canServe(
      candidates.filter(({ endpoint }) => endpoint.priority === priority),
      announce,
    );
    if (above === 'serves') roles.set(priority, 'standby');
    else if (above === 'unknown') roles.set(priority, 'waits');
    else roles.set(priority, ({ up: 'serves', down: 'incomplete', unknown: 'undecided' } as const)[ability]);
    if (above === 'cannot' && ability !== 'down') above = ability === 'up' ? 'serves' : 'unknown';
  }
  return roles;
}

/** Whether a level can serve: with any endpoint up, or only with all of them. */
function canServe(level: readonly Candidate[], announce: Policy['pool']['announce']): TrackState {
  const needed = announce === 'each' ? 1 : level.length;
  const least = count(level, 'up');
  return decide({ least, most: least + count(level, 'unknown') }, { up: needed, down: needed }, 'unknown');
}

function priorities(candidates: readonly Candidate[]): readonly number[] {
  return [...new Set(candidates.map(({ endpoint }) => endpoint.priority))].toSorted((a, b) => a - b);
}

/** How many candidates are in a state. */
export function count(candidates: readonly Candidate[], state: TrackState): number {
  return candidates.filter((candidate) => candidate.state === state).length;
}
