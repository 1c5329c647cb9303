import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import dns, { type DecodedPacket, type Packet } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DnsResponder, type DnsSwitches } from '../../../src/demo/responders/dns.ts';
import { readQuestion, writeAnswer } from '../../../src/demo/responders/dns-answer.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const RECORDS = [
  { type: 'A', name: 'anycast.example.com', ttl: 60, data: '192.0.2.10' },
  { type: 'AAAA', name: 'anycast.example.com', ttl: 60, data: '2001:db8::10' },
] as const;
const QUERY: Packet = {
  type: 'query',
  id: 4711,
  flags: dns.RECURSION_DESIRED,
  questions: [{ type: 'A', name: 'anycast.example.com' }],
};
/** NSID is asked for by an empty option; the types know only some options. */
const WITH_NSID = {
  ...QUERY,
  additionals: [
    { type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [{ code: 3, data: Buffer.alloc(0) }] },
  ],
} as unknown as Packet;

async function startDns(switches: Partial<DnsSwitches> = {}) {
  const clock = new FakeClock();
  const options = { address: '127.0.0.1', records: RECORDS, identity: 'a.ams1.example.net' };
  const responder = new DnsResponder(options, { clock, random: seededRandom() });
  Object.assign(responder.switches, switches);
  const { port } = await responder.start();
  onTestFinished(() => responder.close());
  return { responder, port, clock };
}

/** All datagrams that answer one query, until `count` came. */
async function ask(port: number, query: Packet, count = 1): Promise<{ port: number; bytes: Buffer }[]> {
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  const came: { port: number; bytes: Buffer }[] = [];
  await new Promise<void>((resolve) => {
    socket.on('message', (bytes, from) => came.push({ port: from.port, bytes }) >= count && resolve());
    socket.send(dns.encode(query), port, '127.0.0.1');
  });
  return came;
}

async function answer(port: number, query: Packet = QUERY) {
  const [first] = await ask(port, query);
  // The types leave the rcode out.
  return dns.decode(first?.bytes ?? Buffer.alloc(0)) as DecodedPacket & { readonly rcode: string };
}

describe('answers', () => {
  test('what the zone has, with the flags of a resolver', async () => {
    const { port, responder } = await startDns();
    const reply = await answer(port);
    expect(reply).toMatchObject({
      id: 4711,
      rcode: 'NOERROR',
      flag_qr: true,
      flag_ra: true,
      flag_rd: true,
      flag_tc: false,
    });
    expect(reply.answers).toMatchObject([{ type: 'A', data: '192.0.2.10', ttl: 60 }]);
    expect(responder.requests).toBe(1);
  });

  test.each<[string, Packet, string]>([
    ['a name that is not there', { ...QUERY, questions: [{ type: 'A', name: 'nothing.example.com' }] }, 'NXDOMAIN'],
    ['a type that is not there', { ...QUERY, questions: [{ type: 'MX', name: 'anycast.example.com' }] }, 'NOERROR'],
    [
      'a CHAOS name that is not known',
      { ...QUERY, questions: [{ type: 'TXT', class: 'CH', name: 'version.bind' }] },
      'REFUSED',
    ],
  ])('%s', async (_name, query, rcode) => {
    const { port } = await startDns();
    const reply = await answer(port, query);
    expect(reply).toMatchObject({ rcode });
    expect(reply.answers).toEqual([]);
  });

  test('hostname.bind and NSID tell who answers', async () => {
    const { port, responder } = await startDns();
    const chaos = await answer(port, { ...QUERY, questions: [{ type: 'TXT', class: 'CH', name: 'hostname.bind' }] });
    expect(chaos.answers).toMatchObject([{ type: 'TXT', class: 'CH', data: [Buffer.from('a.ams1.example.net')] }]);
    expect(await answer(port, WITH_NSID)).toMatchObject({
      additionals: [{ type: 'OPT', options: [{ code: 3, data: Buffer.from('a.ams1.example.net') }] }],
    });
    responder.switches.identity = undefined;
    expect(await answer(port, WITH_NSID)).toMatchObject({ additionals: [{ type: 'OPT', options: [] }] });
  });
});

describe('switches', () => {
  test('rcode, wrong records, truncated', async () => {
    const { port, responder } = await startDns({ rcode: 'SERVFAIL' });
    expect(await answer(port)).toMatchObject({ rcode: 'SERVFAIL', answers: [] });
    responder.switches.rcode = undefined;
    responder.switches.wrongRecords = [{ type: 'A', name: 'anycast.example.com', ttl: 60, data: '203.0.113.66' }];
    expect((await answer(port)).answers).toMatchObject([{ data: '203.0.113.66' }]);
    responder.switches.truncated = true;
    expect(await answer(port)).toMatchObject({ flag_tc: true, answers: [] });
  });

  test('silent: counts and says nothing, and is well again', async () => {
    const { port, responder } = await startDns({ silent: true });
    let answered = false;
    void ask(port, QUERY).then(() => {
      answered = true;
    });
    await expect.poll(() => responder.requests).toBe(1);
    responder.switches.silent = false;
    expect((await answer(port)).rcode).toBe('NOERROR');
    expect(answered).toBe(false);
  });

  test('delay', async () => {
    const { port, responder, clock } = await startDns({ delayMs: 300 });
    const waiting = answer(port);
    await expect.poll(() => responder.requests).toBe(1);
    expect(clock.pending).toBe(1);
    await clock.advance(300);
    expect((await waiting).rcode).toBe('NOERROR');
    expect(clock.pending).toBe(0);
  });

  test('garbage: a stranger, another id, noise, and the answer among them', async () => {
    const { port } = await startDns({ garbage: true });
    const came = await ask(port, QUERY, 4);
    expect(came.filter((datagram) => datagram.port !== port)).toHaveLength(1);
    const right = came.filter(({ port: from, bytes }) => from === port && bytes.readUInt16BE(0) === 4711);
    expect(right).toHaveLength(1);
  });
});

test('TCP answers in full where UDP is truncated, several queries on one connection', async () => {
  const { port } = await startDns({ truncated: true });
  const socket = connect(port, '127.0.0.1');
  const query = dns.streamEncode(QUERY);
  socket.write(Buffer.concat([query, query]));
  let held = Buffer.alloc(0);
  while (held.length < 2 || held.length < 2 * (2 + held.readUInt16BE(0))) {
    held = await new Promise<Buffer<ArrayBuffer>>((resolve) => {
      socket.once('data', (bytes) => resolve(Buffer.concat([held, bytes])));
    });
  }
  expect(dns.streamDecode(held.subarray(0, held.length / 2)).answers).toMatchObject([{ data: '192.0.2.10' }]);
  socket.destroy();
});

test('any datagram gives an answer or silence, never a throw', () => {
  const zone = { records: RECORDS, rcode: undefined, wrongRecords: undefined, identity: 'x' };
  const datagram = fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    // A good query with some octets changed.
    fc.array(fc.tuple(fc.nat(43), fc.nat(255)), { maxLength: 6 }).map((changes) => {
      const bytes = dns.encode(WITH_NSID);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      return bytes;
    }),
  );
  fc.assert(
    fc.property(datagram, fc.boolean(), (bytes, truncated) => {
      const query = readQuestion(bytes);
      if (query !== undefined) expect(writeAnswer(query, zone, truncated).length).toBeGreaterThan(11);
    }),
    { numRuns: 2000 },
  );
});
