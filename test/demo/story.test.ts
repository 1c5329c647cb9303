import { expect, test } from 'vitest';
import type { Act } from '../../src/demo/act.ts';
import { formatAct } from '../../src/demo/story.ts';
import type { Entry } from '../../src/demo/timeline.ts';

const on = { policy: 'web', endpoint: 'a' };

/** A break on one endpoint, as it is collected. */
const BREAK: Act = {
  kind: 'break',
  title: 'HTTP answers 500',
  tookMs: 431,
  missing: [],
  entries: [
    { atMs: 0, kind: 'break', text: 'the web server of endpoint a answers 500' },
    { atMs: 20, kind: 'probe', ...on, text: 'health: fail http-status', code: 'http-status' },
    { atMs: 120, kind: 'probe', ...on, text: 'health: fail http-status', code: 'http-status' },
    { atMs: 121, kind: 'track', ...on, text: 'up -> down', code: 'down' },
    { atMs: 122, kind: 'trap', ...on, text: 'inform anytrackTrackChange', code: 'anytrackTrackChange' },
    { atMs: 125, kind: 'sent', ...on, text: 'edge1# no ip route', code: 'remove' },
    { atMs: 220, kind: 'probe', ...on, text: 'health: fail http-status', code: 'http-status' },
    { atMs: 130, kind: 'readBack', ...on, text: 'edge1: not in the RIB', code: 'done' },
    { atMs: 131, kind: 'trap', ...on, text: 'inform anytrackRouteChange', code: 'anytrackRouteChange' },
  ],
};

test('a break: evidence, track, line, proof and notification in the order in which they happened', () => {
  expect(formatAct(BREAK).join('\n')).toBe(`
   web a                 route removed, read back 130 ms after the break
       +20 ms  probe     health: fail http-status
      +120 ms  probe     health: fail http-status
      +121 ms  track     up -> down
      +125 ms  sent      edge1# no ip route
      +130 ms  readBack  edge1: not in the RIB
      +131 ms  trap      inform anytrackRouteChange

   the NMS received 1 anytrackTrackChange, 1 anytrackRouteChange
   done: all that was expected was seen, 0.4 s`);
});

test('a repair: a timeout that was begun before it and ends after the first pass is no news', () => {
  const entries: readonly Entry[] = [
    { atMs: 10, kind: 'probe', ...on, text: 'pass', code: 'pass' },
    { atMs: 80, kind: 'probe', ...on, text: 'an old timeout', code: 'timeout' },
    { atMs: 110, kind: 'probe', ...on, text: 'pass', code: 'pass' },
    { atMs: 111, kind: 'track', ...on, text: 'down -> up', code: 'up' },
    { atMs: 190, kind: 'probe', ...on, text: 'an older timeout', code: 'timeout' },
  ];
  const text = formatAct({ ...BREAK, kind: 'repair', entries }).join('\n');
  expect(text.match(/pass|timeout/g)).toEqual(['pass', 'pass']);
});

test('a repair of several endpoints: the first story in full, a line for each other', () => {
  const other = { policy: 'dns', endpoint: 'b' };
  const change = (subject: typeof on, atMs: number): readonly Entry[] => [
    { atMs, kind: 'sent', ...subject, text: 'edge1# ip route', code: 'add' },
    { atMs: atMs + 5, kind: 'readBack', ...subject, text: 'edge1: in the RIB', code: 'done' },
  ];
  const act: Act = { ...BREAK, kind: 'repair', entries: [...change(on, 100), ...change(other, 300)] };
  expect(formatAct(act).join('\n')).toBe(`
   web a                 route added, read back 105 ms after the repair
      +100 ms  sent      edge1# ip route
      +105 ms  readBack  edge1: in the RIB

   dns b                 route added, read back 305 ms after the repair

   done: all that was expected was seen, 0.4 s`);
});

test('with one endpoint, what happens to the router is a part of its story', () => {
  const session: Entry = { atMs: 127, kind: 'session', text: 'edge1 down (lost): the connection was closed' };
  const lines = formatAct({ ...BREAK, entries: [...BREAK.entries, session] });
  const kinds = lines.flatMap((line) => /ms {2}(\w+)/.exec(line)?.[1] ?? []);
  expect(kinds).toEqual(['probe', 'probe', 'track', 'sent', 'session', 'readBack', 'trap']);
});

test('what should have been seen and was not is listed', () => {
  const lines = formatAct({ ...BREAK, entries: [], missing: ['web a: the track going down'], tookMs: 8000 });
  expect(lines).toEqual(['', '   NOT DONE after 8.0 s, not seen:', '     web a: the track going down']);
});
