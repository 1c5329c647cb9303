/** The http probe over TLS, against embedded servers with certificates by a CA of the test's own. */
import type { RequestListener } from 'node:http';
import type { ServerOptions } from 'node:https';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { Secret } from '../../src/lib/secret.ts';
import type { ProbeResult } from '../../src/model.ts';
import { httpProbe } from '../../src/probes/http.ts';
import { missing } from '../support/real.ts';
import { type Certificates, makeCertificates, NAME, type PairName } from './http/certificates.ts';
import { startHttp, startRaw } from './http/servers.ts';
import { verdictOf, World } from './http/world.ts';

let certificates: Certificates;
const lacking = missing(['openssl']);
beforeAll(() => {
  if (lacking === undefined) certificates = makeCertificates();
});
afterAll(() => certificates?.[Symbol.dispose]());

const page: RequestListener = (_request, response) => response.end('ready');

/** A skipped group says why. */
const titled = (name: string) => (lacking === undefined ? name : `${name} (${lacking})`);

/** One run against a server with these TLS options; trusts the CA and asks for the good name unless told otherwise. */
async function probe(server: Partial<ServerOptions> & { pair?: PairName }, options: object = {}): Promise<ProbeResult> {
  const { pair = 'good', ...more } = server;
  const { cert, key } = certificates[pair];
  await using running = await startHttp(page, { tls: { cert, key, ...more } });
  const { tls, ...rest } = options as { tls?: object };
  const all = { scheme: 'https', host: NAME, tls: { ca: certificates.ca, ...tls }, ...rest };
  // Certificates are good or not by the real time.
  return await new World().run(running.port, all, { context: { clock: systemClock, timeoutMs: 5000 } });
}

describe.skipIf(lacking !== undefined)(titled('the certificate'), () => {
  test.each<[string, Parameters<typeof probe>[0], object, string]>([
    ['good', {}, {}, 'pass'],
    ['good, by the address alone', {}, { host: undefined }, 'pass'],
    ['good, with a port in the Host', {}, { host: `${NAME}:8443` }, 'pass'],
    ['good for the name of TLS', {}, { host: 'inner.test', serverName: NAME }, 'pass'],
    ['expired', { pair: 'expired' }, {}, 'tls-certificate'],
    ['for another name', { pair: 'otherName' }, {}, 'tls-certificate'],
    ['by a CA that is not trusted', {}, { tls: { ca: undefined } }, 'tls-certificate'],
    ['expired, but not verified', { pair: 'expired' }, { tls: { verify: false } }, 'pass'],
    ['for another name, but not verified', { pair: 'otherName' }, { tls: { verify: false } }, 'pass'],
  ])('%s', async (_name, server, options, expected) => {
    expect(verdictOf(await probe(server, options))).toBe(expected);
  });

  test.each<[PairName, object, RegExp]>([
    ['expired', {}, /^certificate has expired \(CERT_HAS_EXPIRED\)$/],
    ['otherName', {}, /altnames.*www\.example\.test.*\(ERR_TLS_CERT_ALTNAME_INVALID\)$/],
  ])('%s is told in the detail', async (pair, options, detail) => {
    expect((await probe({ pair }, options)).detail).toMatch(detail);
  });

  test.each([
    ['9d', 'fail', 'pass'],
    ['11d', 'fail', 'tls-expiring'],
    ['11d', 'warn', 'pass'],
  ])('ten days left, margin %s, %s: %s', async (expiryMargin, onExpiring, expected) => {
    const result = await probe({}, { tls: { expiryMargin, onExpiring } });
    expect(verdictOf(result)).toBe(expected);
    if (expiryMargin === '11d') expect(result.detail).toMatch(/the certificate ends .*, within the margin of 11d$/);
  });
});

describe.skipIf(lacking !== undefined)(titled('the handshake'), () => {
  test.each<[string, Parameters<typeof probe>[0], object, string]>([
    ['TLS 1.2', { maxVersion: 'TLSv1.2' }, {}, 'pass'],
    ['TLS 1.2 where 1.3 is wanted', { maxVersion: 'TLSv1.2' }, { tls: { minVersion: 'TLSv1.3' } }, 'tls-handshake'],
    ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }, {}, 'tls-handshake'],
  ])('%s', async (_name, server, options, expected) => {
    expect(verdictOf(await probe(server, options))).toBe(expected);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('a client certificate, %s', async (version) => {
    const server = {
      requestCert: true,
      rejectUnauthorized: true,
      ca: certificates.ca,
      minVersion: version,
      maxVersion: version,
    };
    const { certFile, key } = certificates.client;
    const tls = { clientCertFile: certFile, clientKey: new Secret(key, 'test') };
    expect(verdictOf(await probe(server, { tls }))).toBe('pass');
    expect(['tls-handshake', 'closed']).toContain(verdictOf(await probe(server)));
  });

  test('a server that speaks no TLS', async () => {
    await using server = await startRaw((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(verdictOf(await new World().run(server.port, { scheme: 'https' }))).toBe('tls-handshake');
  });

  test('a server that hangs up', async () => {
    const server = createServer((socket) => socket.destroy());
    await using _closing = { [Symbol.asyncDispose]: async () => void server.close() };
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const where = server.address();
    const port = typeof where === 'object' && where !== null ? where.port : 0;
    expect(verdictOf(await new World().run(port, { scheme: 'https' }))).toBe('tls-handshake');
  });

  test('nothing is sent to a server that has not proved itself', async () => {
    const { cert, key } = certificates.expired;
    let requests = 0;
    await using server = await startHttp(() => requests++, { tls: { cert, key } });
    const secretHeaders = { authorization: new Secret('Bearer t', 'test') };
    const world = new World();
    await world.run(server.port, { scheme: 'https', host: NAME, tls: { ca: certificates.ca }, secretHeaders });
    expect(requests).toBe(0);
    expect(await world.leftovers()).toEqual({ timers: 0, sockets: 0 });
  });

  test('every run does the whole handshake, and each phase is timed', async () => {
    const resumed: boolean[] = [];
    const { cert, key } = certificates.good;
    const listener: RequestListener = (request, response) => {
      resumed.push('isSessionReused' in request.socket && (request.socket.isSessionReused as () => boolean)());
      response.end();
    };
    await using server = await startHttp(listener, { tls: { cert, key } });
    const options = { scheme: 'https', host: NAME, tls: { ca: certificates.ca } };
    for (let i = 0; i < 3; i++) {
      const result = await new World().run(server.port, options, { context: { clock: systemClock, timeoutMs: 5000 } });
      const { connect = 0, tls = 0, firstByte = 0, total } = result.phases;
      expect([connect, tls, firstByte, total]).toEqual([connect, tls, firstByte, total].toSorted((a, b) => a - b));
      expect(connect).toBeGreaterThan(0);
    }
    expect(resumed).toEqual([false, false, false]);
  });
});

describe.skipIf(lacking !== undefined)(titled('certificate files'), () => {
  const options = { scheme: 'https', host: NAME, tls: { caFile: '/ca.pem' } };

  test('are read by the given reader, once per options', async () => {
    const reads: string[] = [];
    const probeKind = httpProbe({
      readFile: (path) => {
        reads.push(path);
        return certificates.ca;
      },
    });
    const { cert, key } = certificates.good;
    await using server = await startHttp(page, { tls: { cert, key } });
    const parsed = probeKind.schema.parse({ ...options, port: server.port });
    const world = new World();
    const again = {
      ...probeKind,
      run: (...[target, , context]: Parameters<typeof probeKind.run>) => probeKind.run(target, parsed, context),
    };
    for (let i = 0; i < 3; i++) expect(verdictOf(await world.run(server.port, {}, { probe: again }))).toBe('pass');
    expect(reads).toEqual(['/ca.pem']);
  });

  test.each([
    ['missing', 'ENOENT', 'internal'],
    ['unreadable', 'EACCES', 'permission'],
  ])('%s: our own trouble, not evidence', async (_name, code, cause) => {
    const probeKind = httpProbe({
      readFile: () => {
        throw Object.assign(new Error(`${code}: /ca.pem`), { code });
      },
    });
    const result = await new World().run(443, options, { probe: probeKind });
    expect(result).toMatchObject({ outcome: 'error', cause, detail: `${code}: /ca.pem` });
  });

  test.each([
    ['without an end', '-----BEGIN CERTIFICATE-----\nx', 'ca: no PEM certificate in it'],
    ['of junk', '-----BEGIN CERTIFICATE-----\neA==\n-----END CERTIFICATE-----', 'ca: a broken certificate: '],
  ])('a CA %s: our own trouble too', async (_name, ca, detail) => {
    const result = await new World().run(443, { scheme: 'https', tls: { ca } });
    expect(result).toMatchObject({ outcome: 'error', cause: 'internal', detail: expect.stringContaining(detail) });
  });

  test('a client key that does not fit', async () => {
    const { certFile } = certificates.client;
    const tls = { clientCertFile: certFile, clientKey: new Secret(certificates.good.key, 'test') };
    expect(await new World().run(443, { scheme: 'https', tls })).toMatchObject({ outcome: 'error', cause: 'internal' });
  });
});
