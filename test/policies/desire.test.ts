import { describe, expect, test } from 'vitest';
import { desire, routeName } from '../../src/policies/desire.ts';
import { evaluate, stopVerdicts } from '../../src/policies/evaluate.ts';
import { endpoint, policy, tracks } from './world.ts';

const mark = { tag: 4200, name: 'anytrack' };
const capabilities = {
  edge1: { routeNames: true, maxNameLength: 50 },
  edge2: { routeNames: true, maxNameLength: 24 },
  frr1: { routeNames: false, maxNameLength: 0 },
};

test('announce is present, withdraw is absent, hold is asIs', () => {
  const one = policy({ endpoints: [endpoint('ns1'), endpoint('ns2'), endpoint('ns3')] });
  const routes = desire(one, evaluate(one, tracks(one, 'UD?'), undefined, 0), mark, capabilities);
  expect(routes.map(({ key, want, reason }) => [key.nextHop, want, reason])).toEqual([
    ['10.10.10.1', 'present', 'endpoint-up'],
    ['10.10.10.2', 'absent', 'endpoint-down'],
    ['10.10.10.3', 'asIs', 'unknown-hold'],
  ]);
});

test('the whole route: host prefix, VRF, interface, own tag, distance and track', () => {
  const one = policy({
    address: '2001:db8:ac::1',
    family: 6,
    vrf: 'BLUE',
    route: { tag: 101, distance: 5, track: 10 },
    endpoints: [endpoint('ns1', { nextHop: 'fe80::1', interface: 'GigabitEthernet1' })],
  });
  expect(desire(one, stopVerdicts({ ...one, onStop: 'withdraw' }, undefined), mark, capabilities)).toEqual([
    {
      key: { vrf: 'BLUE', prefix: '2001:db8:ac::1/128', nextHop: 'fe80::1', interface: 'GigabitEthernet1' },
      attributes: { tag: 101, distance: 5, track: 10, name: 'anytrack-resolver-ns1' },
      want: 'absent',
      policy: 'resolver',
      endpoint: 'ns1',
      reason: 'stopping',
    },
  ]);
});

describe('attributes', () => {
  test.each<[string, string[], { tag: number; name?: string }]>([
    ['the tag of the mark, and a name', ['edge1'], { tag: 4200, name: 'anytrack-resolver-10.0.0.1-ns1' }],
    [
      'a name that the shortest router can take',
      ['edge1', 'edge2', 'frr1'],
      { tag: 4200, name: 'anytrack-resolver-10.0.0' },
    ],
    ['no name where no router has names', ['frr1'], { tag: 4200 }],
    ['no name for a router that nothing is known of', ['other'], { tag: 4200 }],
  ])('%s', (_name, routers, expected) => {
    const one = policy({ name: 'resolver-10.0.0.1', routers, endpoints: [endpoint('ns1')] });
    const [route] = desire(one, evaluate(one, tracks(one, 'U'), undefined, 0), mark, capabilities);
    expect(route?.attributes).toEqual(expected);
  });

  test('a name is one word', () => {
    expect(routeName(mark, 'a b;c', 'n/1', 50)).toBe('anytrack-a-b-c-n-1');
  });
});
