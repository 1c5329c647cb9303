import { expect, test } from 'vitest';
import type { AnytrackEvent } from '../../src/notify/contract.ts';
import { TransitionFilter } from '../../src/notify/transition-filter.ts';
import { AT, EVENTS, report } from './events.ts';

const failed = (code: 'locked' | 'in-use', minutes: number): AnytrackEvent => ({
  ...EVENTS.routeFailed,
  at: AT + minutes * 60_000,
  report: report({ outcome: 'failed', code }),
});
const done: AnytrackEvent = { ...EVENTS.routeChanged, at: AT };
const session = (state: 'up' | 'down', at: number): AnytrackEvent => ({ ...EVENTS.routerSession, state, at: AT + at });

test.each<[string, [AnytrackEvent, boolean][]]>([
  [
    'the same failure is told once, another one too, and the first again after a success',
    [
      [failed('locked', 0), true],
      [failed('locked', 1), false],
      [failed('in-use', 2), true],
      [failed('in-use', 3), false],
      [done, true],
      [done, true],
      [failed('in-use', 4), true],
    ],
  ],
  [
    'what lasts is told once an hour',
    [
      [failed('locked', 0), true],
      [failed('locked', 59), false],
      [failed('locked', 60), true],
      [failed('locked', 61), false],
    ],
  ],
  [
    'a session',
    [
      [session('down', 0), true],
      [session('down', 1), false],
      [session('up', 2), true],
      [session('up', 3), false],
      [session('down', 4), true],
    ],
  ],
  [
    'conflicts and orphans of different routes',
    [
      [EVENTS.routeConflict, true],
      [EVENTS.routeConflict, false],
      [{ ...EVENTS.routeConflict, key: { ...EVENTS.routeConflict.key, nextHop: '10.10.10.9' } }, true],
      [EVENTS.routeOrphan, true],
      [EVENTS.routeOrphan, false],
    ],
  ],
  [
    'after another decision the same failure is another one, on every router, and of that endpoint only',
    [
      [failed('locked', 0), true],
      [{ ...EVENTS.verdictChanged, policy: 'web' }, true],
      [failed('locked', 1), false],
      [EVENTS.verdictChanged, true],
      [failed('locked', 2), true],
    ],
  ],
  [
    'a conflict that comes back after the route was changed',
    [
      [EVENTS.routeConflict, true],
      [EVENTS.routeConflict, false],
      [done, true],
      [EVENTS.routeConflict, true],
    ],
  ],
  [
    'tracks, verdicts and heartbeats are always news',
    [
      [EVENTS.trackChanged, true],
      [EVENTS.trackChanged, true],
      [EVENTS.heartbeat, true],
      [EVENTS.heartbeat, true],
    ],
  ],
])('%s', (_name, steps) => {
  const filter = new TransitionFilter();
  expect(steps.map(([event]) => filter.isNews(event))).toEqual(steps.map(([, expected]) => expected));
});
