/** From the states of several members to one, with an explanation: `DOWN(resolve UP and tcp DOWN)`. */
import type { TrackState } from '../model.ts';
import type { Combination } from './rules.ts';
import { decide, type Range, type Threshold } from './threshold.ts';

/** A probe of a target, or a target of an endpoint. */
export interface Member {
  readonly name: string;
  readonly state: TrackState;
  /** Count the opposite of its state. */
  readonly not: boolean;
  /** How the member's own state came about, where it is itself a combination: `UP(a UP or b DOWN)`. */
  readonly explanation?: string;
}

export interface Combined {
  readonly state: TrackState;
  /** `UP(a UP and b UP)`: the state, and in brackets the expression over the members' own states. */
  readonly explanation: string;
}

/**
 * Combines members in tri-state logic: an unknown member is neither up nor down, and the result is decided
 * as soon as it can no longer change it (`all` with one down is down, `any` with one up is up).
 * Without members nothing is known.
 * @param previous the last decided state, which stands inside the band of `weights` and `percentage`
 */
export function combine(members: readonly Member[], combination: Combination, previous: TrackState): Combined {
  const state =
    members.length === 0
      ? 'unknown'
      : decide(rangeOf(members, combination), thresholdOf(combination, members.length), previous);
  return { state, explanation: `${state.toUpperCase()}(${expression(members, combination)})` };
}

/** What a member counts as: its state, turned round where the rules say `not`. */
export function effective(member: Pick<Member, 'state' | 'not'>): TrackState {
  if (!member.not || member.state === 'unknown') return member.state;
  return member.state === 'up' ? 'down' : 'up';
}

function thresholdOf(combination: Combination, total: number): Threshold {
  switch (combination.type) {
    case 'all':
      return { up: total, down: total };
    case 'any':
      return { up: 1, down: 1 };
    case 'atLeast':
      return { up: combination.count, down: combination.count };
    case 'weights':
      return combination;
    case 'percentage':
      // Counted in members, because a sum of `100 / total` need not reach 100.
      return { up: (combination.up * total) / 100, down: (combination.down * total) / 100 };
  }
}

function rangeOf(members: readonly Member[], combination: Combination): Range {
  const sumOf = (states: readonly TrackState[]) =>
    members
      .filter((member) => states.includes(effective(member)))
      .reduce((sum, member) => sum + weightOf(member, combination), 0);
  return { least: settled(sumOf(['up'])), most: settled(sumOf(['up', 'unknown'])) };
}

/** A sum without the dust of binary fractions: weights of 0.1 and 0.7 reach 0.8. */
function settled(sum: number): number {
  return Number(sum.toFixed(6));
}

/** What one member that is up adds; 1 where the rules name no weight. */
function weightOf(member: Member, combination: Combination): number {
  return combination.type === 'weights' ? (combination.weights[member.name] ?? 1) : 1;
}

function expression(members: readonly Member[], combination: Combination): string {
  const texts = members.map(textOf);
  switch (combination.type) {
    case 'all':
      return texts.join(' and ');
    case 'any':
      return texts.join(' or ');
    case 'atLeast':
      return `at least ${combination.count} of ${texts.join(', ')}`;
    case 'weights': {
      const weighed = members.map((member, i) => `${texts[i]} * ${weightOf(member, combination)}`);
      return `weight, up ${combination.up}, down ${combination.down}: ${weighed.join(', ')}`;
    }
    case 'percentage':
      return `percentage, up ${combination.up}, down ${combination.down}: ${texts.join(', ')}`;
  }
}

function textOf(member: Member): string {
  return `${member.not ? 'not ' : ''}${member.name} ${member.explanation ?? member.state.toUpperCase()}`;
}
