import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chapPassword, hidePassword, signRequest, verifyReply } from '../../../src/probes/radius/authentication.ts';
import { decode, encode, type Packet } from '../../../src/probes/radius/packet.ts';
import { challenge, chap, statusAccounting, statusAuth, telnet } from './examples.ts';
import { replyTo, SECRET } from './responder.ts';

const examples = [telnet, chap, challenge, statusAuth, statusAccounting];
const authenticatorOf = (request: Buffer) => request.subarray(4, 20);

function packetOf(bytes: Buffer): Packet {
  const packet = decode(bytes);
  if ('problem' in packet) throw new Error(packet.problem);
  return packet;
}

describe('requests', () => {
  test.each([
    ['section 6.1, authentication', statusAuth.request],
    ['section 6.2, accounting', statusAccounting.request],
  ])('RFC 5997 %s, is built byte for byte', (_name, expected) => {
    const { code, identifier, authenticator } = packetOf(expected);
    const request = encode({ code, identifier, authenticator, attributes: [{ type: 80, value: Buffer.alloc(16) }] });
    signRequest(request, SECRET);
    expect(request).toEqual(expected);
  });

  test.each([
    ['RFC 2865 section 7.1', 'arctangent', telnet.request, 28],
    ['RFC 2865 section 7.3', 'challenge', challenge.request, 29],
  ])('User-Password of %s', (_name, password, request, at) => {
    const hidden = hidePassword(Buffer.from(password), SECRET, authenticatorOf(request));
    expect(hidden).toEqual(request.subarray(at, at + 16));
  });

  test('CHAP-Password of RFC 2865 section 7.2', () => {
    const value = chapPassword(22, Buffer.from('arctangent'), authenticatorOf(chap.request));
    expect(value).toEqual(chap.request.subarray(30, 47));
  });

  test.each([
    [0, 16],
    [1, 16],
    [16, 16],
    [17, 32],
    [128, 128],
  ])('a password of %i octets is hidden in %i', (length, expected) => {
    expect(hidePassword(Buffer.alloc(length, 'p'), SECRET, Buffer.alloc(16)).length).toBe(expected);
  });

  test('what is hidden comes out again with the same secret', () => {
    const octets = (least: number, most: number) =>
      fc.uint8Array({ minLength: least, maxLength: most }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(octets(0, 128), fc.string({ minLength: 1 }), octets(16, 16), (password, secret, authenticator) => {
        const hidden = hidePassword(password, secret, authenticator);
        const padded = Buffer.concat([password, Buffer.alloc(hidden.length - password.length)]);
        expect(revealed(hidden, secret, authenticator)).toEqual(padded);
      }),
    );
  });
});

describe('replies', () => {
  test('the examples of the RFCs verify; they are from before Message-Authenticator was asked for', () => {
    for (const { request, reply } of examples) {
      expect(verifyReply(packetOf(reply), authenticatorOf(request), SECRET)).toBe('unsigned');
    }
  });

  test.each([
    ['first', [80, 18]],
    ['last', [18, 80]],
  ])('a Message-Authenticator that stands %s is found (RFC 3579 section 3.2)', (_name, types) => {
    const request = authenticatorOf(statusAuth.request);
    const values = { 80: Buffer.alloc(16), 18: Buffer.from('hello') };
    const attributes = types.map((type) => ({ type, value: values[type as 80 | 18] }));
    const bytes = encode({ code: 2, identifier: 9, authenticator: request, attributes });
    const at = bytes.indexOf(Buffer.concat([Buffer.of(80, 18), Buffer.alloc(16)])) + 2;
    createHmac('md5', SECRET).update(bytes).digest().copy(bytes, at);
    createHash('md5').update(bytes).update(SECRET).digest().copy(bytes, 4);
    expect(verifyReply(packetOf(bytes), request, SECRET)).toBe('signed');
  });

  test('both proofs must hold', () => {
    const { request } = statusAuth;
    const wrongMessageAuthenticator = rehashed(flipped(replyTo(request), 25), request);
    const twice = rehashed(replyTo(request, { attributes: [[80, Buffer.alloc(16)]] }), request);
    const short = rehashed(replyTo(request, { signed: false, attributes: [[80, 'short']] }), request);
    const table = { right: replyTo(request), wrongMessageAuthenticator, twice, short, other: replyTo(telnet.request) };
    const verdicts = Object.entries(table).map(([name, bytes]) => [
      name,
      verifyReply(packetOf(bytes), authenticatorOf(request), SECRET),
    ]);
    expect(verdicts).toEqual([
      ['right', 'signed'],
      ['wrongMessageAuthenticator', 'wrong'],
      ['twice', 'wrong'],
      ['short', 'wrong'],
      ['other', 'wrong'],
    ]);
  });

  test('a reply with any octet changed is never believed', () => {
    const { request } = statusAuth;
    const signed = replyTo(request, { attributes: [[18, 'hello']] });
    const unsigned = replyTo(request, { signed: false, attributes: [[18, 'hello']] });
    const mutant = fc.tuple(fc.constantFrom(signed, unsigned), fc.nat(200), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(mutant, ([bytes, at, mask]) => {
        const packet = decode(flipped(bytes, at, mask));
        const verdict = 'problem' in packet ? 'wrong' : verifyReply(packet, authenticatorOf(request), SECRET);
        expect(verdict).toBe('wrong');
      }),
      { numRuns: 2000 },
    );
  });

  test('any packet gives a verdict, and without the secret it is `wrong`', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 300 }), (tail) => {
        const bytes = Buffer.concat([Buffer.of(2, 1, 0, 0), tail]);
        bytes.writeUInt16BE(bytes.length, 2);
        const packet = decode(bytes);
        if (!('problem' in packet)) expect(verifyReply(packet, Buffer.alloc(16), SECRET)).toBe('wrong');
      }),
      { numRuns: 1000 },
    );
  });
});

/** The other direction of RFC 2865 section 5.2, as a server does it. */
function revealed(hidden: Buffer, secret: string, authenticator: Buffer): Buffer {
  const blocks = Array.from({ length: hidden.length / 16 }, (_, i) => hidden.subarray(i * 16, i * 16 + 16));
  return Buffer.concat(
    blocks.map((block, i) => {
      const key = createHash('md5')
        .update(secret)
        .update(blocks[i - 1] ?? authenticator)
        .digest();
      return Buffer.from(block.map((octet, j) => octet ^ (key[j] ?? 0)));
    }),
  );
}

function flipped(bytes: Buffer, at: number, mask = 1): Buffer {
  const copy = Buffer.from(bytes);
  const index = at % copy.length;
  copy[index] = (copy[index] ?? 0) ^ mask;
  return copy;
}

/** The same reply with a Response Authenticator that is right again. */
function rehashed(reply: Buffer, request: Buffer): Buffer {
  const copy = Buffer.from(reply);
  request.copy(copy, 4, 4, 20);
  createHash('md5').update(copy).update(SECRET).digest().copy(copy, 4);
  return copy;
}
