/** Rules about when probes run: `frequency >= timeout >= threshold`, and what follows from it. Pure. */
import { formatDuration } from '../../lib/duration.ts';
import type { ProbePlan } from '../../policies/policy.ts';
import type { Finding } from '../tree.ts';
import type { PolicyCase } from './case.ts';

/** Findings about the times of every probe. */
export function timingRules({ file, policy }: PolicyCase): Finding[] {
  return policy.probes.flatMap((plan) => {
    const staleAfter = file.probes[plan.name]?.staleAfter ?? file.track.staleAfter;
    return [...orderOf(plan), ...staleness(plan, staleAfter, file.probes[plan.name]?.staleAfter !== undefined)];
  });
}

function orderOf(plan: ProbePlan): Finding[] {
  const { frequencyMs, fastFrequencyMs, timeoutMs, thresholdMs } = plan;
  const findings: Finding[] = [];
  const tell = (option: string, message: string) => findings.push({ path: ['probes', plan.name, option], message });
  if (timeoutMs > frequencyMs) {
    tell(
      'timeout',
      `${formatDuration(timeoutMs)} is longer than the frequency, ${formatDuration(frequencyMs)}; frequency >= timeout >= threshold`,
    );
  }
  if (thresholdMs > timeoutMs) {
    tell(
      'threshold',
      `${formatDuration(thresholdMs)} is longer than the timeout, ${formatDuration(timeoutMs)}; frequency >= timeout >= threshold`,
    );
  }
  if (fastFrequencyMs > frequencyMs) {
    tell(
      'fastFrequency',
      `${formatDuration(fastFrequencyMs)} is longer than the frequency, ${formatDuration(frequencyMs)}; at most that`,
    );
  }
  return findings;
}

function staleness(plan: ProbePlan, staleAfterMs: number | undefined, isOwn: boolean): Finding[] {
  if (staleAfterMs === undefined || staleAfterMs > plan.frequencyMs) return [];
  const path = isOwn ? ['probes', plan.name, 'staleAfter'] : ['track', 'staleAfter'];
  const message = `${formatDuration(staleAfterMs)} is not longer than the frequency of probe \`${plan.name}\`, ${formatDuration(plan.frequencyMs)}; its evidence would be stale before the next run`;
  return [{ path, message }];
}
