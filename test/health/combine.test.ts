import { describe, expect, test } from 'vitest';
import { combine, type Member } from '../../src/health/combine.ts';
import type { Combination } from '../../src/health/rules.ts';
import type { TrackState } from '../../src/model.ts';

const STATE: Readonly<Record<string, TrackState>> = { U: 'up', D: 'down', '?': 'unknown' };

/** `U D ?` for three members `a`, `b`, `c`; `!U` is an inverted one. */
function members(text: string): Member[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word, i) => ({
      name: 'abcdef'.charAt(i),
      not: word.startsWith('!'),
      state: STATE[word.replace('!', '')] ?? 'unknown',
    }));
}

const weights: Combination = { type: 'weights', weights: { a: 10, b: 20, c: 30 }, up: 40, down: 30 };
const percentage: Combination = { type: 'percentage', up: 60, down: 40 };

describe('combine', () => {
  test.each<[Combination['type'], string, string]>([
    ['all', 'U U', 'UP(a UP and b UP)'],
    ['all', 'U D', 'DOWN(a UP and b DOWN)'],
    ['all', '? D', 'DOWN(a UNKNOWN and b DOWN)'],
    ['all', '? U', 'UNKNOWN(a UNKNOWN and b UP)'],
    ['all', 'U !D', 'UP(a UP and not b DOWN)'],
    ['all', 'U !U', 'DOWN(a UP and not b UP)'],
    ['all', 'U !?', 'UNKNOWN(a UP and not b UNKNOWN)'],
    ['all', '', 'UNKNOWN()'],
    ['any', 'D U', 'UP(a DOWN or b UP)'],
    ['any', '? U', 'UP(a UNKNOWN or b UP)'],
    ['any', '? D', 'UNKNOWN(a UNKNOWN or b DOWN)'],
    ['any', 'D D', 'DOWN(a DOWN or b DOWN)'],
    ['any', '', 'UNKNOWN()'],
  ])('%s of [%s] is %s', (type, states, expected) => {
    expect(combine(members(states), { type } as Combination, 'unknown').explanation).toBe(expected);
  });

  test.each<[string, Combination, string, TrackState, TrackState]>([
    ['2 of 3', { type: 'atLeast', count: 2 }, 'U U ?', 'unknown', 'up'],
    ['2 of 3, cannot be reached any more', { type: 'atLeast', count: 2 }, 'D D ?', 'unknown', 'down'],
    ['2 of 3, open', { type: 'atLeast', count: 2 }, 'U D ?', 'up', 'unknown'],
    ['more than there are', { type: 'atLeast', count: 4 }, 'U U U', 'up', 'down'],
    ['weight 60 of 60', weights, 'U U U', 'unknown', 'up'],
    ['weight 40: on the upper limit', weights, 'U D U', 'down', 'up'],
    ['weight 30: on the lower limit, was up', weights, 'U U D', 'up', 'up'],
    ['weight 30: on the lower limit, was down', weights, 'U U D', 'down', 'down'],
    ['weight 30: in the band, never decided', weights, 'U U D', 'unknown', 'unknown'],
    ['weight 20', weights, 'D U D', 'up', 'down'],
    ['weight 10 or 40', weights, 'U D ?', 'up', 'unknown'],
    ['weight 50 or 60', weights, '? U U', 'down', 'up'],
    ['weight 30 or 40, was up', weights, '? D U', 'up', 'up'],
    ['weight 30 or 40, was down', weights, '? D U', 'down', 'unknown'],
    ['a member without a weight weighs 1', { ...weights, up: 1, down: 1 }, 'D D D U', 'unknown', 'up'],
    [
      'weights of 0.1 and 0.7 reach 0.8',
      { type: 'weights', weights: { a: 0.1, b: 0.7 }, up: 0.8, down: 0.8 },
      'U U',
      'down',
      'up',
    ],
    ['67 %', percentage, 'U U D', 'down', 'up'],
    ['50 %, was up', percentage, 'U D', 'up', 'up'],
    ['50 %, was down', percentage, 'U D', 'down', 'down'],
    ['33 %', percentage, 'U D D', 'up', 'down'],
    ['33 % or 67 %', percentage, 'U D ?', 'up', 'unknown'],
    ['all six at 100 %', { type: 'percentage', up: 100, down: 100 }, 'U U U U U U', 'down', 'up'],
  ])('%s', (_name, combination, states, previous, expected) => {
    expect(combine(members(states), combination, previous).state).toBe(expected);
  });

  test.each<[Combination, string]>([
    [{ type: 'atLeast', count: 1 }, 'UP(at least 1 of a UP, b DOWN)'],
    [{ ...weights, up: 10, down: 5 }, 'UP(weight, up 10, down 5: a UP * 10, b DOWN * 20)'],
    [{ ...percentage, up: 50 }, 'UP(percentage, up 50, down 40: a UP, b DOWN)'],
  ])('explains %j', (combination, expected) => {
    expect(combine(members('U D'), combination, 'unknown').explanation).toBe(expected);
  });
});
