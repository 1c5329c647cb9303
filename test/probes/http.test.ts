import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { Secret } from '../../src/lib/secret.ts';
import { systemSockets } from '../../src/probes/sockets.ts';
import { settle } from '../support/fake-clock.ts';
import { startHttp, startRaw, type TestServer } from './http/servers.ts';
import { TIMEOUT_MS, verdictOf, World } from './http/world.ts';

/** One run against `server`; with `expires` the timeout passes once the request is there. */
async function probe(server: TestServer, options: object = {}, expires = false, identity?: string) {
  const world = new World();
  const running = world.run(server.port, options, identity === undefined ? {} : { target: { identity } });
  if (expires) {
    await server.asked;
    await settle();
    await world.clock.advance(TIMEOUT_MS);
  }
  const result = await running;
  expect(await world.leftovers()).toEqual({ timers: 0, sockets: 0 });
  return { result, verdict: verdictOf(result) };
}

const page: RequestListener = (_request, response) => response.end('all ready\nsecond line');
const answer =
  (status: number, headers: Record<string, string> = {}, body: string | Buffer = ''): RequestListener =>
  (_request, response) =>
    response.writeHead(status, headers).end(body);

describe('what a server answers', () => {
  test.each<[string, RequestListener, object, string]>([
    ['a page', page, {}, 'pass'],
    ['no content', answer(204), {}, 'pass'],
    ['an error', answer(500, {}, 'database is gone'), {}, 'http-status'],
    ['a redirect', answer(302, { location: '/' }), {}, 'http-status'],
    ['a wanted redirect', answer(302, { location: '/' }), { expect: { status: 302 } }, 'pass'],
    ['a wanted header', answer(200, { 'x-a': 'b' }), { expect: { headers: { 'X-A': { equals: 'b' } } } }, 'pass'],
    [
      'another header',
      answer(200, { 'x-a': 'c' }),
      { expect: { headers: { 'X-A': { equals: 'b' } } } },
      'header-mismatch',
    ],
    ['the wanted text', page, { expect: { body: { include: 'ready' } } }, 'pass'],
    ['another text', page, { expect: { body: { include: 'sorry' } } }, 'body-mismatch'],
    [
      'a long line that its pattern takes too long for',
      answer(200, {}, 'a'.repeat(8192)),
      { expect: { body: { match: '.*a.*a.*b' } } },
      'resource-limit',
    ],
    [
      'a good value',
      answer(200, {}, '{"a":[{"ok":true}]}'),
      { expect: { body: { json: [{ path: '$.a[0].ok', equals: true }] } } },
      'pass',
    ],
    [
      'compressed, which is left as it is',
      answer(200, { 'content-encoding': 'gzip' }, gzipSync('all ready')),
      { expect: { body: { include: 'ready' } } },
      'body-mismatch',
    ],
    ['as much as allowed', answer(200, {}, 'x'.repeat(10)), { expect: { maxBytes: 10 } }, 'pass'],
    ['more than allowed', answer(200, {}, 'x'.repeat(11)), { expect: { maxBytes: 10 } }, 'body-too-large'],
    [
      'HEAD has no body, however long',
      answer(200, { 'content-length': '9999' }),
      { method: 'HEAD', expect: { maxBytes: 10 } },
      'pass',
    ],
  ])('%s', async (_name, listener, options, expected) => {
    await using server = await startHttp(listener);
    expect((await probe(server, options)).verdict).toBe(expected);
  });

  test.each([
    [{ header: 'x-served-by' }, 'web1', 'pass'],
    [{ header: 'x-served-by' }, 'web2', 'wrong-identity'],
    [{ header: 'x-other' }, 'web1', 'wrong-identity'],
    [{ body: 'I am (\\w+)' }, 'web1', 'pass'],
    [{ body: 'I am (\\w+)' }, 'web2', 'wrong-identity'],
  ])('identity by %j, wanted %s: %s', async (identity, wanted, expected) => {
    await using server = await startHttp(answer(200, { 'x-served-by': 'web1' }, 'I am web1'));
    expect((await probe(server, { identity }, false, wanted)).verdict).toBe(expected);
  });

  test('an identity that nobody told us is our own mistake, not evidence', async () => {
    expect(await new World().run(80, { identity: { header: 'a' } })).toMatchObject({
      outcome: 'error',
      cause: 'internal',
    });
  });
});

describe('what is sent', () => {
  test('method, path, Host, headers and body', async () => {
    let seen: unknown;
    await using server = await startHttp(async (request, response) => {
      const { method, url, headers } = request;
      const body = Buffer.concat(await request.toArray()).toString();
      seen = {
        method,
        url,
        body,
        host: headers.host,
        agent: headers['user-agent'],
        token: headers['x-token'],
        connection: headers.connection,
      };
      response.end();
    });
    const secretHeaders = { 'X-Token': new Secret('hunter2', 'test') };
    await probe(server, {
      method: 'POST',
      path: '/health?full=1',
      host: 'www.example.test',
      headers: { 'user-agent': 'check' },
      secretHeaders,
      body: 'ping',
    });
    expect(seen).toEqual({
      method: 'POST',
      url: '/health?full=1',
      body: 'ping',
      host: 'www.example.test',
      agent: 'check',
      token: 'hunter2',
      connection: 'close',
    });
  });

  test.each(['POST', 'PUT', 'OPTIONS'])('%s: the body comes with its length', async (method) => {
    let seen: unknown;
    await using server = await startHttp(async (request, response) => {
      seen = [request.headers['content-length'], Buffer.concat(await request.toArray()).toString()];
      response.end();
    });
    await probe(server, { method, body: 'pïng' });
    expect(seen).toEqual(['5', 'pïng']);
  });

  test('headers that Node refuses to send are our own mistake and do not escape the run', async () => {
    await using server = await startHttp(page);
    const { result } = await probe(server, { headers: { Trailer: 'x' } });
    expect(result).toMatchObject({ outcome: 'error', cause: 'internal' });
  });

  test('each run has its own connection', async () => {
    await using server = await startHttp(page);
    for (let i = 0; i < 3; i++) await probe(server);
    expect(server.connections()).toBe(3);
  });

  test('no secret is in the transcript or the detail, even if the server echoes it', async () => {
    const echo: RequestListener = (request, response) =>
      response
        .writeHead(200, { 'x-echo': String(request.headers.authorization), 'set-cookie': 'id=hidden' })
        .end(String(request.headers.authorization));
    await using server = await startHttp(echo);
    const secretHeaders = { Authorization: new Secret('Bearer hunter2', 'test') };
    for (const rule of [{ equals: 'a' }, { match: '.' }]) {
      const { result } = await probe(server, {
        secretHeaders,
        expect: { headers: { 'x-echo': rule, 'set-cookie': { match: '.' } } },
      });
      expect(result.transcript).toContain('< x-echo: [secret]');
      expect(JSON.stringify(result)).not.toMatch(/hunter2|hidden/);
    }
  });

  test('the transcript shows what an operator needs', async () => {
    await using server = await startHttp(answer(503, { 'retry-after': '5' }, 'database is gone\nstack'));
    const { result } = await probe(server, { host: 'www.example.test', path: '/health' });
    expect(result.detail).toBe('503 Service Unavailable, expected 200-299');
    expect(result.transcript).toEqual([
      '> GET /health HTTP/1.1, Host: www.example.test',
      '< HTTP 503 Service Unavailable',
      '< retry-after: 5',
      '< database is gone',
    ]);
  });
});

describe('what is no good HTTP', () => {
  const ok = 'HTTP/1.1 200 OK\r\n';
  const send =
    (bytes: string, then: (socket: Socket) => void = () => {}) =>
    (socket: Socket) =>
      socket.write(bytes, () => then(socket));
  const end = (socket: Socket) => socket.end();

  test.each<[string, (socket: Socket) => void, string]>([
    ['another protocol', send('SSH-2.0-OpenSSH_9.2\r\n'), 'malformed'],
    ['chunks that are none', send(`${ok}Transfer-Encoding: chunked\r\n\r\nzz\r\n`), 'malformed'],
    ['two lengths', send(`${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`), 'malformed'],
    ['a length and chunks', send(`${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`), 'malformed'],
    ['a header bomb', send(`${ok}X: ${'a'.repeat(20_000)}\r\n\r\n`), 'malformed'],
    ['many headers', send(`${ok}${'X-Name: value\r\n'.repeat(5000)}\r\n`), 'malformed'],
    ['nothing, then the end', end, 'closed'],
    ['half a status line', send('HTTP/1.1 20', end), 'closed'],
    ['half a body', send(`${ok}Content-Length: 100\r\n\r\nhalf`, end), 'closed'],
    ['half a chunk', send(`${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nab`, end), 'closed'],
    [
      'a reset in the middle',
      send(`${ok}Content-Length: 100\r\n\r\nhalf`, (socket) => socket.resetAndDestroy()),
      'closed',
    ],
    ['a reset at once', (socket) => void socket.resetAndDestroy(), 'closed'],
    ['a body that ends with the connection', send(`${ok}\r\nall of it`, end), 'pass'],
    ['100 Continue first', send(`HTTP/1.1 100 Continue\r\n\r\n${ok}Content-Length: 0\r\n\r\n`), 'pass'],
    [
      'an upgrade that nobody asked for',
      send('HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
      'http-status',
    ],
    [
      'the length of a body that 304 does not have',
      send('HTTP/1.1 304 Not Modified\r\nContent-Length: 2000000\r\n\r\n'),
      'pass',
    ],
    ['an announced body that is too large', send(`${ok}Content-Length: 2000000\r\n\r\n`), 'body-too-large'],
  ])('%s', async (_name, onRequest, expected) => {
    await using server = await startRaw(onRequest);
    expect((await probe(server, { expect: { status: ['200-299', 304] } })).verdict).toBe(expected);
  });

  test('an endless body ends at the limit', async () => {
    await using server = await startRaw((socket) => {
      socket.write(`${ok}\r\n`);
      const more = () => {
        while (socket.writable && socket.write('x'.repeat(65_536)));
      };
      socket.on('drain', more);
      more();
    });
    expect((await probe(server, { expect: { maxBytes: 200_000 } })).verdict).toBe('body-too-large');
  });

  test.each<[string, (socket: Socket) => void]>([
    ['silence', () => {}],
    ['half a head', send(`${ok}X-A: `)],
    ['half a body', send(`${ok}Content-Length: 100\r\n\r\nhalf`)],
    ['100 Continue for ever', send('HTTP/1.1 100 Continue\r\n\r\n'.repeat(100))],
  ])('%s takes the whole timeout and no more', async (_name, onRequest) => {
    await using server = await startRaw(onRequest);
    const { result, verdict } = await probe(server, {}, true);
    expect(verdict).toBe('timeout');
    expect(result.phases.total).toBe(TIMEOUT_MS);
  });

  test('a bad status does not wait for a body that never comes', async () => {
    await using server = await startRaw(send('HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nwhat a\nmess'));
    const { result, verdict } = await probe(server);
    expect(verdict).toBe('http-status');
    expect(result.transcript.at(-1)).toBe('< what a');
  });

  test('whatever bytes come, the run ends within its timeout and does not throw', async () => {
    let bytes = Buffer.alloc(0);
    await using server = await startRaw((socket) => socket.end(bytes));
    const start = fc.constantFrom(
      '',
      'HTTP/1.1 200 OK\r\n',
      `${ok}Transfer-Encoding: chunked\r\n\r\n`,
      `${ok}Content-Length: 9\r\n\r\n`,
    );
    const line = fc.constantFrom('\r\n', '\n', ':', '0', 'ffffffff', 'X: y\r\n', 'HTTP/1.1 200\r\n', '\0');
    const tail = fc.array(fc.oneof(line, fc.string({ unit: 'binary', maxLength: 30 })), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(start, tail, async (head, rest) => {
        bytes = Buffer.from(head + rest.join(''), 'latin1');
        const result = await new World().run(server.port, {}, { context: { clock: systemClock, timeoutMs: 5000 } });
        expect(['pass', 'late', 'fail']).toContain(result.outcome);
        expect(verdictOf(result)).not.toBe('timeout');
      }),
      { numRuns: 300 },
    );
  });
});

describe('redirects', () => {
  /** `/1` leads to `/2` and so on; `/10` is the end. */
  const chain: RequestListener = (request, response) => {
    const n = Number(request.url?.slice(1));
    if (n >= 10) response.end(`end of ${request.headers.host}`);
    else response.writeHead(302, { location: `/${n + 1}` }).end();
  };
  const loop = answer(302, { location: '/' });

  test.each<[string, RequestListener, object, string]>([
    ['are not followed by default', chain, { path: '/9' }, 'http-status'],
    ['are followed', chain, { path: '/8', redirects: 'follow' }, 'pass'],
    ['up to the limit', chain, { path: '/5', redirects: 'follow' }, 'pass'],
    ['not beyond it', chain, { path: '/4', redirects: 'follow' }, 'redirect'],
    ['in a loop', loop, { redirects: 'follow' }, 'redirect'],
    ['without Location', answer(302), { redirects: 'follow' }, 'redirect'],
    ['to another host', answer(302, { location: 'http://other.test/' }), { redirects: 'sameHost' }, 'redirect'],
  ])('%s', async (_name, listener, options, expected) => {
    await using server = await startHttp(listener);
    expect((await probe(server, options)).verdict).toBe(expected);
  });

  test('to another host go to the same address, with the new Host and without secrets', async () => {
    const seen: string[] = [];
    await using server = await startHttp((request, response) => {
      seen.push(`${request.headers.host} ${request.headers.authorization}`);
      const first = seen.length === 1;
      response.writeHead(first ? 302 : 200, first ? { location: `http://other.test:${server.port}/x` } : {}).end();
    });
    const secretHeaders = { Authorization: new Secret('Bearer t', 'test') };
    const { verdict } = await probe(server, { host: 'www.example.test', redirects: 'follow', secretHeaders });
    expect(verdict).toBe('pass');
    expect(seen).toEqual(['www.example.test Bearer t', `other.test:${server.port} undefined`]);
  });
});

describe('the network and our own side', () => {
  test('a closed port is refused at once', async () => {
    const port = await closedPort();
    const world = new World();
    expect(await world.run(port)).toMatchObject({ outcome: 'fail', cause: 'refused', phases: { total: 0 } });
    expect(await world.leftovers()).toEqual({ timers: 0, sockets: 0 });
  });

  test('phases, and late beyond the threshold', async () => {
    const world = new World();
    await using server = await startHttp(async (_request, response) => {
      await world.clock.advance(300);
      response.write('a');
      response.flushHeaders();
      await settle();
      await world.clock.advance(300);
      response.end('b');
    });
    const result = await world.run(server.port);
    expect(result).toMatchObject({ outcome: 'late', phases: { connect: 0, firstByte: 300, total: 600 } });
  });

  test('over IPv6', async () => {
    await using server = await startHttp(page, { address: '::1' });
    const result = await new World().run(server.port, {}, { target: { address: '::1', family: 6 } });
    expect(result).toMatchObject({ outcome: 'pass', detail: '200 OK, 21 bytes' });
  });

  test('source address and source ports are used', async () => {
    const port = await closedPort('127.0.0.2');
    let from = '';
    await using server = await startHttp((request, response) => {
      from = `${request.socket.remoteAddress}:${request.socket.remotePort}`;
      response.end();
    });
    const target = { source: '127.0.0.2', sourcePorts: { first: port, last: port } };
    expect(await new World().run(server.port, {}, { target })).toMatchObject({ outcome: 'pass' });
    expect(from).toBe(`127.0.0.2:${port}`);
  });

  test('a cancelled run is an error of ours, whether before or during it', async () => {
    await using server = await startRaw(() => {});
    for (const early of [true, false]) {
      const world = new World();
      if (early) world.abort.abort();
      const running = world.run(server.port);
      if (!early) await server.asked;
      world.abort.abort();
      expect(await running).toMatchObject({ outcome: 'error', cause: 'aborted' });
      expect(await world.leftovers()).toEqual({ timers: 0, sockets: 0 });
    }
  });

  test('cancelled while it goes on to the next page: that connection is closed too', async () => {
    const port = await closedPort('127.0.0.2');
    await using server = await startHttp(answer(302, { location: '/' }));
    const world = new World();
    let draws = 0;
    const integer = () => {
      if (++draws === 2) world.abort.abort();
      return 0;
    };
    const target = { source: '127.0.0.2', sourcePorts: { first: port, last: port } };
    const context = { random: { ...systemRandom, integer } };
    const result = await world.run(server.port, { redirects: 'follow' }, { target, context });
    expect(result).toMatchObject({ outcome: 'error', cause: 'aborted' });
    expect(draws).toBe(2);
    expect(await world.leftovers()).toEqual({ timers: 0, sockets: 0 });
  });

  test('a source address that this host does not have', async () => {
    const result = await new World().run(80, {}, { target: { source: '192.0.2.1' } });
    expect(result).toMatchObject({ outcome: 'error', cause: 'no-source-address' });
  });

  test.each(['at once', 'later'])('out of file descriptors, %s', async (when) => {
    const emfile = Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    const connectTcp: typeof systemSockets.connectTcp = () => {
      if (when === 'at once') throw emfile;
      const socket = systemSockets.connectTcp({ host: '127.0.0.1', port: 1 });
      return socket.destroy(emfile);
    };
    const result = await new World().run(80, {}, { context: { sockets: { ...systemSockets, connectTcp } } });
    expect(result).toMatchObject({ outcome: 'error', cause: 'resource-limit' });
  });
});

async function closedPort(address = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, address);
  await once(server, 'listening');
  const where = server.address();
  server.close();
  await once(server, 'close');
  return typeof where === 'object' && where !== null ? where.port : 0;
}
