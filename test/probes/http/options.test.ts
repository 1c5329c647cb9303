import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/lib/secret.ts';
import { httpOptionsSchema } from '../../../src/probes/http/options.ts';
import { http } from '../../../src/probes/http.ts';

const secret = (value: string) => new Secret(value, 'test');

function problems(options: object): string[] {
  const result = httpOptionsSchema.safeParse(options);
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('http options', () => {
  test('nothing is needed', () => {
    expect(httpOptionsSchema.parse({})).toEqual({
      scheme: 'http',
      method: 'GET',
      path: '/',
      headers: {},
      secretHeaders: {},
      expect: { status: '200-299', headers: {}, maxBytes: 1_048_576 },
      redirects: 'none',
      maxRedirects: 5,
      tls: { verify: true, minVersion: 'TLSv1.2', onExpiring: 'warn' },
    });
  });

  test.each<[string, object, string]>([
    ['a body with GET', { body: 'x' }, 'body: GET has no body; use POST or PUT'],
    ['a path without slash', { path: 'health' }, 'path: a path from / on, without spaces or # is allowed'],
    ['a path with a line break', { path: '/a\r\nX: y' }, 'path: a path from / on, without spaces or # is allowed'],
    ['a host with a path', { host: 'a/b' }, 'host: a name or address, with or without port, is allowed'],
    ['an address as SNI', { serverName: '192.0.2.1' }, 'serverName: a DNS name is allowed (RFC 6066 section 3)'],
    [
      'a header value with a line break',
      { headers: { 'x-a': 'a\r\nb' } },
      'headers.x-a: a header value has no line breaks or control characters',
    ],
    [
      'a secret with a line break',
      { secretHeaders: { 'x-a': secret('a\nb') } },
      'secretHeaders.x-a: the secret has line breaks or control characters',
    ],
    [
      'a status range',
      { expect: { status: ['2xx'] } },
      'expect.status.0: a range of status codes is allowed, such as "200-299"',
    ],
    [
      'two conditions',
      { expect: { headers: { a: { equals: 'a', match: 'b' } } } },
      'expect.headers.a: exactly one of `equals`, `match`, `notMatch` and `absent` is needed',
    ],
    [
      'no condition',
      { expect: { body: { json: [{ path: '$.a' }] } } },
      'expect.body.json.0: exactly one of `equals`, `match`, `notMatch` and `absent` is needed beside `path`',
    ],
    [
      'a path to many values',
      { expect: { body: { json: [{ path: '$.a[*]', equals: 1 }] } } },
      "expect.body.json.0.path: a path to one value is allowed: $.name, $['any name'], $.list[0], $.list[-1]",
    ],
    [
      'a CA twice',
      { tls: { ca: '-----BEGIN x', caFile: '/ca.pem' } },
      'tls.caFile: only one of `ca` and `caFile` is allowed',
    ],
    ['a relative file', { tls: { caFile: 'ca.pem' } }, 'tls.caFile: an absolute path is allowed'],
    [
      'half a client certificate',
      { tls: { clientCertFile: '/c.pem' } },
      'tls.clientKey: `clientCertFile` and `clientKey` go together',
    ],
    [
      'a margin without unit',
      { tls: { expiryMargin: '14' } },
      'tls.expiryMargin: a duration is allowed, such as `14d`',
    ],
  ])('%s is refused', (_name, options, problem) => {
    expect(problems(options)).toEqual([problem]);
  });

  test.each([
    ['a secret in a plain header', { headers: { Authorization: 'Basic x' } }],
    ['a cookie in a plain header', { headers: { cookie: 'a=b' } }],
    ['Host as a header', { headers: { Host: 'a' } }],
    ['a header name with a colon', { headers: { 'a:b': 'c' } }],
    ['plain text for a secret', { secretHeaders: { Authorization: 'Basic x' } }],
    ['an identity pattern without a group', { identity: { body: 'host' } }],
    ['an identity pattern with two groups', { identity: { body: '(a)(b)' } }],
    ['an unknown key', { timeout: '1s' }],
  ])('%s is refused', (_name, options) => {
    expect(problems(options)).not.toEqual([]);
  });

  test.each([
    [{}, 'GET http://(target)/'],
    [
      { scheme: 'https', host: 'www.example.test', path: '/health', method: 'HEAD' },
      'HEAD https://www.example.test/health',
    ],
    [{ port: 8080 }, 'GET http://(target):8080/'],
    [{ port: 8080, host: 'a:80' }, 'GET http://a:80/'],
  ])('%j is listed as %s', (options, expected) => {
    expect(http.describe(httpOptionsSchema.parse(options))).toBe(expected);
  });

  test('identity is asked for only where the options say so', () => {
    expect(http.asksIdentity(httpOptionsSchema.parse({}))).toBe(false);
    expect(http.asksIdentity(httpOptionsSchema.parse({ identity: { header: 'x-served-by' } }))).toBe(true);
  });
});
