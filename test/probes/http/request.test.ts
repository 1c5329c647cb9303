import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/lib/secret.ts';
import { httpOptionsSchema } from '../../../src/probes/http/options.ts';
import { firstRequest, redirected } from '../../../src/probes/http/request.ts';

const options = (more: object = {}) =>
  httpOptionsSchema.parse({
    host: 'www.example.test',
    path: '/a/b?c',
    headers: { 'x-a': '1' },
    secretHeaders: { authorization: new Secret('Bearer t', 'test') },
    redirects: 'follow',
    ...more,
  });

/** Where one redirect leads, from a request by `more` options. */
function ledTo(location: string | undefined, more: object = {}, status = 302) {
  const all = options(more);
  const rawHeaders = location === undefined ? [] : ['Location', location];
  return redirected(firstRequest('192.0.2.1', all), { status, reason: 'Found', rawHeaders }, all);
}

describe('the first request', () => {
  test.each<[string, object, object]>([
    ['192.0.2.1', { host: undefined }, { host: '192.0.2.1', port: 80, serverName: undefined }],
    ['192.0.2.1', { host: undefined, port: 8080 }, { host: '192.0.2.1:8080', port: 8080 }],
    ['2001:db8::1', { host: undefined, port: 8080 }, { host: '[2001:db8::1]:8080', serverName: undefined }],
    ['192.0.2.1', { scheme: 'https' }, { host: 'www.example.test', port: 443, serverName: 'www.example.test' }],
    ['192.0.2.1', { scheme: 'https', host: 'a.test:8443' }, { host: 'a.test:8443', port: 443, serverName: 'a.test' }],
    ['192.0.2.1', { scheme: 'https', serverName: 'sni.test' }, { host: 'www.example.test', serverName: 'sni.test' }],
    ['192.0.2.1', { host: 'a.test.' }, { host: 'a.test.', serverName: 'a.test' }],
    ['192.0.2.1', { serverName: 'a.test.' }, { serverName: 'a.test' }],
    ['192.0.2.1', {}, { headers: { 'x-a': '1', authorization: 'Bearer t' } }],
  ])('to %s with %j', (address, more, expected) => {
    expect(firstRequest(address, options(more))).toMatchObject(expected);
  });
});

describe('a redirect', () => {
  test.each<[string, object, object]>([
    ['/x', {}, { scheme: 'http', port: 80, host: 'www.example.test', path: '/x' }],
    ['x?y=1', {}, { path: '/a/x?y=1' }],
    ['/x', { port: 8080 }, { port: 8080, host: 'www.example.test' }],
    ['http://www.example.test/x', { port: 8080 }, { port: 8080 }],
    ['https://www.example.test/x', { port: 8080 }, { scheme: 'https', port: 443, serverName: 'www.example.test' }],
    ['https://www.example.test:8443/', {}, { port: 8443, host: 'www.example.test:8443' }],
    ['http://other.test/', { port: 8080 }, { port: 80, host: 'other.test', serverName: 'other.test' }],
    ['//192.0.2.9/', { scheme: 'https' }, { scheme: 'https', host: '192.0.2.9', serverName: undefined }],
    ['https://www.example.test/x', { redirects: 'sameHost' }, { scheme: 'https' }],
  ])('to %s with %j', (location, more, expected) => {
    expect(ledTo(location, more)).toMatchObject(expected);
  });

  test('secret headers stay on their origin', () => {
    expect(ledTo('/x')).toMatchObject({ headers: { authorization: 'Bearer t' } });
    for (const location of ['http://other.test/', 'https://www.example.test/', 'http://www.example.test:81/']) {
      expect(ledTo(location)).toHaveProperty('headers', { 'x-a': '1' });
    }
  });

  test.each<[number, string, string, string | undefined]>([
    [301, 'POST', 'GET', undefined],
    [302, 'POST', 'GET', undefined],
    [303, 'PUT', 'GET', undefined],
    [307, 'POST', 'POST', 'x'],
    [308, 'PUT', 'PUT', 'x'],
    [302, 'PUT', 'PUT', 'x'],
    [303, 'HEAD', 'HEAD', undefined],
  ])('%i after %s asks with %s', (status, method, expected, body) => {
    const sent = method === 'HEAD' ? {} : { body: 'x' };
    expect(ledTo('/x', { method, ...sent }, status)).toMatchObject({ method: expected, body });
  });

  test.each<[string | undefined, object, string]>([
    [undefined, {}, '302 Found without Location'],
    ['ftp://a/', {}, 'Location ftp://a/ is no http or https URL'],
    ['http://[', {}, 'Location http://[ is no http or https URL'],
    ['http://www.example.test/', { scheme: 'https' }, 'Location http://www.example.test/ leads from https to http'],
    [
      'http://b.test/',
      { redirects: 'sameHost' },
      'Location http://b.test/ leads to another host than www.example.test',
    ],
  ])('to %s with %j is refused', (location, more, problem) => {
    expect(ledTo(location, more)).toEqual({ problem });
  });
});
