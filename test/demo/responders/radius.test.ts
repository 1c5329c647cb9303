import { createHash, createHmac } from 'node:crypto';
import { createSocket } from 'node:dgram';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RadiusResponder, type RadiusSwitches } from '../../../src/demo/responders/radius.ts';
import { answerRadius } from '../../../src/demo/responders/radius-answer.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const SECRET = 'xyzzy5461';
const SERVER = {
  secret: SECRET,
  users: { nemo: 'arctangent' },
  replyMessage: undefined,
  reject: false,
  unsigned: false,
  answerSecret: undefined,
};

const md5 = (...parts: (Buffer | string)[]) => {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

function attribute(type: number, value: Buffer | string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.of(type, bytes.length + 2), bytes]);
}

const AUTHENTICATOR = Buffer.from('0f403f9473978057bd83d5cb98f4227a', 'hex');

/** A signed request: Message-Authenticator first, over itself as zeros. */
function signed(code: number, attributes: readonly Buffer[], secret = SECRET): Buffer {
  const body = Buffer.concat([attribute(80, Buffer.alloc(16)), ...attributes]);
  const request = Buffer.concat([Buffer.of(code, 7, 0, 20 + body.length), AUTHENTICATOR, body]);
  createHmac('md5', secret).update(request).digest().copy(request, 22);
  return request;
}

function pap(password: string): Buffer {
  const padded = Buffer.alloc(16);
  padded.write(password);
  const pad = md5(SECRET, AUTHENTICATOR);
  return attribute(2, Buffer.from(padded.map((octet, index) => octet ^ (pad[index] ?? 0))));
}

function chap(password: string): Buffer {
  return attribute(3, Buffer.concat([Buffer.of(9), md5(Buffer.of(9), password, AUTHENTICATOR)]));
}

const NEMO = attribute(1, 'nemo');

/** Whether both proofs of a reply hold. */
function proves(reply: Buffer, secret = SECRET): { response: boolean; message: boolean } {
  const asked = Buffer.from(reply);
  AUTHENTICATOR.copy(asked, 4);
  const response = md5(asked, secret).equals(reply.subarray(4, 20));
  if (reply.length < 38) return { response, message: false };
  const zeroed = Buffer.from(asked).fill(0, 22, 38);
  const hmac = createHmac('md5', secret).update(zeroed).digest();
  return { response, message: reply[20] === 80 && hmac.equals(reply.subarray(22, 38)) };
}

describe('the answer', () => {
  test.each<[string, Buffer, number | undefined]>([
    ['Status-Server', signed(12, []), 2],
    ['a right PAP password', signed(1, [NEMO, pap('arctangent')]), 2],
    ['a wrong PAP password', signed(1, [NEMO, pap('wrong')]), 3],
    ['a right CHAP password', signed(1, [NEMO, chap('arctangent')]), 2],
    ['a wrong CHAP password', signed(1, [NEMO, chap('wrong')]), 3],
    ['an unknown user', signed(1, [attribute(1, 'nobody'), pap('arctangent')]), 3],
    ['no password', signed(1, [NEMO]), 3],
    ['a request signed with another secret', signed(12, [], 'other'), undefined],
    ['an unsigned request', Buffer.concat([Buffer.of(1, 7, 0, 26), AUTHENTICATOR, NEMO]), undefined],
    ['a code that is none', signed(99, []), undefined],
    ['half a packet', signed(12, []).subarray(0, 30), undefined],
  ])('to %s', (_name, request, code) => {
    const reply = answerRadius(request, SERVER);
    expect(reply?.[0]).toBe(code);
    if (reply === undefined) return;
    expect(reply[1]).toBe(7);
    expect(reply.readUInt16BE(2)).toBe(reply.length);
    expect(proves(reply)).toEqual({ response: true, message: true });
  });

  test('to accounting, which proves itself by its header', () => {
    const request = Buffer.concat([Buffer.of(4, 7, 0, 20), Buffer.alloc(16)]);
    md5(request, SECRET).copy(request, 4);
    expect(answerRadius(request, SERVER)?.[0]).toBe(5);
    request[4] = (request[4] ?? 0) ^ 1;
    expect(answerRadius(request, SERVER)).toBeUndefined();
  });

  // RFC 2865 section 7.1: the user nemo telnets into a NAS; the example has no Message-Authenticator, so only the password is taken from it.
  test('reads the User-Password of the RFC 2865 example', () => {
    const hidden = Buffer.from('0dbe708d93d413ce3196e43f782a0aee', 'hex');
    expect(answerRadius(signed(1, [NEMO, attribute(2, hidden)]), SERVER)?.[0]).toBe(2);
  });

  test('any datagram gives an answer or silence, never a throw', () => {
    const datagram = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc
        .tuple(fc.constantFrom(1, 4, 12), fc.uint8Array({ maxLength: 40 }))
        .map(([code, rest]) => signed(code, [Buffer.from(rest)])),
    );
    fc.assert(
      fc.property(datagram, (bytes) => [undefined, 2, 3, 5].includes(answerRadius(bytes, SERVER)?.[0])),
      { numRuns: 2000 },
    );
  });
});

describe('the responder', () => {
  async function start(switches: Partial<RadiusSwitches>) {
    const clock = new FakeClock();
    const options = { address: '127.0.0.1', secret: SECRET, users: SERVER.users };
    const responder = new RadiusResponder(options, { clock });
    Object.assign(responder.switches, switches);
    const { port } = await responder.start();
    const client = createSocket('udp4');
    onTestFinished(async () => {
      client.close();
      await responder.close();
    });
    const ask = () => {
      const reply = new Promise<Buffer>((resolve) => client.once('message', resolve));
      client.send(signed(1, [NEMO, pap('arctangent')]), port, '127.0.0.1');
      return reply;
    };
    return { responder, clock, ask };
  }

  test.each<[string, Partial<RadiusSwitches>, number, { response: boolean; message: boolean }]>([
    ['as it should', {}, 2, { response: true, message: true }],
    ['rejects', { reject: true }, 3, { response: true, message: true }],
    ['unsigned', { unsigned: true }, 2, { response: true, message: false }],
    ['with a proof by another secret', { wrongAnswerSecret: true }, 2, { response: false, message: false }],
  ])('answers %s', async (_name, switches, code, proofs) => {
    const { ask } = await start(switches);
    const reply = await ask();
    expect(reply[0]).toBe(code);
    expect(proves(reply)).toEqual(proofs);
  });

  test.each([{ silent: true }, { wrongSecret: true }])('stays silent with %j, and is well again', async (switches) => {
    const { responder, ask } = await start(switches);
    const reply = ask();
    await expect.poll(() => responder.requests).toBe(1);
    Object.assign(responder.switches, { silent: false, wrongSecret: false });
    await ask();
    expect((await reply)[0]).toBe(2);
    expect(responder.requests).toBe(2);
  });

  test('delays, and tells a message', async () => {
    const { responder, clock, ask } = await start({ delayMs: 200, replyMessage: 'a.ams1' });
    const reply = ask();
    await expect.poll(() => responder.requests).toBe(1);
    await clock.advance(200);
    expect((await reply).subarray(-6).toString()).toBe('a.ams1');
    expect(clock.pending).toBe(0);
  });
});
