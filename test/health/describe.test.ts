import { expect, test } from 'vitest';
import { describeRules } from '../../src/health/describe.ts';
import { healthRules, probeRules } from './world.ts';

test('the thresholds in one line', () => {
  expect(describeRules(healthRules())).toBe('resolve: consecutive fall 2 rise 3; combine all');
  expect(
    describeRules(
      healthRules({
        probes: [
          probeRules({ reaction: { type: 'immediate' }, mode: 'state' }),
          probeRules({ name: 'b', reaction: { type: 'xOfY', x: 3, y: 5 }, not: true }),
          probeRules({
            name: 'c',
            reaction: { type: 'average', count: 5, downAboveMs: 100, upBelowMs: 80 },
            role: 'advisory',
          }),
        ],
        targets: ['x', 'y'],
        combine: { type: 'percentage', up: 60, down: 40 },
        delay: { upMs: 10_000, downMs: 500 },
      }),
    ),
  ).toBe(
    'resolve: immediate, late is bad; b: 3 of 5, inverted; ' +
      'c: average of 5, down above 100ms, up below 80ms, advisory; ' +
      'combine percentage up 60 down 40; at least 1 of 2 targets; delay up 10s; delay down 500ms',
  );
});
