import type { TrackState } from '../model.ts';

/** Two limits with a band between them: at least `up` is up, below `down` is down, between nothing changes. */
export interface Threshold {
  readonly up: number;
  readonly down: number;
}

/** What a value can still become, once the members that are unknown now turn out down (`least`) or up (`most`). */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/**
 * The state that a value gives, or `unknown` where the unknown members could still change it.
 * Every combination in the program is this one rule, so that tri-state logic is right in one place.
 * @param previous the last state that was decided; it stands while the value is inside the band
 */
export function decide(range: Range, threshold: Threshold, previous: TrackState): TrackState {
  const least = stateOf(range.least, threshold, previous);
  return least === stateOf(range.most, threshold, previous) ? least : 'unknown';
}

function stateOf(value: number, threshold: Threshold, previous: TrackState): TrackState {
  if (value >= threshold.up) return 'up';
  return value < threshold.down ? 'down' : previous;
}
