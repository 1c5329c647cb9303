/** The http probe against nginx. */
import { expect } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { Secret } from '../../src/lib/secret.ts';
import { realTest } from '../support/real.ts';
import { makeCertificates, NAME } from './http/certificates.ts';
import { startNginx } from './http/nginx.ts';
import { verdictOf, World } from './http/world.ts';

realTest('nginx', ['nginx', 'openssl'], async () => {
  using certificates = makeCertificates();
  await using nginx = await startNginx(certificates);
  const { plain, tls, mutual } = nginx.ports;
  const { caFile, client } = certificates;
  const ask = async (port: number, options: object) => {
    const target = { identity: 'web1' };
    const context = { clock: systemClock, timeoutMs: 5000, thresholdMs: 5000 };
    const result = await new World().run(port, { host: NAME, ...options }, { target, context });
    return `${verdictOf(result)}: ${result.detail}`;
  };
  const https = { scheme: 'https', tls: { caFile } };
  const token = (value: string) => ({ secretHeaders: { Authorization: new Secret(value, 'test') } });
  const isOk = { body: { json: [{ path: '$.state', equals: 'ok' }] } };

  expect(await ask(plain, { path: '/health', expect: isOk })).toBe('pass: 200 OK, 40 bytes');
  expect(await ask(plain, { path: '/health', identity: { header: 'x-served-by' } })).toBe('pass: 200 OK, 40 bytes');
  expect(await ask(plain, { path: '/boom' })).toBe('http-status: 500 Internal Server Error, expected 200-299');
  expect(await ask(plain, { path: '/boom', expect: { status: 500 } })).toMatch(/^pass: 500 Internal Server Error/);
  expect(await ask(plain, { path: '/none', method: 'HEAD' })).toBe('http-status: 404 Not Found, expected 200-299');
  expect(await ask(plain, { path: '/private', ...token('Bearer token') })).toBe('pass: 200 OK, 0 bytes');
  expect(await ask(plain, { path: '/private', ...token('Bearer other') })).toMatch(/^http-status: 401/);

  expect(await ask(plain, { path: '/old' })).toBe('http-status: 301 Moved Permanently, expected 200-299');
  expect(await ask(plain, { path: '/old', host: `${NAME}:${plain}`, redirects: 'sameHost' })).toMatch(/^pass: 200 OK/);
  expect(await ask(plain, { path: '/secure', redirects: 'sameHost', tls: { caFile } })).toMatch(/^pass: 200 OK/);
  expect(await ask(plain, { path: '/secure', redirects: 'follow' })).toMatch(/^tls-certificate: /);

  expect(await ask(tls, { ...https, path: '/health', expect: isOk })).toBe('pass: 200 OK, 40 bytes');
  expect(await ask(tls, { ...https, path: '/health', tls: { caFile, minVersion: 'TLSv1.3' } })).toMatch(/^pass/);
  expect(await ask(tls, { ...https, path: '/health', serverName: 'other.test' })).toMatch(
    /^tls-certificate: .*other.test/,
  );
  expect(await ask(plain, https)).toMatch(/^tls-handshake: /);
  expect(await ask(tls, { path: '/health' })).toBe('http-status: 400 Bad Request, expected 200-299');

  const clientKey = new Secret(client.key, 'test');
  const known = { caFile, clientCertFile: client.certFile, clientKey };
  expect(await ask(mutual, { ...https, tls: known, expect: { body: { include: 'CN=client' } } })).toMatch(/^pass/);
  // nginx does the handshake and then says what it misses.
  expect(await ask(mutual, https)).toBe('http-status: 400 Bad Request, expected 200-299');
});
