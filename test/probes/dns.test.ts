import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Answer } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { ProbeResult } from '../../src/model.ts';
import type { ProbeContext, ProbeTarget, Sockets } from '../../src/probes/contract.ts';
import { dns } from '../../src/probes/dns.ts';
import { systemSockets } from '../../src/probes/sockets.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type AnswerParts, answerTo, type Responder, startResponder } from './dns/responder.ts';

const NAME = 'anycast.example.com';

let server: Responder;

beforeEach(async () => {
  server = await startResponder((query, reply) => reply(answerTo(query, { answers: [a('192.0.2.10')] })));
});

afterEach(() => server.close());

function a(data: string, difference: { name?: string; ttl?: number } = {}): Answer {
  return { type: 'A', name: NAME, ttl: 60, data, ...difference };
}

interface World {
  readonly options?: Record<string, unknown>;
  readonly target?: Partial<ProbeTarget>;
  readonly context?: Partial<ProbeContext>;
}

function probe({ options = {}, target, context }: World = {}): Promise<ProbeResult> {
  return dns.run(
    { address: '127.0.0.1', family: 4, ...target },
    dns.schema.parse({ name: NAME, port: server.port, ...options }),
    {
      ...{ signal: new AbortController().signal, timeoutMs: 5000, thresholdMs: 5000 },
      ...{ clock: systemClock, random: systemRandom, sockets: systemSockets },
      ...context,
    },
  );
}

const verdictOf = (result: ProbeResult) => ('cause' in result ? result.cause : result.outcome);

function answers(parts: AnswerParts): void {
  server.handler = (query, reply) => reply(answerTo(query, parts));
}

describe('a healthy server', () => {
  test('passes, with phases and a transcript', async () => {
    const result = await probe();
    expect(result).toMatchObject({ outcome: 'pass', detail: 'NOERROR, 1 answer: 192.0.2.10' });
    expect(result.transcript).toEqual([
      `; udp to 127.0.0.1:${server.port}: ${NAME} IN A +rd +edns=1232`,
      '; NOERROR, flags rd ra',
      `${NAME}. 60 IN A 192.0.2.10`,
    ]);
    expect(result.phases.firstByte).toBeLessThanOrEqual(result.phases.total);
    expect(result.phases.connect).toBeUndefined();
  });

  test('over TCP: with its connect phase', async () => {
    const result = await probe({ options: { transport: 'tcp' } });
    expect(result.outcome).toBe('pass');
    expect(result.phases.connect).toBeLessThanOrEqual(result.phases.firstByte ?? 0);
  });

  test('over IPv6', async () => {
    const six = await startResponder(server.handler, '::1');
    const result = await probe({ options: { port: six.port }, target: { address: '::1', family: 6 } });
    await six.close();
    expect(result.outcome).toBe('pass');
  });

  test('slower than its threshold is late', async () => {
    const clock = new FakeClock();
    server.handler = (query, reply) => {
      clock.stall(150);
      reply(answerTo(query, { answers: [a('192.0.2.10')] }));
    };
    expect(await probe({ context: { clock, thresholdMs: 100 } })).toMatchObject({
      outcome: 'late',
      phases: { total: 150 },
    });
    expect(clock.pending).toBe(0);
  });
});

const AAAA: Answer = { type: 'AAAA', name: NAME, ttl: 60, data: '2001:db8:0:0:0:0:0:1' };
const chain: Answer[] = [
  { type: 'CNAME', name: NAME.toUpperCase(), ttl: 60, data: 'Pool.example.com' },
  { type: 'CNAME', name: 'pool.EXAMPLE.com', ttl: 60, data: 'ns1.example.com' },
  a('192.0.2.99', { name: 'stranger.example.com' }),
  a('192.0.2.10', { name: 'ns1.example.com' }),
];

test.each<[what: string, sent: AnswerParts, options: Record<string, unknown>, verdict: string]>([
  // response codes
  ['NXDOMAIN', { rcode: 3 }, {}, 'nxdomain'],
  ['SERVFAIL', { rcode: 2 }, {}, 'servfail'],
  ['REFUSED', { rcode: 5 }, {}, 'wrong-rcode'],
  ['BADVERS, by EDNS', { rcode: 16 }, {}, 'wrong-rcode'],
  ['NXDOMAIN as expected', { rcode: 3 }, { expect: { rcode: 'NXDOMAIN' } }, 'pass'],
  ['one of two codes', { rcode: 5 }, { expect: { rcode: ['NOERROR', 'REFUSED'] } }, 'pass'],
  ['NOERROR where NXDOMAIN is right', { answers: [a('192.0.2.10')] }, { expect: { rcode: 'NXDOMAIN' } }, 'wrong-rcode'],
  // answers
  ['an empty answer', {}, {}, 'no-answer'],
  ['only another name', { answers: [a('192.0.2.10', { name: 'x.example.com' })] }, {}, 'no-answer'],
  ['an empty answer, allowed', {}, { expect: { answers: { min: 0 } } }, 'pass'],
  ['too few', { answers: [a('192.0.2.10')] }, { expect: { answers: { min: 2 } } }, 'wrong-answer'],
  ['too many', { answers: [a('192.0.2.10'), a('192.0.2.11')] }, { expect: { answers: { max: 1 } } }, 'wrong-answer'],
  [
    'include, present',
    { answers: [a('192.0.2.9'), a('192.0.2.10')] },
    { expect: { answers: { include: ['192.0.2.10'] } } },
    'pass',
  ],
  [
    'include, missing',
    { answers: [a('192.0.2.9')] },
    { expect: { answers: { include: ['192.0.2.10'] } } },
    'wrong-answer',
  ],
  [
    'exact, other order',
    { answers: [a('192.0.2.9'), a('192.0.2.10')] },
    { expect: { answers: { exact: ['192.0.2.10', '192.0.2.9'] } } },
    'pass',
  ],
  [
    'exact, one more',
    { answers: [a('192.0.2.9'), a('192.0.2.10')] },
    { expect: { answers: { exact: ['192.0.2.10'] } } },
    'wrong-answer',
  ],
  ['match', { answers: [a('192.0.2.9'), a('192.0.2.10')] }, { expect: { answers: { match: '\\.10$' } } }, 'pass'],
  ['no match', { answers: [a('192.0.2.9')] }, { expect: { answers: { match: '\\.10$' } } }, 'wrong-answer'],
  ['within', { answers: [a('192.0.2.10')] }, { expect: { answers: { within: ['192.0.2.0/24'] } } }, 'pass'],
  [
    'one without',
    { answers: [a('192.0.2.10'), a('198.51.100.1')] },
    { expect: { answers: { within: ['192.0.2.0/24'] } } },
    'wrong-answer',
  ],
  [
    'IPv6 in another spelling',
    { answers: [AAAA] },
    { type: 'AAAA', expect: { answers: { exact: ['2001:DB8::0001'] } } },
    'pass',
  ],
  ['a CNAME chain', { answers: chain }, { expect: { answers: { exact: ['192.0.2.10'] } } }, 'pass'],
  [
    'a CNAME asked for',
    { answers: chain },
    { type: 'CNAME', expect: { answers: { exact: ['pool.example.COM.'] } } },
    'pass',
  ],
  ['a CNAME loop', { answers: [{ type: 'CNAME', name: NAME, data: NAME }] }, {}, 'no-answer'],
  [
    'a CNAME loop with an address in it',
    { answers: [{ type: 'CNAME', name: NAME, data: NAME }, a('192.0.2.10')] },
    {},
    'no-answer',
  ],
  [
    'TXT, joined',
    { answers: [{ type: 'TXT', name: NAME, data: ['v=spf1 ', '-all'] }] },
    { type: 'TXT', expect: { answers: { exact: ['v=spf1 -all'] } } },
    'pass',
  ],
  [
    'MX, names without case',
    { answers: [{ type: 'MX', name: NAME, data: { preference: 10, exchange: 'MX.example.com' } }] },
    { type: 'MX', expect: { answers: { exact: ['10 mx.Example.com.'] } } },
    'pass',
  ],
  [
    'SRV',
    { answers: [{ type: 'SRV', name: NAME, data: { priority: 1, weight: 2, port: 53, target: 'a.b' } }] },
    { type: 'SRV', expect: { answers: { exact: ['1 2 53 a.b.'] } } },
    'pass',
  ],
  ['ANY', { answers: [a('192.0.2.10')] }, { type: 'ANY' }, 'pass'],
  // flags, TTL
  [
    'flags as required',
    { flags: 0x0580, answers: [a('192.0.2.10')] },
    { expect: { flags: { require: ['AA', 'RA'] } } },
    'pass',
  ],
  ['AD missing', { answers: [a('192.0.2.10')] }, { expect: { flags: { require: ['AD'] } } }, 'wrong-flags'],
  ['RA forbidden', { answers: [a('192.0.2.10')] }, { expect: { flags: { forbid: ['RA'] } } }, 'wrong-flags'],
  ['TTL as wanted', { answers: [a('192.0.2.10')] }, { expect: { minTtl: 60 } }, 'pass'],
  ['TTL too low', { answers: [a('192.0.2.10', { ttl: 59 })] }, { expect: { minTtl: 60 } }, 'low-ttl'],
])('%s -> %s', async (_what, sent, options, verdict) => {
  answers(sent);
  expect(verdictOf(await probe({ options }))).toBe(verdict);
});

describe('who answered', () => {
  const target = { identity: 'ns1.ams1.example.net' };
  const bind = (who: string) => (query: Buffer, reply: (message: Buffer) => void) =>
    reply(
      answerTo(query, {
        answers: query.includes('anycast')
          ? [a('192.0.2.10')]
          : [{ type: 'TXT', name: 'hostname.bind', class: 'CH', data: who }],
      }),
    );

  test.each([
    ['ns1.ams1.example.net', 'pass'],
    ['ns1.fra1.example.net', 'wrong-identity'],
    [undefined, 'wrong-identity'],
  ])('NSID %s -> %s', async (nsid, verdict) => {
    answers({ answers: [a('192.0.2.10')], ...(nsid !== undefined && { nsid }) });
    expect(verdictOf(await probe({ options: { expect: { identity: 'nsid' } }, target }))).toBe(verdict);
  });

  test.each([
    ['ns1.ams1.example.net', 'pass'],
    ['ns1.fra1.example.net', 'wrong-identity'],
  ])('hostname.bind %s -> %s, over the same socket', async (who, verdict) => {
    server.handler = bind(who);
    expect(verdictOf(await probe({ options: { expect: { identity: 'hostname.bind' } }, target }))).toBe(verdict);
    expect(server.queries).toHaveLength(2);
  });

  test('both queries over one TCP connection', async () => {
    server.handler = bind('ns1.ams1.example.net');
    const options = { transport: 'tcp', expect: { identity: 'hostname.bind' } };
    expect(verdictOf(await probe({ options, target }))).toBe('pass');
  });

  test('an endpoint without identity is an error of ours, not evidence', async () => {
    answers({ answers: [a('192.0.2.10')], nsid: 'x' });
    expect(verdictOf(await probe({ options: { expect: { identity: 'nsid' } } }))).toBe('internal');
  });
});

describe('truncation and TCP', () => {
  const truncateUdp = (onTcp: (query: Buffer, reply: (message: Buffer) => void) => void) => {
    server.handler = (query, reply, { transport }) =>
      transport === 'udp' ? reply(answerTo(query, { flags: 0x0380 })) : onTcp(query, reply);
  };

  test('a truncated answer is asked for again over TCP', async () => {
    truncateUdp((query, reply) => reply(answerTo(query, { answers: [a('192.0.2.10')] })));
    const result = await probe();
    expect(result.outcome).toBe('pass');
    expect(result.transcript).toContain('; truncated, asking again over TCP');
    expect(result.phases.connect).toBeGreaterThan(0);
  });

  test('truncated over TCP too is malformed', async () => {
    server.handler = (query, reply) => reply(answerTo(query, { flags: 0x0380 }));
    expect(verdictOf(await probe())).toBe('malformed');
  });

  test('a server that listens on UDP only', async () => {
    server.handler = (query, reply) => reply(answerTo(query, { flags: 0x0380 }));
    const udp = createSocket('udp4').bind(0, '127.0.0.1');
    await once(udp, 'listening');
    udp.on('message', (query, from) => udp.send(answerTo(query, { flags: 0x0380 }), from.port, from.address));
    expect(verdictOf(await probe({ options: { port: udp.address().port } }))).toBe('refused');
    udp.close();
  });

  test('answers to other queries on the same connection are passed over', async () => {
    server.handler = (query, reply) => {
      const foreign = Buffer.from(answerTo(query, { answers: [a('192.0.2.66')] }));
      foreign.writeUInt16BE(query.readUInt16BE(0) ^ 1, 0);
      reply(foreign);
      reply(answerTo(query, { answers: [a('192.0.2.10')] }));
    };
    const result = await probe({ options: { transport: 'tcp' } });
    expect(result).toMatchObject({ outcome: 'pass', detail: 'NOERROR, 1 answer: 192.0.2.10' });
  });

  test('a connection closed in the middle of the answer', async () => {
    const tcp = createServer((socket) => socket.on('data', () => socket.end(Buffer.of(0, 100, 1, 2)))).listen(
      0,
      '127.0.0.1',
    );
    await once(tcp, 'listening');
    const { port } = tcp.address() as { port: number };
    expect(verdictOf(await probe({ options: { transport: 'tcp', port } }))).toBe('closed');
    tcp.close();
  });
});

describe('answers that are not ours are never accepted', () => {
  const right = (query: Buffer) => answerTo(query, { answers: [a('192.0.2.10')] });
  const spoilt = (query: Buffer, spoil: (message: Buffer) => void) => {
    const message = Buffer.from(answerTo(query, { answers: [a('192.0.2.66')] }));
    spoil(message);
    return message;
  };

  test.each<[what: string, spoil: (message: Buffer) => void]>([
    ['another id', (m) => m.writeUInt16BE(m.readUInt16BE(0) ^ 0x8000, 0)],
    ['another name', (m) => m.write('b', 13)],
    ['another type', (m) => m.writeUInt16BE(28, 12 + NAME.length + 2)],
    ['another class', (m) => m.writeUInt16BE(3, 12 + NAME.length + 4)],
    ['a query, reflected', (m) => m.writeUInt16BE(0x0100, 2)],
    ['a notify', (m) => m.writeUInt16BE(0xa400, 2)],
    ['no question', (m) => m.writeUInt16BE(0, 4)],
    ['two questions', (m) => m.writeUInt16BE(2, 4)],
  ])('%s: noted, and the wait goes on', async (_what, spoil) => {
    server.handler = (query, reply) => {
      reply(spoilt(query, spoil));
      reply(right(query));
    };
    const result = await probe();
    expect(result).toMatchObject({ outcome: 'pass', detail: 'NOERROR, 1 answer: 192.0.2.10' });
    expect(result.transcript[1]).toMatch(/^; ignored \d+ octets: /);
  });

  test('from another port or address, with the right id and question', async () => {
    const others = [createSocket('udp4').bind(0, '127.0.0.1'), createSocket('udp4').bind(0, '127.0.0.2')];
    await Promise.all(others.map((other) => once(other, 'listening')));
    server.handler = (query, reply) => {
      const { port = 0, address } = server.lastFrom ?? {};
      const forged = answerTo(query, { answers: [a('192.0.2.66')] });
      let sent = 0;
      for (const other of others)
        other.send(forged, port, address, () => {
          if (++sent === others.length) reply(right(query));
        });
    };
    expect(await probe()).toMatchObject({ outcome: 'pass', detail: 'NOERROR, 1 answer: 192.0.2.10' });
    for (const other of others) other.close();
  });

  test('ids and source ports differ from run to run', async () => {
    const ports = new Set<number>();
    for (let i = 0; i < 20; i++) {
      await probe();
      ports.add(server.lastFrom?.port ?? 0);
    }
    expect(new Set(server.queries.map((query) => query.readUInt16BE(0))).size).toBeGreaterThan(17);
    expect(ports.size).toBeGreaterThan(15);
  });
});

test.each<[what: string, bytes: (query: Buffer) => Buffer]>([
  ['cut in the header', (query) => query.subarray(0, 7)],
  [
    'cut in the question',
    (query) => Buffer.concat([query.subarray(0, 2), Buffer.of(0x81, 0x80), query.subarray(4, 16)]),
  ],
  ['cut in an answer', (query) => answerTo(query, { answers: [a('192.0.2.10')] }).subarray(0, -13)],
  [
    'more records than octets',
    (query) => {
      const message = Buffer.from(answerTo(query, { answers: [a('192.0.2.10')] }));
      message.writeUInt16BE(0xffff, 10);
      return message;
    },
  ],
])('%s -> malformed', async (_what, bytes) => {
  server.handler = (query, reply) => reply(bytes(query));
  expect(verdictOf(await probe())).toBe('malformed');
});

test('a header alone with FORMERR, as from a server that knows no EDNS', async () => {
  server.handler = (query, reply) => {
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8001, 2);
    reply(header);
  };
  expect(await probe()).toMatchObject({ cause: 'wrong-rcode', detail: 'FORMERR, expected NOERROR' });
});

describe('our own trouble and the network', () => {
  test.each(['udp', 'tcp'])('%s: nobody listens: refused at once, not after the timeout', async (transport) => {
    const { port } = server;
    await server.close();
    const result = await probe({ options: { transport, port }, context: { timeoutMs: 60_000 } });
    expect(verdictOf(result)).toBe('refused');
    server = await startResponder(() => undefined);
  });

  test.each(['udp', 'tcp'])('%s: silence is a timeout, on the clock', async (transport) => {
    server.handler = () => undefined;
    const clock = new FakeClock();
    const running = probe({ options: { transport }, context: { clock, timeoutMs: 500 } });
    await clock.advance(499);
    await clock.advance(1);
    expect(await running).toMatchObject({ outcome: 'fail', cause: 'timeout', phases: { total: 500 } });
    expect(clock.pending).toBe(0);
  });

  test('an answer that waits in the socket wins over a timer that our own pause made due', async () => {
    let expire: (() => void) | undefined;
    const clock: Clock = {
      ...systemClock,
      timer: (_delayMs, fire) => {
        expire = fire;
        return {
          cancel: () => {
            expire = undefined;
          },
        };
      },
    };
    server.handler = (query) => {
      const { port, address } = server.lastFrom as RemoteInfo;
      server.udp.send(answerTo(query, { answers: [a('192.0.2.10')] }), port, address, () => {
        // The answer is in the other socket now. The loop is held until the timer is due, and serves timers first.
        setTimeout(() => expire?.(), 1);
        for (const until = systemClock.now() + 5; systemClock.now() < until; );
      });
    };
    expect(await probe({ context: { clock } })).toMatchObject({ outcome: 'pass' });
  });

  test('aborted: before and during the run', async () => {
    server.handler = () => undefined;
    const stop = new AbortController();
    const running = probe({ context: { signal: stop.signal } });
    stop.abort();
    expect(verdictOf(await running)).toBe('aborted');
    expect(verdictOf(await probe({ context: { signal: stop.signal } }))).toBe('aborted');
  });

  test.each(['udp', 'tcp'])('%s: a source address that this host does not have', async (transport) => {
    const result = await probe({ options: { transport }, target: { source: '192.0.2.1' } });
    expect(result).toMatchObject({ outcome: 'error', cause: 'no-source-address' });
  });

  test('a source address and a range of source ports', async () => {
    const target = { source: '127.0.0.3', sourcePorts: { first: 39_100, last: 39_199 } };
    expect(verdictOf(await probe({ target }))).toBe('pass');
    expect(server.lastFrom?.address).toBe('127.0.0.3');
    expect(server.lastFrom?.port).toSatisfy((port: number) => port >= 39_100 && port <= 39_199);
  });

  test('a source port that is taken: another is drawn, and both sockets are closed', async () => {
    const taken = createSocket('udp4').bind(0, '127.0.0.4');
    await once(taken, 'listening');
    const { port } = taken.address();
    // A range of three; every other range (the id) is drawn as ever.
    const draws = [0, 0, 1];
    const integer = (below: number) => (below === 3 ? (draws.shift() ?? 2) : systemRandom.integer(below));
    const sockets: UdpSocket[] = [];
    const createUdp = ((...args: Parameters<typeof createSocket>) => {
      const socket = createSocket(...args);
      sockets.push(socket);
      return socket;
    }) as Sockets['createUdp'];
    const result = await probe({
      target: { source: '127.0.0.4', sourcePorts: { first: port, last: port + 2 } },
      context: { random: { ...systemRandom, integer }, sockets: { ...systemSockets, createUdp } },
    });
    taken.close();
    expect(result.outcome).toBe('pass');
    expect(sockets).toHaveLength(3);
    // A socket that is closed has no address.
    for (const socket of sockets) expect(() => socket.address()).toThrow('Not running');
  });

  test.each(['udp', 'tcp'])('%s: a range whose ports are all taken', async (transport) => {
    const taken = createSocket('udp4').bind(0, '127.0.0.4');
    await once(taken, 'listening');
    const { port } = taken.address();
    const listener = createServer().listen(port, '127.0.0.4');
    await once(listener, 'listening');
    const target = { source: '127.0.0.4', sourcePorts: { first: port, last: port } };
    expect(await probe({ options: { transport }, target })).toMatchObject({
      outcome: 'error',
      cause: 'resource-limit',
    });
    taken.close();
    listener.close();
  });

  test('out of file descriptors', async () => {
    const exhausted = () => {
      throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    };
    const sockets: Sockets = { createUdp: exhausted, connectTcp: exhausted, connectTls: exhausted };
    for (const transport of ['udp', 'tcp'])
      expect(await probe({ options: { transport }, context: { sockets } })).toMatchObject({
        outcome: 'error',
        cause: 'resource-limit',
      });
  });
});

describe('options', () => {
  const problems = (options: unknown) => dns.schema.safeParse(options).error?.issues.map((i) => i.message) ?? [];

  test('defaults', () => {
    expect(dns.schema.parse({ name: NAME })).toEqual({
      ...{ name: NAME, type: 'A', class: 'IN', port: 53, transport: 'udp', ednsSize: 1232 },
      ...{ recursionDesired: true, dnssecOk: false, checkingDisabled: false },
      expect: { rcode: ['NOERROR'], answers: { min: 1 }, flags: { require: [], forbid: [] } },
    });
    expect(dns.describe(dns.schema.parse({ name: NAME, class: 'CH', type: 'TXT' }))).toBe(`CH TXT ${NAME}`);
    expect(dns.asksIdentity(dns.schema.parse({ name: NAME, expect: { identity: 'nsid' } }))).toBe(true);
  });

  test.each([
    [{ name: 'a..b' }, 'a DNS name is allowed: labels of 1 to 63 ASCII characters, at most 253 in all (IDN as xn--)'],
    [{ name: NAME, ednsSize: 0, dnssecOk: true }, 'needs EDNS: ednsSize must not be 0'],
    [{ name: NAME, ednsSize: 0, expect: { identity: 'nsid' } }, 'nsid needs EDNS: ednsSize must not be 0'],
    [{ name: NAME, expect: { answers: { match: '(' } } }, /^not a regular expression/],
    [{ name: NAME, expect: { answers: { within: ['192.0.2.1/24'] } } }, /^a prefix with its host bits zero/],
    [{ name: NAME, type: 'TXT', expect: { answers: { within: ['192.0.2.0/24'] } } }, 'is for the types A and AAAA'],
    [{ name: NAME, expect: { answers: { min: 2, max: 1 } } }, 'must be at least min (2)'],
    [{ name: NAME, expect: { answers: { exact: ['2001:db8::1'] } } }, /is not an address that an A record can hold$/],
    [{ name: NAME, expect: { rcode: 'NXDOMAIN', answers: { match: 'x' } } }, /^are looked at only with NOERROR/],
    [{ name: NAME, colour: 'red' }, /colour/],
  ])('refused: %j', (options, message) => {
    expect(problems(options)).toEqual([typeof message === 'string' ? message : expect.stringMatching(message)]);
  });
});
