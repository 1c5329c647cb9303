import { describe, expect, test } from 'vitest';
import { nearest } from '../../src/settings/nearest.ts';

describe('nearest', () => {
  const words = ['frequency', 'fastFrequency', 'timeout', 'threshold', 'minHealthy', 'tag', 'via'];
  test.each([
    ['frequncy', 'frequency'],
    ['freqeuncy', 'frequency'],
    ['Frequency', 'frequency'],
    ['time_out', 'timeout'],
    ['min-healthy', 'minHealthy'],
    ['tga', 'tag'],
    ['fast', undefined],
    ['colour', undefined],
    ['', undefined],
  ])('%s -> %s', (word, expected) => expect(nearest(word, words)).toBe(expected));

  test('a word of any length is answered at once', () => expect(nearest('x'.repeat(1_000_000), words)).toBeUndefined());
});
