import type { Verdict } from '../model.ts';

/** Looks at one withdrawal and says why the route should stay, or undefined where it has no objection. */
export type Guard = (withdrawal: Verdict) => Pick<Verdict, 'reason' | 'detail'> | undefined;

/**
 * Turns `withdraw` into `hold` where a guard objects; the first objection counts. Never the other way round.
 * This is the only place where a guard can act; the guards themselves come with a later issue.
 */
export function applyGuards(verdicts: readonly Verdict[], guards: readonly Guard[]): readonly Verdict[] {
  return verdicts.map((verdict) => {
    if (verdict.action !== 'withdraw') return verdict;
    for (const guard of guards) {
      const objection = guard(verdict);
      if (objection !== undefined) return { endpoint: verdict.endpoint, action: 'hold', ...objection };
    }
    return verdict;
  });
}
