import dnsPacket, { type Answer } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answersTo, expectationOf, judge } from '../../../src/probes/dns/judge.ts';
import { type DnsMessage, type Reply, readReply } from '../../../src/probes/dns/message.ts';
import { dnsOptions } from '../../../src/probes/dns/options.ts';
import { mainQuery, NSID } from '../../../src/probes/dns/query.ts';
import { answerTo } from './responder.ts';

const ID = 0x1234;
const NAME = 'anycast.example.com';
const options = dnsOptions.parse({ name: NAME, expect: { answers: { exact: ['192.0.2.10'] } } });
const query = mainQuery(options);
const sent = Buffer.from(query.bytes);
sent.writeUInt16BE(ID, 0);
const right = answerTo(sent, { answers: [{ type: 'A', name: NAME, ttl: 60, data: '192.0.2.10' }] });
const wrong = answerTo(sent, { answers: [{ type: 'A', name: NAME, ttl: 60, data: '198.51.100.1' }] });

const passes = (reply: Reply) =>
  reply.kind === 'message' &&
  judge(reply.message, answersTo(query, reply.message.answers), expectationOf(options)) === undefined;

function read(bytes: Buffer): DnsMessage {
  const reply = readReply(bytes, query, ID);
  if (reply.kind !== 'message') throw new Error(`${reply.kind}: ${'why' in reply ? reply.why : ''}`);
  return reply.message;
}

describe('any bytes give a result', () => {
  const KINDS = ['message', 'truncated', 'malformed', 'foreign'];

  test('random bytes: no throw, never a pass', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const reply = readReply(Buffer.from(bytes), query, ID);
        expect(KINDS).toContain(reply.kind);
        expect(passes(reply)).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  test('our header and question, then random records: no throw, never a pass', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 400 }), (bytes) => {
        const message = Buffer.concat([right.subarray(0, query.questionEnd), bytes.subarray(6)]);
        Buffer.from(bytes).copy(message, 6, 0, 6);
        const reply = readReply(message, query, ID);
        expect(KINDS).toContain(reply.kind);
        expect(passes(reply)).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  test('a wrong answer with octets changed, cut out or put in: no throw, and it does not become right', () => {
    const change = fc.record({ at: fc.nat(wrong.length - 1), octet: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 3 }), fc.nat(wrong.length), fc.nat(8), (changes, from, cut) => {
        const bytes = Buffer.concat([wrong.subarray(0, from), wrong.subarray(from + cut)]);
        for (const { at, octet } of changes) if (at < bytes.length) bytes[at] = octet;
        const reply = readReply(bytes, query, ID);
        expect(KINDS).toContain(reply.kind);
        expect(passes(reply)).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  test('a right answer cut anywhere is never a pass', () => {
    for (let length = 0; length < right.length; length++)
      expect(passes(readReply(right.subarray(0, length), query, ID)), `${length} octets`).toBe(false);
    expect(passes(readReply(right, query, ID))).toBe(true);
  });

  test('compression pointers in a circle or forward end', () => {
    for (const target of [query.questionEnd, 0x3fff, right.length - 1]) {
      const bytes = Buffer.from(right);
      bytes.writeUInt16BE(0xc000 | target, query.questionEnd);
      bytes.writeUInt16BE(0xc000 | query.questionEnd, 12 + NAME.length + 6);
      expect(readReply(bytes, query, ID).kind).toBe('malformed');
    }
  });

  test('an address whose length is wrong is malformed, not read past its end', () => {
    const bytes = Buffer.from(right);
    const lengthAt = bytes.indexOf(Buffer.of(0, 4, 192, 0, 2, 10));
    bytes.writeUInt16BE(5, lengthAt);
    expect(readReply(bytes, query, ID).kind).toBe('malformed');
  });
});

test('the query: 1232 octets of EDNS, RD, and NSID only where asked for', () => {
  const nsid = dnsOptions.parse({ name: NAME, dnssecOk: true, checkingDisabled: true, expect: { identity: 'nsid' } });
  const decoded = dnsPacket.decode(mainQuery(nsid).bytes);
  expect(decoded).toMatchObject({ flag_rd: true, flag_cd: true, flag_ad: false });
  expect(decoded.additionals).toMatchObject([{ udpPayloadSize: 1232, flag_do: true, options: [{ code: NSID }] }]);
  const plain = dnsOptions.parse({ name: '.', type: 'NS', ednsSize: 0, expect: { flags: { require: ['AD'] } } });
  expect(mainQuery(plain)).toMatchObject({ questionEnd: 17, name: '.' });
  expect(dnsPacket.decode(mainQuery(plain).bytes)).toMatchObject({ flag_ad: true, additionals: [] });
});

const name = NAME;
const hex = Buffer.from('c0ffee', 'hex');

test.each<[Answer, string]>([
  [{ type: 'AAAA', name, data: '2001:db8:0:0:0:0:0:1' }, '2001:db8::1'],
  [{ type: 'NS', name, data: 'NS1.Example.com' }, 'ns1.example.com'],
  [{ type: 'TXT', name, data: ['two ', 'parts'] }, 'two parts'],
  [{ type: 'TXT', name, data: [Buffer.of(0x47, 0xc3), Buffer.of(0xbc, 0x6e)] }, 'Gün'],
  [{ type: 'MX', name, data: { preference: 10, exchange: 'mx.example.com' } }, '10 mx.example.com'],
  [{ type: 'SRV', name, data: { priority: 1, weight: 2, port: 3, target: 'a.b' } }, '1 2 3 a.b'],
  [
    { type: 'SOA', name, data: { mname: 'm.x', rname: 'r.x', serial: 7, refresh: 1, retry: 2, expire: 3, minimum: 4 } },
    'm.x r.x 7 1 2 3 4',
  ],
  [{ type: 'CAA', name, data: { flags: 0, tag: 'issue', value: 'ca.example.net' } }, '0 issue ca.example.net'],
  [{ type: 'DS', name, data: { keyTag: 1, algorithm: 13, digestType: 2, digest: hex } }, '1 13 2 c0ffee'],
  [{ type: 'DNSKEY', name, data: { flags: 257, algorithm: 13, key: hex } }, '257 3 13 wP/u'],
  [{ type: 'TLSA', name, data: { usage: 3, selector: 1, matchingType: 1, certificate: hex } }, '3 1 1 c0ffee'],
  [{ type: 'HINFO', name, data: { cpu: 'RFC8482', os: '' } }, 'RFC8482 '],
  [{ type: 'RP', name, data: { mbox: 'm.x', txt: 't.x' } }, 'm.x t.x'],
  [
    {
      type: 'NAPTR',
      name,
      data: { order: 1, preference: 2, flags: 'u', services: 'sip', regexp: '!x!y!', replacement: '.' },
    },
    '1 2 u sip !x!y! .',
  ],
  [{ type: 'NSEC', name, data: { nextDomain: 'b.x', rrtypes: ['A', 'RRSIG'] } }, 'b.x A RRSIG'],
  [
    {
      type: 'NSEC3',
      name,
      data: { algorithm: 1, flags: 0, iterations: 0, salt: Buffer.alloc(0), nextDomain: hex, rrtypes: ['A'] },
    },
    '1 0 0 - c0ffee A',
  ],
  [{ type: 'CERT', name, data: hex }, '\\# 3 c0ffee'],
])('$type reads as %s', (record, text) => {
  expect(read(answerTo(sent, { answers: [record] })).answers[0]?.text).toBe(text);
});

test('records of another class do not count', () => {
  const message = read(answerTo(sent, { answers: [{ type: 'A', name, class: 'CH', data: '192.0.2.10' }] }));
  expect(answersTo(query, message.answers)).toEqual([]);
});

test('the topmost bit of a class is part of it (it means something in mDNS only)', () => {
  const bytes = Buffer.from(right);
  bytes.writeUInt16BE(0x8001, bytes.indexOf(Buffer.of(0, 4, 192, 0, 2, 10)) - 6);
  expect(passes(readReply(bytes, query, ID))).toBe(false);
});

test('a TTL with its topmost bit set is zero (RFC 2181 section 8)', () => {
  const bytes = Buffer.from(right);
  bytes.writeUInt32BE(0x8000_0001, bytes.indexOf(Buffer.of(0, 4, 192, 0, 2, 10)) - 4);
  expect(read(bytes).answers[0]?.ttl).toBe(0);
});

test('a response code that only EDNS can hold', () => {
  expect(read(answerTo(sent, { rcode: 16 })).rcode).toBe('BADVERS');
  expect(read(answerTo(sent, { rcode: 11 })).rcode).toBe('RCODE_11');
});
