import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/lib/secret.ts';
import { radiusOptionsSchema } from '../../../src/probes/radius/options.ts';
import { radius } from '../../../src/probes/radius.ts';

const secret = new Secret('testing123', 'test');
const user = { name: 'probe', password: new Secret('probe', 'test') };

function problems(options: object): string[] {
  const result = radiusOptionsSchema.safeParse({ secret, ...options });
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('radius options', () => {
  test('only the secret is needed', () => {
    expect(radiusOptionsSchema.parse({ secret })).toEqual({
      secret,
      mode: 'statusServer',
      accounting: false,
      nasIdentifier: 'anytrack',
      messageAuthenticator: 'require',
      accept: ['anyAuthentic'],
      tries: 1,
    });
  });

  test.each<[string, object, unknown]>([
    ['PAP without a user', { mode: 'pap' }, 'user: mode pap needs a user'],
    ['CHAP without a user', { mode: 'chap' }, 'user: mode chap needs a user'],
    ['a user in Status-Server', { user }, 'user: does not belong into a Status-Server request; use mode pap or chap'],
    [
      'a station in Status-Server',
      { calledStationId: 'x' },
      'calledStationId: does not belong into a Status-Server request; use mode pap or chap',
    ],
    [
      'accounting with a user',
      { mode: 'pap', user, accounting: true },
      'accounting: only mode statusServer can ask the accounting service',
    ],
    [
      'accounting that accepts',
      { accounting: true, accept: ['reject'] },
      'accept: the accounting service has one answer; leave `accept` out',
    ],
    ['a name for an address', { nasIpAddress: 'nas1' }, 'nasIpAddress: must be an IPv4 or IPv6 address'],
    ['a try of no time', { tryTimeout: '0ms' }, 'tryTimeout: must be a duration above zero, such as `300ms`'],
    [
      'two conditions',
      { expect: { attributes: [{ attribute: 18, equals: 'a', match: 'b' }] } },
      'expect.attributes.0: exactly one of `equals` and `match` is needed',
    ],
    [
      'a broken pattern',
      { expect: { attributes: [{ attribute: 18, match: '(' }] } },
      expect.stringContaining('expect.attributes.0.match: not a regular expression'),
    ],
    [
      'a password too long',
      { mode: 'pap', user: { name: 'a', password: new Secret('p'.repeat(129), 'test') } },
      'user.password: a RADIUS password has at most 128 octets (RFC 2865 section 5.2)',
    ],
  ])('%s is refused', (_name, options, problem) => {
    expect(problems(options)).toEqual([problem]);
  });

  test('an unknown attribute is refused with the names that are known', () => {
    expect(problems({ identity: { attribute: 'Reply-Massage' } })[0]).toContain(
      'identity.attribute: unknown attribute; allowed: a number from 1 to 255, or User-Name, ',
    );
  });

  test('an unknown key, and a secret in plain text, are refused', () => {
    expect(radiusOptionsSchema.safeParse({ secret, prot: 1812 }).success).toBe(false);
    expect(radiusOptionsSchema.safeParse({ secret: 'testing123' }).success).toBe(false);
  });

  test.each([
    [{}, 'Status-Server'],
    [{ accounting: true }, 'Status-Server (accounting)'],
    [{ mode: 'pap', user }, 'PAP as probe'],
    [{ mode: 'chap', user }, 'CHAP as probe'],
  ])('%j is listed as %s', (options, expected) => {
    expect(radius.describe(radiusOptionsSchema.parse({ secret, ...options }))).toBe(expected);
  });

  test('identity is asked for only where the options say so', () => {
    expect(radius.asksIdentity(radiusOptionsSchema.parse({ secret }))).toBe(false);
    expect(radius.asksIdentity(radiusOptionsSchema.parse({ secret, identity: { attribute: 18 } }))).toBe(true);
  });
});
