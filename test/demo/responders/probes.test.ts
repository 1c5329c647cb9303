/** The real probes against the embedded responders: two readings of the protocols that must agree, switch by switch. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { EmbeddedEndpoint } from '../../../src/demo/responders/endpoint.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { systemRandom } from '../../../src/lib/random.ts';
import { Secret } from '../../../src/lib/secret.ts';
import type { ProbeKind } from '../../../src/probes/contract.ts';
import { dns } from '../../../src/probes/dns.ts';
import { radius } from '../../../src/probes/radius.ts';
import { systemSockets } from '../../../src/probes/sockets.ts';

const ADDRESS = '127.0.0.4';
const IDENTITY = 'a.ams1.example.net';

async function startEndpoint() {
  const endpoint = new EmbeddedEndpoint(
    {
      address: ADDRESS,
      dns: { records: [{ type: 'A', name: 'anycast.example.com', ttl: 60, data: '192.0.2.10' }], identity: IDENTITY },
      http: {},
      radius: { secret: 'shared', users: { probe: 'password' } },
    },
    { clock: systemClock, random: systemRandom },
  );
  const ports = await endpoint.start();
  onTestFinished(() => endpoint.close());
  return { endpoint, ports };
}

type World = Awaited<ReturnType<typeof startEndpoint>>;

async function run<Options>(kind: ProbeKind<Options>, options: object) {
  const context = {
    signal: new AbortController().signal,
    timeoutMs: 150,
    thresholdMs: 150,
    clock: systemClock,
    random: systemRandom,
    sockets: systemSockets,
  };
  const target = { address: ADDRESS, family: 4, identity: IDENTITY } as const;
  const result = await kind.run(target, kind.schema.parse(options), context);
  return 'cause' in result ? result.cause : result.outcome;
}

const askDns = ({ ports }: World, options: object = {}) =>
  run(dns, {
    name: 'anycast.example.com',
    type: 'A',
    port: ports.dns,
    expect: { answers: { include: ['192.0.2.10'] }, identity: 'nsid' },
    ...options,
  });

const askRadius = ({ ports }: World, options: object = {}) =>
  run(radius, { secret: new Secret('shared', 'test'), port: ports.radius, ...options });

describe('dns', () => {
  test.each<[string, (world: World) => void, string]>([
    ['well', () => {}, 'pass'],
    ['silent', ({ endpoint }) => Object.assign(endpoint.dns.switches, { silent: true }), 'timeout'],
    ['SERVFAIL', ({ endpoint }) => Object.assign(endpoint.dns.switches, { rcode: 'SERVFAIL' }), 'servfail'],
    ['NXDOMAIN', ({ endpoint }) => Object.assign(endpoint.dns.switches, { rcode: 'NXDOMAIN' }), 'nxdomain'],
    ['no records', ({ endpoint }) => Object.assign(endpoint.dns.switches, { wrongRecords: [] }), 'no-answer'],
    ['another identity', ({ endpoint }) => Object.assign(endpoint.dns.switches, { identity: 'b' }), 'wrong-identity'],
    ['no identity', ({ endpoint }) => Object.assign(endpoint.dns.switches, { identity: undefined }), 'wrong-identity'],
    ['truncated', ({ endpoint }) => Object.assign(endpoint.dns.switches, { truncated: true }), 'pass'],
    ['garbage before the answer', ({ endpoint }) => Object.assign(endpoint.dns.switches, { garbage: true }), 'pass'],
    ['hanging', ({ endpoint }) => endpoint.hang(true), 'timeout'],
  ])('%s', async (_name, change, expected) => {
    const world = await startEndpoint();
    change(world);
    expect(await askDns(world)).toBe(expected);
  });

  test('a wrong answer', async () => {
    const world = await startEndpoint();
    world.endpoint.dns.switches.wrongRecords = [
      { type: 'A', name: 'anycast.example.com', ttl: 60, data: '203.0.113.66' },
    ];
    expect(await askDns(world)).toBe('wrong-answer');
  });
});

describe('radius', () => {
  const user = (password: string) => ({ name: 'probe', password: new Secret(password, 'test') });
  test.each<[string, (world: World) => void, object, string]>([
    ['Status-Server', () => {}, {}, 'pass'],
    ['Status-Server for accounting', () => {}, { accounting: true }, 'wrong-code'],
    ['PAP', () => {}, { mode: 'pap', user: user('password'), accept: ['accept'] }, 'pass'],
    ['CHAP', () => {}, { mode: 'chap', user: user('password'), accept: ['accept'] }, 'pass'],
    ['a wrong password', () => {}, { mode: 'pap', user: user('wrong'), accept: ['accept'] }, 'access-reject'],
    ['another secret here', () => {}, { secret: new Secret('other', 'test') }, 'timeout'],
    [
      'another secret there',
      ({ endpoint }) => Object.assign(endpoint.radius.switches, { wrongSecret: true }),
      {},
      'timeout',
    ],
    ['silent', ({ endpoint }) => Object.assign(endpoint.radius.switches, { silent: true }), {}, 'timeout'],
    ['unsigned', ({ endpoint }) => Object.assign(endpoint.radius.switches, { unsigned: true }), {}, 'unsigned-reply'],
    [
      'proved by another secret',
      ({ endpoint }) => Object.assign(endpoint.radius.switches, { wrongAnswerSecret: true }),
      {},
      'wrong-authenticator',
    ],
    [
      'rejecting',
      ({ endpoint }) => Object.assign(endpoint.radius.switches, { reject: true }),
      { mode: 'pap', user: user('password'), accept: ['accept'] },
      'access-reject',
    ],
    ['hanging', ({ endpoint }) => endpoint.hang(true), {}, 'timeout'],
  ])('%s', async (_name, change, options, expected) => {
    const world = await startEndpoint();
    change(world);
    expect(await askRadius(world, options)).toBe(expected);
  });
});
