import type { ProbeHealth } from './reaction.ts';
import type { ProbeRules } from './rules.ts';

/** Monotonic time at which the evidence of a probe becomes stale; undefined while there is none. */
export function staleAtMono(health: ProbeHealth, rules: ProbeRules): number | undefined {
  return health.freshMono === undefined ? undefined : health.freshMono + rules.staleAfterMs;
}

/** The same evidence, older by a time that the monotonic clock did not count because the host slept. */
export function aged(health: ProbeHealth, ms: number): ProbeHealth {
  return health.freshMono === undefined ? health : { ...health, freshMono: health.freshMono - ms };
}

/**
 * Forgets evidence that is `staleAfterMs` old: the state becomes unknown and counting starts anew.
 * A counter that survived a long silence would join results that have nothing to do with each other.
 */
export function expire(health: ProbeHealth, rules: ProbeRules, now: number): ProbeHealth {
  const staleAt = staleAtMono(health, rules);
  if (staleAt === undefined || now < staleAt) return health;
  const newest = health.samples.at(-1);
  return {
    ...health,
    state: 'unknown',
    sinceMono: health.state === 'unknown' ? health.sinceMono : now,
    samples: [],
    freshMono: undefined,
    lapsed: health.lapsed || health.state !== 'unknown',
    decidedBy: newest === undefined ? [] : [newest.result],
  };
}
