import { expect, test } from 'vitest';
import { STALL_LIMITS, StallMonitor, stalledFor } from '../../../src/probes/scheduler/stall.ts';

const EPOCH = 1_700_000_000_000;

test.each([
  // what happened                     seen, expected, now (monotonic), wall ahead -> stall
  ['on time', 1000, 1100, 1100, 0, undefined],
  ['a slow turn', 1000, 1100, 1350, 0, undefined],
  ['a stall (SIGSTOP, a blocked loop)', 1000, 1100, 1351, 0, { stalledMs: 251, suspendedMs: 0 }],
  ['a suspend: wall time ran on', 1000, 1100, 1100, 60_000, { stalledMs: 60_000, suspendedMs: 60_000 }],
  ['the clock was slewed', 1000, 1100, 1100, 900, undefined],
  ['the clock was set back', 1000, 1100, 1100, -3_600_000, undefined],
])('%s', (_what, seen, expected, now, ahead, stall) => {
  const before = { mono: seen, wall: EPOCH };
  const after = { mono: now, wall: EPOCH + now - seen + ahead };
  expect(stalledFor(before, expected, after, STALL_LIMITS)).toEqual(stall);
});

test('a stall is told once', () => {
  const monitor = new StallMonitor(STALL_LIMITS, { mono: 0, wall: EPOCH });
  monitor.expect(100);
  expect(monitor.look({ mono: 1100, wall: EPOCH + 1100 })).toEqual({ stalledMs: 1000, suspendedMs: 0 });
  expect(monitor.look({ mono: 1101, wall: EPOCH + 1101 })).toBeUndefined();
});
