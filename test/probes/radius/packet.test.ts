import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, encode, type Packet } from '../../../src/probes/radius/packet.ts';
import { challenge, chap, statusAccounting, statusAuth, statusVerboseRequest, telnet } from './examples.ts';

const examples = [telnet, chap, challenge, statusAuth, statusAccounting].flatMap(({ request, reply }) => [
  request,
  reply,
]);

const attribute = fc.record({
  type: fc.integer({ min: 1, max: 255 }),
  value: fc.uint8Array({ maxLength: 253 }).map((octets) => Buffer.from(octets)),
});
const packet = fc.record({
  code: fc.integer({ min: 0, max: 255 }),
  identifier: fc.integer({ min: 0, max: 255 }),
  authenticator: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((octets) => Buffer.from(octets)),
  attributes: fc.array(attribute, { maxLength: 15 }),
});

function decoded(bytes: Buffer): Packet {
  const result = decode(bytes);
  if ('problem' in result) throw new Error(result.problem);
  return result;
}

describe('packet', () => {
  test('every example of the RFCs is read and written back byte for byte', () => {
    for (const bytes of [...examples, statusVerboseRequest]) expect(encode(decoded(bytes))).toEqual(bytes);
  });

  test('an example in its parts (RFC 2865 section 7.1)', () => {
    const { code, identifier, attributes } = decoded(telnet.request);
    expect({ code, identifier, types: attributes.map(({ type }) => type) }).toEqual({
      code: 1,
      identifier: 0,
      types: [1, 2, 4, 5],
    });
    expect(attributes[0]?.value.toString()).toBe('nemo');
  });

  test('what is written is read back', () => {
    fc.assert(
      fc.property(packet, (parts) => {
        const { bytes, ...read } = decoded(encode(parts));
        expect(read).toEqual(parts);
        expect(bytes.length).toBe(bytes.readUInt16BE(2));
      }),
    );
  });

  test('octets beyond the Length field are padding (RFC 2865 section 3)', () => {
    expect(decoded(Buffer.concat([statusAuth.reply, Buffer.from('junk')])).bytes).toEqual(statusAuth.reply);
  });

  test.each([
    ['nothing at all', Buffer.alloc(0), '0 octets, a packet has at least 20'],
    ['a Length below the header', patched(statusAuth.reply, 3, 19), 'Length field 19, allowed 20 to 4096'],
    ['a Length over the maximum', patched(statusAuth.reply, 2, 0x20), 'Length field 8212, allowed 20 to 4096'],
    ['a cut datagram', telnet.reply.subarray(0, 30), 'Length field 38, but only 30 octets arrived'],
    ['an attribute of length 0', patched(telnet.reply, 21, 0), 'attribute at octet 20 has length 0'],
    ['an attribute of length 1', patched(telnet.reply, 21, 1), 'attribute at octet 20 has length 1'],
    ['an attribute past the end', patched(telnet.reply, 33, 7), 'attribute at octet 32 has length 7'],
    ['a type without a length', patched(telnet.reply, 3, 33), 'attribute at octet 32 has length 0'],
  ])('%s is refused', (_name, bytes, problem) => {
    expect(decode(bytes)).toEqual({ problem });
  });

  test('any bytes give a packet or a problem', () => {
    const anything = fc.uint8Array({ maxLength: 5000, size: 'max' });
    const almost = fc
      .tuple(fc.constantFrom(...examples), fc.nat(80), fc.nat(255))
      .map(([bytes, at, to]) => patched(bytes, at, to));
    fc.assert(
      fc.property(fc.oneof(anything, almost), (bytes) => {
        const result = decode(Buffer.from(bytes));
        expect('problem' in result || result.bytes.length >= 20).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

function patched(bytes: Buffer, at: number, to: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at % copy.length] = to;
  return copy;
}
