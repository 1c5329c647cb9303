import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/lib/secret.ts';
import { judgeReply } from '../../../src/probes/radius/judge.ts';
import { radiusOptionsSchema } from '../../../src/probes/radius/options.ts';
import { decode, encode } from '../../../src/probes/radius/packet.ts';

const ACCEPT = 2;
const REJECT = 3;
const ACCOUNTING_RESPONSE = 5;
const CHALLENGE = 11;

type Attributes = readonly (readonly [type: number, value: Buffer])[];

function judged(code: number, options: object = {}, attributes: Attributes = [], identity?: string) {
  const packet = decode(
    encode({
      code,
      identifier: 1,
      authenticator: Buffer.alloc(16),
      attributes: attributes.map(([type, value]) => ({ type, value })),
    }),
  );
  if ('problem' in packet) throw new Error(packet.problem);
  const parsed = radiusOptionsSchema.parse({ secret: new Secret('s', 'test'), ...options });
  const judgement = judgeReply(packet, parsed, identity);
  return judgement.good ? ['good', judgement.detail] : [judgement.cause, judgement.detail];
}

const message = (text: string): Attributes => [[18, Buffer.from(text)]];

describe('the code of an authentic reply', () => {
  test.each([
    // code, accept, expected
    [ACCEPT, ['anyAuthentic'], 'good'],
    [REJECT, ['anyAuthentic'], 'good'],
    [CHALLENGE, ['anyAuthentic'], 'good'],
    [ACCEPT, ['accept'], 'good'],
    [REJECT, ['accept'], 'access-reject'],
    [CHALLENGE, ['accept'], 'access-challenge'],
    [ACCEPT, ['reject'], 'access-accept'],
    [REJECT, ['reject', 'challenge'], 'good'],
    [CHALLENGE, ['reject', 'challenge'], 'good'],
    [ACCOUNTING_RESPONSE, ['anyAuthentic'], 'wrong-code'],
    [52, ['anyAuthentic'], 'wrong-code'],
    [12, ['anyAuthentic'], 'wrong-code'],
  ])('code %i with accept %j is %s', (code, accept, expected) => {
    expect(judged(code, { accept })[0]).toBe(expected);
  });

  test('accounting has one good answer', () => {
    expect(judged(ACCOUNTING_RESPONSE, { accounting: true })).toEqual(['good', 'Accounting-Response']);
    expect(judged(ACCEPT, { accounting: true })).toEqual(['wrong-code', 'Access-Accept, expected Accounting-Response']);
  });

  test('the detail carries the Reply-Message', () => {
    expect(judged(REJECT, { accept: ['accept'] }, message('account locked'))).toEqual([
      'access-reject',
      'Access-Reject: "account locked"; accepted: accept',
    ]);
  });
});

describe('attributes', () => {
  const timeout: Attributes = [[27, Buffer.of(0, 0, 14, 16)]];
  test.each<[string, object, Attributes, string]>([
    ['equal text', { attribute: 'Reply-Message', equals: 'ok' }, message('ok'), 'good'],
    ['another text', { attribute: 'Reply-Message', equals: 'ok' }, message('no'), 'attribute-mismatch'],
    ['missing', { attribute: 'Reply-Message', equals: 'ok' }, [], 'attribute-mismatch'],
    ['a pattern', { attribute: 'Reply-Message', match: '^o' }, message('ok'), 'good'],
    ['by number', { attribute: 18, match: 'k$' }, message('ok'), 'good'],
    ['one of several', { attribute: 18, equals: 'b' }, [...message('a'), ...message('b')], 'good'],
    ['an integer', { attribute: 'Session-Timeout', equals: 3600 }, timeout, 'good'],
    ['an integer as text', { attribute: 'Session-Timeout', equals: '3600' }, timeout, 'good'],
    [
      'an IPv4 address',
      { attribute: 'Framed-IP-Address', equals: '192.0.2.7' },
      [[8, Buffer.of(192, 0, 2, 7)]],
      'good',
    ],
    [
      'an IPv6 address',
      { attribute: 'NAS-IPv6-Address', equals: '2001:db8::1' },
      [[95, Buffer.from('20010db8000000000000000000000001', 'hex')]],
      'good',
    ],
    ['an integer of the wrong length is hex', { attribute: 27, equals: '0e10' }, [[27, Buffer.of(14, 16)]], 'good'],
    ['octets are hex', { attribute: 'Class', equals: '00ff' }, [[25, Buffer.of(0, 255)]], 'good'],
    ['unknown numbers are hex', { attribute: 200, equals: '01' }, [[200, Buffer.of(1)]], 'good'],
  ])('%s', (_name, rule, attributes, expected) => {
    expect(judged(ACCEPT, { expect: { attributes: [rule] } }, attributes)[0]).toBe(expected);
  });

  test('the complaint names attribute, value and rule', () => {
    const options = { expect: { attributes: [{ attribute: 'Reply-Message', equals: 'ok' }] } };
    expect(judged(ACCEPT, options, message('no'))[1]).toBe('Reply-Message is "no", expected equal to "ok"');
    expect(judged(ACCEPT, options)[1]).toBe('Reply-Message is missing, expected equal to "ok"');
  });
});

describe('identity', () => {
  const options = { identity: { attribute: 'Reply-Message' } };
  test.each<[string, Attributes, string | undefined, string]>([
    ['the endpoint itself', message('radius-1'), 'radius-1', 'good'],
    ['another machine', message('radius-2'), 'radius-1', 'wrong-identity'],
    ['nobody says', [], 'radius-1', 'wrong-identity'],
    ['nobody is expected', message('radius-1'), undefined, 'wrong-identity'],
  ])('%s', (_name, attributes, identity, expected) => {
    expect(judged(ACCEPT, options, attributes, identity)[0]).toBe(expected);
  });
});
