import { expect, test } from 'vitest';
import { formatStatus } from '../../src/commands/status.ts';
import type { Status } from '../../src/web/status.ts';

const STATUS: Status = {
  site: 'ams1',
  version: '0.1.0',
  pid: 42,
  startedAt: 0,
  at: 90_000,
  policies: [
    {
      name: 'web',
      address: '10.0.0.2',
      up: 1,
      total: 2,
      endpoints: [
        {
          name: 'a',
          nextHop: '10.10.10.1',
          track: 'down',
          trackReason: 'failed',
          explanation: 'DOWN(DOWN)',
          forMs: 12_345,
          verdict: 'withdraw',
          verdictReason: 'endpoint-down',
          verdictDetail: 'DOWN(DOWN)',
          probes: [
            {
              target: 'a',
              probe: 'health',
              kind: 'http',
              state: 'down',
              runs: 10,
              failures: 3,
              busies: 1,
              latest: { outcome: 'fail', cause: 'http-status', detail: '500', startedAt: 0, phases: { total: 1.25 } },
            },
          ],
        },
      ],
    },
  ],
  routers: [
    {
      name: 'edge1',
      platform: 'ios',
      address: '192.0.2.1:22',
      session: 'waiting',
      trouble: 'refused: connection refused',
      routes: [
        {
          prefix: '10.0.0.2/32',
          nextHop: '10.10.10.1',
          vrf: 'default',
          want: 'absent',
          configured: true,
          installed: true,
          policy: 'web',
          endpoint: 'a',
        },
      ],
    },
  ],
  stalls: { count: 2, longestMs: 300 },
  notify: [{ target: '192.0.2.9:162', sent: 4, queued: 1, dropped: 0 }],
};

test('the status as an operator reads it', () => {
  expect(formatStatus(STATUS).join('\n')).toBe(`\
anytrack 0.1.0 at ams1, running for 1m 30s, pid 42; stalled 2 times, at most 300 ms
0 of 1 endpoints up, 0 of 1 router sessions up, 0 of 1 routes as wanted
  ! web a is down: health: fail http-status in 1.3 ms: 500
  ! web 10.0.0.2: announced by no endpoint here
  ! edge1: session waiting: refused: connection refused
  ! edge1: 10.0.0.2/32 via 10.10.10.1 is wanted absent, but still in the RIB

web  10.0.0.2  1 of 2 up
  ENDPOINT  NEXT HOP    TRACK       FOR  VERDICT   WHY
  a         10.10.10.1  DOWN(DOWN)  12s  withdraw  endpoint-down: DOWN(DOWN)
  PROBE     STATE  RUNS  FAILED  BUSY  LATEST
  a health  down   10    3       1     fail http-status in 1.3 ms: 500

edge1  ios  192.0.2.1:22  session waiting: refused: connection refused
  ROUTE        NEXT HOP    WANTED  CONFIGURED  IN RIB  POLICY
  10.0.0.2/32  10.10.10.1  absent  yes         yes     web a

NOTIFIES       SENT  QUEUED  DROPPED
192.0.2.9:162  4     1       0`);
});

test('an orphan stands among what is wrong: nobody watches it', () => {
  const [router] = STATUS.routers;
  const route = { prefix: '10.0.0.9/32', nextHop: '10.10.10.9', vrf: 'red', want: 'orphan' } as const;
  const routes = [{ ...route, configured: true, installed: true }];
  const lines = router === undefined ? [] : formatStatus({ ...STATUS, policies: [], routers: [{ ...router, routes }] });
  expect(lines).toContain(
    '  ! edge1: 10.0.0.9/32 via 10.10.10.9 vrf red is an orphan: ours by its mark, but no policy names it',
  );
});
