import { describe, expect, test } from 'vitest';
import { outages, type Query } from '../../lab/outage.ts';

/**
 * One character per query, 5 ms apart: `a`/`b` answered by a1/b1 after 1 ms, `.` lost.
 * Three answered queries in a row end an outage here.
 */
function queries(timeline: string): Query[] {
  return [...timeline].map((letter, i) => ({
    sentAt: i * 5,
    ...(letter !== '.' && { answer: { at: i * 5 + 1, server: `${letter}1` } }),
  }));
}

const CASES = [
  { timeline: 'aaaaaa', found: [] },
  { timeline: '', found: [] },
  // From the first lost query (10) to the answer to the first one after the last lost (20 + 1).
  { timeline: 'aa..bbbb', found: [{ startedAt: 10, ms: 11, lost: 2, before: 'a1', after: 'b1' }] },
  // A gleam of two answers does not end it.
  { timeline: 'a.bb.bbb', found: [{ startedAt: 5, ms: 21, lost: 2, before: 'a1', after: 'b1' }] },
  {
    timeline: 'a.aaa.aaa',
    found: [
      { startedAt: 5, ms: 6, lost: 1, before: 'a1', after: 'a1' },
      { startedAt: 25, ms: 6, lost: 1, before: 'a1', after: 'a1' },
    ],
  },
  // Nobody knows how long it was: it did not end.
  { timeline: 'a...', found: [{ startedAt: 5, lost: 3, before: 'a1' }] },
  { timeline: '..a', found: [{ startedAt: 0, ms: 11, lost: 2, after: 'a1' }] },
];

describe('outages of a client', () => {
  test.each(CASES)('$timeline', ({ timeline, found }) => {
    expect(outages(queries(timeline), 3)).toEqual(found);
  });
});
