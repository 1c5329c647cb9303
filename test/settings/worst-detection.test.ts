import { describe, expect, test } from 'vitest';
import { worstDetection } from '../../src/settings/worst-detection.ts';
import { POLICY, settingsOf } from './world.ts';

function detectionOf(text: string) {
  const [policy] = settingsOf({ policies: { good: text } }).policies;
  if (policy === undefined) throw new Error('no policy');
  return worstDetection(policy);
}

const TIMES = '    frequency: 1s\n    fastFrequency: 100ms\n    timeout: 300ms\n    threshold: 150ms\n';

describe('worst-case detection', () => {
  test.each`
    options                                                                              | downMs   | upMs     | why
    ${'track: { reaction: immediate }'}                                                  | ${1300}  | ${1300}  | ${'1s + 300ms'}
    ${'track: { reaction: { consecutive: { fall: 1, rise: 1 } } }'}                      | ${1300}  | ${1300}  | ${'1s + 300ms'}
    ${'track: { reaction: { consecutive: { fall: 2, rise: 2 } } }'}                      | ${1450}  | ${1600}  | ${'1s + 150ms (up 300ms) + 300ms'}
    ${'track: { reaction: { consecutive: { fall: 3, rise: 3 } } }'}                      | ${1550}  | ${1700}  | ${'100ms more'}
    ${'track: { reaction: { xOfY: { x: 3, y: 5 } } }'}                                   | ${1550}  | ${1700}  | ${'as three in a row'}
    ${'track: { reaction: { average: { count: 4, downAbove: 100ms, upBelow: 50ms } } }'} | ${1450}  | ${1800}  | ${'two timeouts of four lift the mean to 150ms; all four must be good'}
    ${'track: { delay: { down: 5s, up: 10s } }'}                                         | ${6450}  | ${11700} | ${'delays are added'}
    ${'    role: required\n  slow: { tcp: {}, frequency: 10s }'}                         | ${11000} | ${11100} | ${'the slowest probe counts: 10s + 500ms + 500ms'}
    ${'    role: required\n  slow: { tcp: {}, frequency: 10s, role: advisory }'}         | ${1450}  | ${1700}  | ${'an advisory one does not'}
  `('$options: $why', ({ options, downMs, upMs }) => {
    expect(detectionOf(`${POLICY}${TIMES}${options}\n`)).toMatchObject({ downMs, upMs });
  });

  test('a threshold below fastFrequency does not bring the second run forward', () => {
    expect(detectionOf(`${POLICY}    threshold: 10ms\n    timeout: 300ms\n`).downMs).toBe(1000 + 100 + 300);
  });

  test('without a faster pace runs come one per frequency', () => {
    expect(detectionOf(`${POLICY}    frequency: 100ms\n`)).toMatchObject({ downMs: 300, upMs: 400 });
  });

  test('the formula is told in words', () => {
    expect(detectionOf(`${POLICY}${TIMES}track: { delay: { up: 10s } }\n`).explanation).toBe(
      'down: probe `ask`, 1s until the next run (frequency) + 150ms until the second (threshold) + 300ms for the last answer (timeout); ' +
        'up: probe `ask`, 1s until the next run (frequency) + 300ms until the second (timeout) + 100ms for 1 more, one per fastFrequency + 300ms for the last answer (timeout) + 10s (delay.up)',
    );
  });
});
