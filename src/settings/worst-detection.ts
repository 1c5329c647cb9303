/** How long a policy may take to notice: printed by `check`, so that nobody has to guess. Pure. */
import type { ProbeRules, Reaction } from '../health/rules.ts';
import { formatDuration } from '../lib/duration.ts';
import type { Policy, ProbePlan } from '../policies/policy.ts';
import type { Detection } from './contract.ts';

/**
 * The worst case of the slowest required probe.
 *
 * Down: a server that hangs right after a run has passed is asked again one `frequency` later. That run is suspect once its
 * `threshold` has passed, but a further one starts a `fastFrequency` after it at the earliest; the other runs that the
 * reaction needs follow, one per `fastFrequency`, and the last one ends by its `timeout`. Then `delay.down`.
 * Up: the next run starts one `frequency` after the repair and may take its `timeout` before it is good; the other runs
 * follow, one per `fastFrequency`, and the last one may take its `timeout` too. Then `delay.up`.
 * A `fastFrequency` that is not faster than `frequency` changes nothing: runs come one per `frequency`.
 */
export function worstDetection(policy: Policy): Detection {
  const health = Object.values(policy.health)[0];
  const required = (health?.probes ?? []).filter((rules) => rules.role === 'required');
  const cases = required.flatMap((rules) => {
    const plan = policy.probes.find((probe) => probe.name === rules.name);
    return plan === undefined ? [] : [caseOf(plan, rules)];
  });
  const slowestDown = slowest(cases, (it) => it.downMs);
  const slowestUp = slowest(cases, (it) => it.upMs);
  if (health === undefined || slowestDown === undefined || slowestUp === undefined) {
    return { downMs: 0, upMs: 0, explanation: 'no required probe' };
  }
  const { downMs: delayDown, upMs: delayUp } = health.delay;
  return {
    downMs: slowestDown.downMs + delayDown,
    upMs: slowestUp.upMs + delayUp,
    explanation: `down: ${slowestDown.down}${delayText('down', delayDown)}; up: ${slowestUp.up}${delayText('up', delayUp)}`,
  };
}

interface Case {
  readonly downMs: number;
  readonly upMs: number;
  readonly down: string;
  readonly up: string;
}

function caseOf(plan: ProbePlan, rules: ProbeRules): Case {
  const { frequencyMs, timeoutMs, thresholdMs } = plan;
  const down = confirmation(plan, runsDown(rules.reaction, timeoutMs), { ms: thresholdMs, name: 'threshold' });
  const up = confirmation(plan, runsUp(rules.reaction), { ms: timeoutMs, name: 'timeout' });
  const first = `probe \`${plan.name}\`, ${formatDuration(frequencyMs)} until the next run (frequency)`;
  const last = ` + ${formatDuration(timeoutMs)} for the last answer (timeout)`;
  return {
    downMs: frequencyMs + down.ms + timeoutMs,
    upMs: frequencyMs + up.ms + timeoutMs,
    down: `${first}${down.text}${last}`,
    up: `${first}${up.text}${last}`,
  };
}

/** From the start of the first run to the start of the last one that the reaction needs. */
function confirmation(plan: ProbePlan, runs: number, noticed: { readonly ms: number; readonly name: string }) {
  const { frequencyMs, fastFrequencyMs } = plan;
  if (runs <= 1) return { ms: 0, text: '' };
  if (fastFrequencyMs >= frequencyMs) {
    const ms = (runs - 1) * frequencyMs;
    return { ms, text: ` + ${formatDuration(ms)} for ${runs - 1} more, one per frequency` };
  }
  const first = noticed.ms >= fastFrequencyMs ? noticed : { ms: fastFrequencyMs, name: 'fastFrequency' };
  const others = runs - 2;
  const second = ` + ${formatDuration(first.ms)} until the second (${first.name})`;
  const rest =
    others === 0 ? '' : ` + ${formatDuration(others * fastFrequencyMs)} for ${others} more, one per fastFrequency`;
  return { ms: first.ms + others * fastFrequencyMs, text: `${second}${rest}` };
}

/** Failed runs that take a probe down which has answered at once until then. */
function runsDown(reaction: Reaction, timeoutMs: number): number {
  switch (reaction.type) {
    case 'immediate':
      return 1;
    case 'consecutive':
      return reaction.fall;
    case 'xOfY':
      return reaction.x;
    case 'average':
      // So many runs at the timeout lift a mean of zeros above the limit.
      return Math.min(reaction.count, Math.floor((reaction.count * reaction.downAboveMs) / timeoutMs) + 1);
  }
}

/** Good runs that bring a probe up which has failed until then. */
function runsUp(reaction: Reaction): number {
  switch (reaction.type) {
    case 'immediate':
      return 1;
    case 'consecutive':
      return reaction.rise;
    case 'xOfY':
      return reaction.x;
    case 'average':
      return reaction.count;
  }
}

function slowest(cases: readonly Case[], timeOf: (it: Case) => number): Case | undefined {
  return cases.toSorted((a, b) => timeOf(b) - timeOf(a))[0];
}

function delayText(direction: 'up' | 'down', ms: number): string {
  return ms === 0 ? '' : ` + ${formatDuration(ms)} (delay.${direction})`;
}
