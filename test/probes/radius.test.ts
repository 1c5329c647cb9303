import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/lib/secret.ts';
import type { ProbeContext } from '../../src/probes/contract.ts';
import { systemSockets } from '../../src/probes/sockets.ts';
import { type Responder, replyTo, type Script, startResponder } from './radius/responder.ts';
import { TIMEOUT_MS, World } from './radius/world.ts';

const user = { name: 'probe', password: new Secret('hunter2-hunter2-hunter2', 'test') };

/** One run against a server that answers by `script`; after `until` datagrams the timeout passes. */
async function probe(script: Script, options: object = {}, until?: number, identity?: string) {
  const world = new World();
  await using responder = await startResponder(script);
  const running = world.run(responder.port, options, identity === undefined ? {} : { target: { identity } });
  if (until !== undefined) {
    await world.heard(until);
    await world.clock.advance(TIMEOUT_MS);
  }
  const result = await running;
  expect(await world.leftovers()).toEqual({ timers: 0, sockets: 0 });
  return { result, responder, verdict: 'cause' in result ? result.cause : result.outcome };
}

const authentic: Script = (request) => [replyTo(request)];

describe('what a server answers', () => {
  test.each<[string, Script, object, string]>([
    ['an Access-Accept to Status-Server', authentic, {}, 'pass'],
    ['an Accounting-Response', (request) => [replyTo(request, { code: 5 })], { accounting: true }, 'pass'],
    [
      'an Accounting-Response without Message-Authenticator, as RFC 5997 section 6.2 shows it',
      (request) => [replyTo(request, { code: 5, signed: false })],
      { accounting: true },
      'pass',
    ],
    ['an Access-Reject where any answer is life', (request) => [replyTo(request, { code: 3 })], {}, 'pass'],
    ['an Access-Reject', (request) => [replyTo(request, { code: 3 })], { accept: ['accept'] }, 'access-reject'],
    ['an Access-Challenge', (request) => [replyTo(request, { code: 11 })], { accept: ['accept'] }, 'access-challenge'],
    [
      'an Access-Accept for a user that must not exist',
      authentic,
      { mode: 'pap', user, accept: ['reject'] },
      'access-accept',
    ],
    ['another code', (request) => [replyTo(request, { code: 5 })], {}, 'wrong-code'],
    [
      'the wanted attribute',
      (request) => [replyTo(request, { attributes: [[18, 'ready']] })],
      { expect: { attributes: [{ attribute: 'Reply-Message', equals: 'ready' }] } },
      'pass',
    ],
    [
      'an attribute that its pattern takes too long for',
      (request) => [replyTo(request, { attributes: [[18, 'a'.repeat(250)]] })],
      { expect: { attributes: [{ attribute: 'Reply-Message', match: '.*a.*a.*a.*a.*b' }] } },
      'resource-limit',
    ],
    [
      'another attribute',
      (request) => [replyTo(request, { attributes: [[18, 'draining']] })],
      { expect: { attributes: [{ attribute: 'Reply-Message', equals: 'ready' }] } },
      'attribute-mismatch',
    ],
    [
      'no Message-Authenticator where that is allowed',
      (request) => [replyTo(request, { signed: false })],
      { messageAuthenticator: 'acceptMissing' },
      'pass',
    ],
  ])('%s', async (_name, script, options, expected) => {
    expect((await probe(script, options)).verdict).toBe(expected);
  });

  test.each([
    ['radius-1', 'pass'],
    ['radius-2', 'wrong-identity'],
  ])('the identity %s', async (name, expected) => {
    const script: Script = (request) => [replyTo(request, { attributes: [[18, name]] })];
    const { verdict } = await probe(script, { identity: { attribute: 'Reply-Message' } }, undefined, 'radius-1');
    expect(verdict).toBe(expected);
  });

  test('an identity that nobody told us is our own mistake, not evidence', async () => {
    const result = await new World().run(1812, { identity: { attribute: 'Reply-Message' } });
    expect(result).toMatchObject({ outcome: 'error', cause: 'internal' });
  });
});

describe('what proves nothing is waited past and told at the timeout', () => {
  const forged: Script = (request) => [replyTo(request, { secret: 'guess' })];
  const unsigned: Script = (request) => [replyTo(request, { signed: false })];
  const junk: Script = () => [Buffer.from('junk')];

  test.each<[string, Script, number, string]>([
    ['another secret', forged, 1, 'wrong-authenticator'],
    ['an answer without Message-Authenticator', unsigned, 1, 'unsigned-reply'],
    ['junk', junk, 1, 'malformed'],
    [
      'another identifier',
      (request) => [replyTo(request, { identifier: ((request[1] ?? 0) + 1) % 256 })],
      1,
      'timeout',
    ],
    ['unsigned, then forged, then junk: the most telling cause', all(unsigned, forged, junk), 3, 'unsigned-reply'],
    ['junk, then forged', all(junk, forged), 2, 'wrong-authenticator'],
  ])('%s', async (_name, script, datagrams, expected) => {
    const { result, verdict } = await probe(script, {}, datagrams);
    expect(verdict).toBe(expected);
    expect(result.phases.total).toBe(TIMEOUT_MS);
  });

  test('a forger who is quicker cannot make a healthy server look failed', async () => {
    const rejected: Script = (request) => [replyTo(request, { code: 3, secret: 'guess' })];
    const { result, verdict } = await probe(all(junk, rejected, unsigned, authentic), { accept: ['accept'] });
    expect(verdict).toBe('pass');
    expect(result.transcript).toContain('  not believed: wrong-authenticator');
  });

  test('a replayed answer cannot make a dead server look alive', async () => {
    const world = new World();
    let recorded: Buffer | undefined;
    await using responder = await startResponder((request) => {
      recorded ??= replyTo(request);
      // The attacker puts the new identifier into the old answer, so that it is looked at.
      const replay = Buffer.from(recorded);
      replay[1] = request[1] ?? 0;
      return [replay];
    });
    expect((await world.run(responder.port)).outcome).toBe('pass');
    const second = world.run(responder.port);
    await world.heard(2);
    await world.clock.advance(TIMEOUT_MS);
    expect(await second).toMatchObject({ outcome: 'fail', cause: 'wrong-authenticator' });
  });

  test('an answer from another port of the server is not heard', async () => {
    const other = createSocket('udp4').bind(0, '127.0.0.1');
    await once(other, 'listening');
    const world = new World();
    const sent = Promise.withResolvers<void>();
    await using responder = await startResponder((request, { from }) => {
      other.send(replyTo(request), from.port, from.address, () => sent.resolve());
      return [];
    });
    const running = world.run(responder.port);
    await sent.promise;
    await world.clock.advance(TIMEOUT_MS);
    other.close();
    expect(await running).toMatchObject({ cause: 'timeout', detail: 'no answer within 1000 ms, 1 try' });
  });

  test('whatever is sent, it neither throws nor passes', async () => {
    const datagrams = fc
      .sample(fc.uint8Array({ maxLength: 200 }), { numRuns: 60, seed: 1 })
      .map((octets) => Buffer.from(octets));
    const mutants = (request: Buffer) =>
      datagrams.map((octets, i) => {
        const reply = replyTo(request);
        reply[i % reply.length] = (reply[i % reply.length] ?? 0) ^ ((octets[0] ?? 1) || 1);
        return reply;
      });
    const script: Script = (request) => [...datagrams, ...mutants(request)];
    const { verdict } = await probe(script, {}, datagrams.length);
    expect(['malformed', 'wrong-authenticator']).toContain(verdict);
  });
});

describe('tries', () => {
  test('each has its own identifier and authenticator; the answer to the third is enough', async () => {
    const world = new World();
    await using responder = await startResponder((request, { count }) => {
      if (count === 3) return [replyTo(request)];
      void world.clock.advance(300);
      return [];
    });
    const result = await world.run(responder.port, { tries: 3, tryTimeout: '300ms' });
    expect(result).toMatchObject({ outcome: 'late', phases: { total: 600 } });
    expect(distinct(responder, (request) => request[1])).toBe(3);
    expect(distinct(responder, (request) => request.toString('hex', 4, 20))).toBe(3);
    expect(new Set(responder.sources).size).toBe(1);
  });

  test('a slow answer to the first try counts, with the time it took', async () => {
    const world = new World();
    let first: Buffer | undefined;
    await using responder = await startResponder((request) => {
      if (first !== undefined) return [replyTo(first)];
      first = request;
      void world.clock.advance(500);
      return [];
    });
    expect(await world.run(responder.port, { tries: 2 })).toMatchObject({ outcome: 'pass', phases: { total: 500 } });
  });

  test('silence takes all tries and the whole timeout', async () => {
    const world = new World();
    await using responder = await startResponder((_request, { count }) => {
      void world.clock.advance(count < 4 ? TIMEOUT_MS / 4 : TIMEOUT_MS);
      return [];
    });
    const result = await world.run(responder.port, { tries: 4 });
    expect(result).toMatchObject({ cause: 'timeout', detail: 'no answer within 1000 ms, 4 tries' });
    expect(responder.requests.length).toBe(4);
    expect(await world.leftovers()).toEqual({ timers: 0, sockets: 0 });
  });
});

describe('requests', () => {
  const types = (request: Buffer) => {
    const found: number[] = [];
    for (let at = 20; at < request.length; at += request[at + 1] ?? 300) found.push(request[at] ?? 0);
    return found;
  };
  const MESSAGE_AUTHENTICATOR = 80;

  test.each<[string, object, number, number[]]>([
    ['Status-Server', {}, 12, [32]],
    ['Status-Server for accounting', { accounting: true, nasIpAddress: '192.0.2.1' }, 12, [32, 4]],
    ['PAP', { mode: 'pap', user, calledStationId: 'a', callingStationId: 'b' }, 1, [1, 2, 32, 30, 31]],
    ['CHAP', { mode: 'chap', user, nasIpAddress: '2001:db8::1' }, 1, [1, 3, 32, 95]],
  ])('%s: Message-Authenticator stands first', async (_name, options, code, rest) => {
    const { responder } = await probe(
      (request) => [replyTo(request, { code: 'accounting' in options ? 5 : 2 })],
      options,
    );
    const request = responder.requests[0] ?? Buffer.alloc(0);
    expect(request[0]).toBe(code);
    expect(types(request)).toEqual([MESSAGE_AUTHENTICATOR, ...rest]);
  });

  test('no secret is in the transcript or the detail', async () => {
    for (const mode of ['pap', 'chap']) {
      const { result } = await probe(authentic, { mode, user });
      expect(JSON.stringify(result)).not.toMatch(/hunter2|xyzzy/);
      expect(result.transcript.length).toBe(2);
    }
  });
});

describe('the network and our own side', () => {
  test('a closed port is refused at once', async () => {
    const world = new World();
    const port = await closedPort();
    expect(await world.run(port)).toMatchObject({ outcome: 'fail', cause: 'refused', phases: { total: 0 } });
    expect(await world.leftovers()).toEqual({ timers: 0, sockets: 0 });
  });

  test('slower than the threshold is late', async () => {
    const world = new World();
    await using responder = await startResponder(async (request) => {
      await world.clock.advance(501);
      return [replyTo(request)];
    });
    expect(await world.run(responder.port)).toMatchObject({ outcome: 'late', phases: { firstByte: 501, total: 501 } });
  });

  test('over IPv6', async () => {
    const world = new World();
    await using responder = await startResponder(authentic, '::1');
    expect(await world.run(responder.port, {}, { target: { address: '::1', family: 6 } })).toMatchObject({
      outcome: 'pass',
    });
  });

  test('source address and source ports are used', async () => {
    const world = new World();
    const port = await closedPort('127.0.0.2');
    let from = '';
    await using responder = await startResponder((request, about) => {
      from = `${about.from.address}:${about.from.port}`;
      return [replyTo(request)];
    });
    const target = { source: '127.0.0.2', sourcePorts: { first: port, last: port } };
    expect(await world.run(responder.port, {}, { target })).toMatchObject({ outcome: 'pass' });
    expect(from).toBe(`127.0.0.2:${port}`);
  });

  test('a cancelled run is an error of ours, whether before or during it', async () => {
    await using responder = await startResponder(() => []);
    for (const early of [true, false]) {
      const world = new World();
      if (early) world.abort.abort();
      const running = world.run(responder.port);
      world.abort.abort();
      expect(await running).toMatchObject({ outcome: 'error', cause: 'aborted' });
      expect(await world.leftovers()).toEqual({ timers: 0, sockets: 0 });
    }
  });

  test('a source address that this host does not have', async () => {
    const result = await new World().run(1812, {}, { target: { source: '192.0.2.1' } });
    expect(result).toMatchObject({ outcome: 'error', cause: 'no-source-address' });
  });

  test.each(['at once', 'on bind'])('out of file descriptors, %s', async (when) => {
    const emfile = Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    const createUdp = ((...args: Parameters<typeof systemSockets.createUdp>) => {
      if (when === 'at once') throw emfile;
      const socket = systemSockets.createUdp(...args);
      socket.bind = () => {
        process.nextTick(() => socket.emit('error', emfile));
        return socket;
      };
      return socket;
    }) as ProbeContext['sockets']['createUdp'];
    const result = await new World().run(1812, {}, { context: { sockets: { ...systemSockets, createUdp } } });
    expect(result).toMatchObject({ outcome: 'error', cause: 'resource-limit' });
  });
});

function all(...scripts: Script[]): Script {
  return async (request, about) => (await Promise.all(scripts.map((script) => script(request, about)))).flat();
}

function distinct(responder: Responder, key: (request: Buffer) => unknown): number {
  return new Set(responder.requests.map(key)).size;
}

async function closedPort(address = '127.0.0.1'): Promise<number> {
  const socket = createSocket('udp4').bind(0, address);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
