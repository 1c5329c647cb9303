/** The up and down delay of Enhanced Object Tracking: a raw change must last before the track follows. */
import type { TrackState } from '../model.ts';
import type { HealthRules } from './rules.ts';

/** A raw change that waits for its delay. */
export interface Pending {
  readonly to: 'up' | 'down';
  /** Monotonic time of the raw change. */
  readonly sinceMono: number;
}

export interface Delayed {
  readonly state: TrackState;
  readonly pending: Pending | undefined;
  /** Monotonic end of the delay that runs. */
  readonly dueMono: number | undefined;
}

/**
 * What the track shows while the raw state is `raw`.
 * The timer starts at the raw change and is cancelled if the state returns. A first state is delayed like any other:
 * until then the track is unknown and the route stays as found, so that a restart cannot shorten a delay.
 * `unknown` is never delayed, in neither direction of doubt: what is no longer known must not be shown.
 */
export function delay(
  current: TrackState,
  raw: TrackState,
  pending: Pending | undefined,
  rules: HealthRules['delay'],
  now: number,
): Delayed {
  if (raw === current || raw === 'unknown') return { state: raw, pending: undefined, dueMono: undefined };
  const running = pending?.to === raw ? pending : { to: raw, sinceMono: now };
  const dueMono = running.sinceMono + (raw === 'up' ? rules.upMs : rules.downMs);
  if (now >= dueMono) return { state: raw, pending: undefined, dueMono: undefined };
  return { state: current, pending: running, dueMono };
}
