import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { Secret } from '../../src/lib/secret.ts';
import { type RouteKey, routeId } from '../../src/model.ts';
import { INET_CIDR_ROUTES, IP_CIDR_ROUTES, ipForwardRow } from '../../src/routers/witness/route-index.ts';
import { decodeResponse } from '../../src/routers/witness/snmp-client.ts';
import { createSnmpWitness, type Testimony, type Witness } from '../../src/routers/witness.ts';
import { settle } from '../support/fake-clock.ts';
import { key, World, wish } from './reconciler-world.ts';
import { type AgentFaults, startAgent } from './witness-agent.ts';

const arcs = (text: string) => text.split('.').map(Number);

describe('indices of the route tables, as net-snmp and zebra write them', () => {
  test.each([
    ['0.0.0.0.0.0.0.0.0.192.0.2.1', '0.0.0.0/0', '192.0.2.1'],
    ['192.0.2.0.255.255.255.0.0.0.0.0.0', '192.0.2.0/24', '0.0.0.0'],
    ['10.0.0.1.255.255.255.255.0.192.0.2.1', '10.0.0.1/32', '192.0.2.1'],
  ])('ipCidrRouteTable %s', (text, prefix, nextHop) => {
    expect(IP_CIDR_ROUTES.decode(arcs(text))).toEqual({ prefix, nextHop });
    expect(text.startsWith(IP_CIDR_ROUTES.indexOf(prefix)?.join('.') ?? 'none')).toBe(true);
  });

  test.each([
    ['1.4.0.0.0.0.0.2.0.0.1.4.192.0.2.1', '0.0.0.0/0', '192.0.2.1'],
    ['1.4.192.0.2.0.24.3.0.0.4.1.4.0.0.0.0', '192.0.2.0/24', '0.0.0.0'],
    ['2.16.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.0.0.5.2.16.253.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1', '::/0', 'fd00::1'],
    ['2.16.253.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.128.3.0.0.7.2.16.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0', 'fd00::2/128', '::'],
    // A link-local next hop with its zone (InetAddressType ipv6z).
    [
      '2.16.253.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.128.0.4.20.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.3',
      'fd00::2/128',
      'fe80::1',
    ],
  ])('inetCidrRouteTable %s', (text, prefix, nextHop) => {
    expect(INET_CIDR_ROUTES.decode(arcs(text))).toEqual({ prefix, nextHop });
    expect(text.startsWith(INET_CIDR_ROUTES.indexOf(prefix)?.join('.') ?? 'none')).toBe(true);
  });

  test('ipForwardTable', () => {
    const row = ipForwardRow({ prefix: '10.0.0.1/32', nextHop: '192.0.2.1' });
    expect(row?.join('.')).toBe('1.3.6.1.2.1.4.24.2.1.7.10.0.0.1.3.0.192.0.2.1');
    expect(ipForwardRow({ prefix: 'fd00::1/128', nextHop: 'fd00::2' })).toBeUndefined();
  });

  test.each([
    ['IPv6 does not fit', IP_CIDR_ROUTES.indexOf('fd00::1/128')],
    ['no prefix', INET_CIDR_ROUTES.indexOf('x')],
    ['a mask with holes', IP_CIDR_ROUTES.decode(arcs('10.0.0.1.255.0.255.0.0.192.0.2.1'))],
    ['an arc above 255', IP_CIDR_ROUTES.decode(arcs('10.0.0.256.255.255.255.255.0.192.0.2.1'))],
    ['too short', IP_CIDR_ROUTES.decode(arcs('10.0.0.1'))],
    ['an unknown type of address', INET_CIDR_ROUTES.decode(arcs('16.4.10.0.0.1.32.0.1.4.192.0.2.1'))],
    ['a policy longer than the index', INET_CIDR_ROUTES.decode(arcs('1.4.10.0.0.1.32.99.0.0.1.4.192.0.2.1'))],
    ['something behind the next hop', INET_CIDR_ROUTES.decode(arcs('1.4.10.0.0.1.32.0.1.4.192.0.2.1.7'))],
  ])('%s', (_, result) => {
    expect(result).toBeUndefined();
  });

  test('decoding is total', () => {
    const arc = fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 16, 20, 32, 128, 255), fc.nat());
    fc.assert(
      fc.property(fc.array(arc, { maxLength: 50 }), (index) => {
        for (const table of [IP_CIDR_ROUTES, INET_CIDR_ROUTES]) {
          const route = table.decode(index);
          if (route !== undefined) expect(index.slice(0, 4)).toEqual(table.indexOf(route.prefix)?.slice(0, 4));
        }
      }),
      { numRuns: 5_000 },
    );
  });

  test('an answer of any bytes is decoded or refused', () => {
    const start = Buffer.from(
      '302902010104067075626c6963a21c02047e8b1c43020100020100300e300c06082b060102010103004300',
      'hex',
    );
    const mutated = fc.tuple(fc.nat(start.length - 1), fc.nat(255)).map(([at, byte]) => {
      const bytes = Buffer.from(start);
      bytes[at] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
          mutated,
        ),
        (bytes) => {
          decodeResponse(bytes, { community: 'public' });
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

const UPTIME = { '1.3.6.1.2.1.1.3.0': { type: 0x43, value: 12_345 } };
const CIDR = '1.3.6.1.2.1.4.24.4.1.7';
const INET = '1.3.6.1.2.1.4.24.7.1.9';
const FORWARD = '1.3.6.1.2.1.4.24.2.1.7';
const STATIC = { type: 2, value: 3 };

describe('asking an agent', () => {
  const agents: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.close();
  });

  async function ask(
    rows: Parameters<typeof startAgent>[0],
    routes: RouteKey[],
    faults: AgentFaults = {},
    timeoutMs = 2_000,
  ) {
    const agent = await startAgent({ ...UPTIME, ...rows }, faults);
    agents.push(agent);
    const settings = { address: '127.0.0.1', port: agent.port, community: new Secret('public', 'test') };
    const witness = createSnmpWitness(settings, { clock: systemClock, random: systemRandom });
    const testimony = await witness.ask(routes, timeoutMs, new AbortController().signal);
    return { testimony, agent, presence: routes.map((route) => testimony.routes.get(routeId(route))) };
  }

  const ipv6: RouteKey = { vrf: 'default', prefix: '2001:db8::1/128', nextHop: 'fd00::1' };
  const row6 = `${INET}.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1.128.2.0.0.2.16.253.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1`;
  const table: [string, Record<string, typeof STATIC>, RouteKey, string][] = [
    ['in ipCidrRouteTable', { [`${CIDR}.10.0.0.1.255.255.255.255.0.192.0.2.1`]: STATIC }, key(), 'present'],
    [
      'second of two next hops',
      {
        [`${CIDR}.10.0.0.1.255.255.255.255.0.192.0.2.1`]: STATIC,
        [`${CIDR}.10.0.0.1.255.255.255.255.0.192.0.2.2`]: STATIC,
      },
      key(1, '192.0.2.2'),
      'present',
    ],
    ['another next hop', { [`${CIDR}.10.0.0.1.255.255.255.255.0.192.0.2.9`]: STATIC }, key(), 'absent'],
    ['a covering prefix only', { [`${CIDR}.10.0.0.0.255.255.255.0.0.192.0.2.1`]: STATIC }, key(), 'absent'],
    ['in inetCidrRouteTable', { [`${INET}.1.4.10.0.0.1.32.2.0.0.1.4.192.0.2.1`]: STATIC }, key(), 'present'],
    ['IPv6', { [row6]: STATIC }, ipv6, 'present'],
    ['IPv6, not there', { [row6]: STATIC }, { ...ipv6, nextHop: 'fd00::2' }, 'absent'],
    ['in the table of zebra', { [`${FORWARD}.10.0.0.1.3.0.192.0.2.1`]: STATIC }, key(), 'present'],
    [
      'not in the table of zebra, which is no evidence',
      { [`${FORWARD}.10.0.0.1.3.0.192.0.2.1`]: STATIC },
      key(2),
      'unknown',
    ],
    ['no route table at all', {}, key(), 'unknown'],
    ['another VRF', { [`${CIDR}.10.0.0.1.255.255.255.255.0.192.0.2.1`]: STATIC }, { ...key(), vrf: 'BLUE' }, 'unknown'],
  ];
  test.each(table)('%s', async (_, rows, route, expected) => {
    const { presence, testimony } = await ask(rows, [route]);
    expect(presence).toEqual([expected]);
    expect(testimony.uptimeMs).toBe(123_450);
  });

  const there = { [`${CIDR}.10.0.0.1.255.255.255.255.0.192.0.2.1`]: STATIC };
  test('many routes are asked for side by side', async () => {
    const routes = Array.from({ length: 60 }, (_, i) => key(i + 1));
    const { presence } = await ask(there, routes);
    expect(presence).toEqual(['present', ...Array.from({ length: 59 }, () => 'absent')]);
  });

  test('a lost datagram is repeated', async () => {
    expect((await ask(there, [key()], { drop: 2 })).presence).toEqual(['present']);
  });

  test.each<[string, AgentFaults]>([
    ['silence', { silent: true }],
    ['another community', { community: 'other' }],
    ['another request id', { requestIdOffset: 1 }],
  ])('%s is unknown, within the time limit', async (_, faults) => {
    const begun = systemClock.now();
    const { presence, testimony } = await ask(there, [key(), key(2)], faults, 200);
    expect(presence).toEqual(['unknown', 'unknown']);
    expect(testimony.uptimeMs).toBeUndefined();
    expect(systemClock.now() - begun).toBeLessThan(1_000);
  });

  test('garbage is not an answer', async () => {
    expect((await ask(there, [key()], { garbage: Buffer.from('3005', 'hex') })).presence).toEqual(['present']);
  });
});

describe('the witness in a report', () => {
  function witnessOf(answer: () => Partial<Testimony>): Witness {
    return { ask: async () => ({ routes: new Map(), ...answer() }) };
  }
  async function told(witness: Witness): Promise<string[]> {
    const w = await new World({ witness }).start();
    await w.want(wish('present'));
    const [report] = w.events.flatMap((event) => (event.type === 'routeChanged' ? [event.report] : []));
    expect(report?.steps.at(-1)?.name).toBe('witness');
    await w.close();
    return w.told();
  }

  test.each([
    ['present' as const, 'the SNMP witness confirms it: present'],
    ['absent' as const, 'the SNMP witness still says absent'],
    ['unknown' as const, 'the SNMP witness cannot tell'],
  ])('%s', async (presence, sentence) => {
    const lines = await told(witnessOf(() => ({ routes: new Map([[routeId(key()), presence]]) })));
    expect(lines.at(-1)).toBe(
      `routeChanged add 10.0.0.1/32 192.0.2.1: in the configuration and in the RIB; ${sentence}`,
    );
  });

  test('promise 7: a witness that never answers holds up the report, not the router', async () => {
    const never: Witness = {
      ask: (_, __, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', reject)),
    };
    const w = await new World({ witness: never }).start();
    await w.want(wish('present'));
    await w.clock.advance(50);
    await w.want(wish('absent'));
    expect(w.router.table()).toEqual([]);
    expect(w.told()).toEqual(['session up']);
    await w.close();
    expect(w.told()).toHaveLength(2);
  });

  test('a sysUpTime that goes back is a reload: told, and everything is read again', async () => {
    let uptimeMs = 500_000;
    const w = await new World({ witness: witnessOf(() => ({ uptimeMs })) }).start();
    await w.want(wish('present'));
    uptimeMs = 1_000;
    const { observes } = w.router.counts;
    await w.clock.advance(70_000);
    await settle();
    expect(w.told().at(-1)).toMatch(/^reloaded: sysUpTime went back/);
    expect(w.router.counts.observes).toBeGreaterThan(observes + 1);
    await w.close();
  });
});
