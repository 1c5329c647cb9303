import { formatDuration } from '../lib/duration.ts';
import type { Combination, HealthRules, ProbeRules, Reaction } from './rules.ts';

/**
 * The thresholds of an endpoint in one line, for traps, audit and timelines:
 * `resolve: consecutive fall 2 rise 3; combine all; delay up 10s`.
 */
export function describeRules(rules: HealthRules): string {
  const parts = [...rules.probes.map(describeProbe), `combine ${describeCombination(rules.combine)}`];
  if (rules.targets.length > 1) parts.push(`at least ${rules.targetsAtLeast} of ${rules.targets.length} targets`);
  if (rules.delay.upMs > 0) parts.push(`delay up ${formatDuration(rules.delay.upMs)}`);
  if (rules.delay.downMs > 0) parts.push(`delay down ${formatDuration(rules.delay.downMs)}`);
  return parts.join('; ');
}

function describeProbe(probe: ProbeRules): string {
  const words = [describeReaction(probe.reaction)];
  if (probe.mode === 'state') words.push('late is bad');
  if (probe.not) words.push('inverted');
  if (probe.role === 'advisory') words.push('advisory');
  return `${probe.name}: ${words.join(', ')}`;
}

function describeReaction(reaction: Reaction): string {
  switch (reaction.type) {
    case 'immediate':
      return 'immediate';
    case 'consecutive':
      return `consecutive fall ${reaction.fall} rise ${reaction.rise}`;
    case 'xOfY':
      return `${reaction.x} of ${reaction.y}`;
    case 'average':
      return `average of ${reaction.count}, down above ${formatDuration(reaction.downAboveMs)}, up below ${formatDuration(reaction.upBelowMs)}`;
  }
}

function describeCombination(combination: Combination): string {
  switch (combination.type) {
    case 'all':
    case 'any':
      return combination.type;
    case 'atLeast':
      return `at least ${combination.count}`;
    case 'weights':
    case 'percentage':
      return `${combination.type} up ${combination.up} down ${combination.down}`;
  }
}
