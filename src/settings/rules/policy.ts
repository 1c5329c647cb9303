/** All rules about one policy by itself. */
import type { Finding } from '../tree.ts';
import type { PolicyCase } from './case.ts';
import { endpointRules } from './endpoints.ts';
import { probeRules } from './probes.ts';
import { combineRules, reactionRules } from './reactions.ts';
import { timingRules } from './timing.ts';

const RULES = [probeRules, timingRules, reactionRules, combineRules, endpointRules];

/** Findings about one policy by itself. */
export function policyRules(subject: PolicyCase): Finding[] {
  return RULES.flatMap((rule) => rule(subject));
}
