/** Rules about reactions and combinations: counts that can be reached, thresholds in order, members that exist. Pure. */
import type { Combination, Reaction } from '../../health/rules.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { ProbePlan } from '../../policies/policy.ts';
import { didYouMean } from '../nearest.ts';
import type { PolicyFile } from '../schema/policy.ts';
import type { Finding, Path } from '../tree.ts';
import type { PolicyCase } from './case.ts';

/** Findings about the reaction of every probe; a reaction that the policy sets for all is told once. */
export function reactionRules({ file, policy }: PolicyCase): Finding[] {
  const rules = Object.values(policy.health)[0]?.probes ?? [];
  return policy.probes.flatMap((plan) => {
    const reaction = rules.find((rule) => rule.name === plan.name)?.reaction;
    const own = file.probes[plan.name]?.reaction !== undefined;
    const path = own ? ['probes', plan.name, 'reaction'] : ['track', 'reaction'];
    return reaction === undefined ? [] : reactionFindings(reaction, plan, path);
  });
}

function reactionFindings(reaction: Reaction, plan: ProbePlan, path: Path): Finding[] {
  if (reaction.type === 'xOfY' && reaction.x > reaction.y) {
    return [{ path: [...path, 'xOfY', 'x'], message: `${reaction.x} of ${reaction.y} can never be; x is at most y` }];
  }
  if (reaction.type !== 'average') return [];
  const findings: Finding[] = [];
  const { downAboveMs, upBelowMs } = reaction;
  if (upBelowMs > downAboveMs) {
    const message = `upBelow (${formatDuration(upBelowMs)}) is above downAbove (${formatDuration(downAboveMs)}); at most that`;
    findings.push({ path: [...path, 'average', 'upBelow'], message });
  }
  if (downAboveMs >= plan.timeoutMs) {
    const message = `${formatDuration(downAboveMs)} is not below the timeout of probe \`${plan.name}\`, ${formatDuration(plan.timeoutMs)}: a dead server, whose runs count as the timeout, would never go down`;
    findings.push({ path: [...path, 'average', 'downAbove'], message });
  }
  return findings;
}

/** Findings about how probes are combined. */
export function combineRules({ file, policy }: PolicyCase): Finding[] {
  const names = Object.keys(file.probes);
  if (names.length === 0) return [{ path: ['probes'], message: 'must hold at least one probe' }];
  const required = names.filter((name) => file.probes[name]?.role === 'required');
  if (required.length === 0) {
    return [
      { path: ['probes'], message: 'every probe is advisory; at least one must be required, or nothing decides' },
    ];
  }
  const combine = Object.values(policy.health)[0]?.combine;
  return combine === undefined ? [] : combineFindings(combine, required, file);
}

function combineFindings(combine: Combination, required: readonly string[], file: PolicyFile): Finding[] {
  const path: Path = ['track', 'combine'];
  if (combine.type === 'atLeast' && combine.count > required.length) {
    const message = `${combine.count} can never be reached with ${count(required.length, 'required probe')}`;
    return [{ path: [...path, 'atLeast'], message }];
  }
  if (combine.type === 'percentage') return upBelowDown(combine, [...path, 'percentage']);
  if (combine.type !== 'weights') return [];
  const most = required.reduce((sum, name) => sum + (combine.weights[name] ?? 1), 0);
  const unreachable = `${combine.up} can never be reached: the weights of the required probes add up to ${most}`;
  return [
    ...Object.keys(combine.weights).flatMap((name) => weightFinding(name, required, file)),
    ...upBelowDown(combine, path),
    ...(combine.up > most ? [{ path: [...path, 'up'], message: unreachable }] : []),
  ];
}

function weightFinding(name: string, required: readonly string[], file: PolicyFile): Finding[] {
  if (required.includes(name)) return [];
  const path: Path = ['track', 'combine', 'weights', name];
  if (file.probes[name] !== undefined) {
    return [{ path, at: 'key', message: `probe \`${name}\` is advisory; only required probes have a weight` }];
  }
  const message = `unknown probe \`${name}\`; required probes are ${required.join(', ')}${didYouMean(name, required)}`;
  return [{ path, at: 'key', message }];
}

function upBelowDown({ up, down }: { readonly up: number; readonly down: number }, path: Path): Finding[] {
  if (down <= up) return [];
  return [{ path: [...path, 'down'], message: `down (${down}) is above up (${up}); at most that` }];
}

/** `1 required probe`, `2 required probes`. */
function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
