import { expect, test } from 'vitest';
import { entriesOf } from '../../src/demo/timeline.ts';
import type { AnytrackEvent } from '../../src/notify/contract.ts';

const base = { at: 1500, policy: 'web', endpoint: 'a' };

test('a run that took long is told with its start, since runs overlap', () => {
  const result = (total: number) => ({
    startedAt: 0,
    startedMono: 0,
    endedMono: total,
    phases: { total },
    detail: 'no answer within 300 ms',
    transcript: [],
    outcome: 'fail' as const,
    cause: 'timeout' as const,
  });
  const textOf = (total: number) => {
    const event = { ...base, type: 'probeResult', probe: 'health', target: 't', result: result(total) } as const;
    return entriesOf(event, 1000).map(({ atMs, text, code }) => [atMs, text, code]);
  };
  expect(textOf(300)).toEqual([
    [500, 'health on t: fail timeout after 300 ms, begun at +200 ms: no answer within 300 ms', 'timeout'],
  ]);
  expect(textOf(1.26)).toEqual([[500, 'health on t: fail timeout after 1.3 ms: no answer within 300 ms', 'timeout']]);
});

test('a line stands at the time when it was sent, its proof when it was read back', () => {
  const event: AnytrackEvent = {
    at: 1500,
    type: 'routeChanged',
    policy: 'web',
    report: {
      router: 'edge1',
      change: {
        op: 'remove',
        key: { vrf: 'default', prefix: '10.0.0.2/32', nextHop: '10.10.10.1' },
        attributes: { tag: 4200 },
        policy: 'web',
        endpoint: 'a',
        reason: 'endpoint-down',
      },
      outcome: 'done',
      detail: '',
      sent: [{ sent: 'no ip route 10.0.0.2 255.255.255.255 10.10.10.1\n', received: '', ms: 2 }],
      readBack: { configured: false, installed: false },
      steps: [
        { name: 'connect', ms: 0.01 },
        { name: 'observe', ms: 5 },
        { name: 'apply', ms: 2 },
        { name: 'readBack', ms: 200 },
      ],
    },
  };
  expect(entriesOf(event, 1000).map(({ atMs, kind, text }) => [atMs, kind, text])).toEqual([
    [298, 'sent', 'edge1# no ip route 10.0.0.2 255.255.255.255 10.10.10.1'],
    [
      500,
      'readBack',
      'edge1: not in the configuration, not in the RIB; took observe 5.0 ms, apply 2.0 ms, readBack 200 ms',
    ],
  ]);
});

test('the session tells its code once and the router once', () => {
  const lost = { at: 1000, type: 'routerSession', router: 'edge1', state: 'down', code: 'lost' } as const;
  const [entry] = entriesOf({ ...lost, detail: 'edge1: the connection was closed' }, 1000);
  expect(entry?.text).toBe('edge1 down (lost): the connection was closed');
});
