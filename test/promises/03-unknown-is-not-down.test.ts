/** Promise 3: trouble on our own side is never evidence, neither against an endpoint nor for it. */
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Daemon } from '../../src/daemon.ts';
import { EmbeddedEndpoint } from '../../src/demo/responders/endpoint.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { Secret } from '../../src/lib/secret.ts';
import type { ErrorCause, ProbeResult } from '../../src/model.ts';
import type { AnytrackEvent } from '../../src/notify/contract.ts';
import type { Sockets } from '../../src/probes/contract.ts';
import { probeKinds } from '../../src/probes/registry.ts';
import { systemSockets } from '../../src/probes/sockets.ts';
import { createMemoryDriver } from '../../src/routers/memory/driver.ts';
import { memoryPlatform } from '../../src/routers/memory/platform.ts';
import { MemoryRouter } from '../../src/routers/memory/router.ts';
import { type Answer, anEndpoint, aPolicy, someSettings, World } from '../scenarios/world.ts';
import { announced, BOTH, ours, routeVia, stop } from './daemon-world.ts';
import { until } from './until.ts';

/** Every cause there is: a new one that is not listed here does not compile. */
const CAUSES = Object.keys({
  'no-source-address': true,
  'no-route': true,
  'resource-limit': true,
  permission: true,
  resolver: true,
  stalled: true,
  aborted: true,
  internal: true,
} satisfies Record<ErrorCause, true>) as ErrorCause[];

/** Plays one answer per second to endpoint a; a later one is not asked for before its second. */
async function play(world: World, answers: readonly Answer[]): Promise<void> {
  for (const answer of answers) {
    world.answers.set('10.10.10.1', answer);
    await world.clock.advance(1000);
  }
}

describe.each(CAUSES)('our own trouble: %s', (error) => {
  test('ten minutes of it withdraw nothing, and what is down stays down', async () => {
    const world = await announced();
    world.answers.set('10.10.10.2', 'refused');
    await world.clock.advance(2000);
    expect(world.installed()).toEqual(['10.10.10.1']);
    for (const address of BOTH) world.answers.set(address, { error });
    await world.clock.advance(10 * 60_000);
    expect(world.installed()).toEqual(['10.10.10.1']);
    await stop(world);
  });

  test('after a start it neither announces nor withdraws what is there', async () => {
    const there = new World();
    const router = new MemoryRouter(
      { routes: [{ key: routeVia('10.10.10.1'), attributes: ours('a') }] },
      { clock: there.clock },
    );
    const world = new World(someSettings(), { edge1: router });
    for (const address of BOTH) world.answers.set(address, { error });
    await world.start();
    await world.clock.advance(60_000);
    expect(world.installed()).toEqual(['10.10.10.1']);
    await stop(world);
  });
});

describe('between failures', () => {
  // fall: 2; fastFrequency would ask again at once, so it is as slow as the frequency here.
  const slow = () => {
    const policy = aPolicy();
    return someSettings({
      policies: [{ ...policy, probes: policy.probes.map((probe) => ({ ...probe, fastFrequencyMs: 1000 })) }],
    });
  };

  test('one failure and a hundred errors are one failure', async () => {
    const world = new World(slow());
    await world.start();
    await world.clock.advance(5000);
    expect(world.installed()).toEqual(BOTH);
    await play(world, ['refused', ...CAUSES.flatMap((error) => Array.from({ length: 12 }, () => ({ error })))]);
    expect(world.installed()).toEqual(BOTH);
    expect(world.eventsOf('trackChanged').filter(({ track }) => track.state === 'down')).toEqual([]);
    await stop(world);
  });

  test('one pass and a hundred errors do not bring it back', async () => {
    const world = new World(slow());
    world.answers.set('10.10.10.1', 'refused');
    await world.start();
    await world.clock.advance(5000);
    expect(world.installed()).toEqual(['10.10.10.2']);
    await play(world, ['pass', ...CAUSES.flatMap((error) => Array.from({ length: 12 }, () => ({ error })))]);
    expect(world.installed()).toEqual(['10.10.10.2']);
    await stop(world);
  });
});

describe('other trouble of ours', () => {
  test('a session that is lost again and again says nothing about any endpoint', async () => {
    const world = await announced();
    for (let i = 0; i < 50; i++) {
      world.routers.edge1?.cut();
      await world.clock.advance(777);
    }
    expect(world.eventsOf('trackChanged')).toEqual([]);
    expect(world.eventsOf('verdictChanged')).toEqual([]);
    expect(world.installed()).toEqual(BOTH);
    await stop(world);
  });

  test.each([50, 400, 2_000, 3_600_000])('stalled for %i ms in the middle of every run, ten times over', async (ms) => {
    const world = await announced();
    for (let i = 0; i < 10; i++) {
      for (const address of BOTH) world.answers.set(address, 'hang');
      await world.clock.advance(100);
      world.clock.stall(ms);
      world.answers.clear();
      await world.clock.advance(3000);
    }
    expect(world.eventsOf('routeChanged').filter(({ report }) => report.change.op === 'remove')).toEqual(
      // Hanging for 100 ms alone is no failure, and what was out during a stall is no evidence.
      [],
    );
    expect(world.installed()).toEqual(BOTH);
    await stop(world);
  });
});

/** What the kernel says when our side has no more of something; as a throw, or later as an event. */
const ERRNOS = [
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'EADDRINUSE',
  'ENETUNREACH',
  'EACCES',
  'EPERM',
];

function broken(code: string): Sockets {
  const error = () => Object.assign(new Error(`injected ${code}`), { code });
  return {
    createUdp: () => {
      throw error();
    },
    connectTcp: (options) => {
      const socket = systemSockets.connectTcp(options);
      socket.destroy(error());
      return socket;
    },
    connectTls: () => {
      throw error();
    },
  };
}

describe('real probes on real sockets', () => {
  async function realWorld(sockets: Sockets) {
    const dependencies = { clock: systemClock, random: systemRandom };
    const endpoint = new EmbeddedEndpoint(
      {
        address: '127.0.0.1',
        dns: { records: [{ type: 'A', name: 'a.example', ttl: 60, data: '192.0.2.1' }] },
        http: { body: 'ok' },
        radius: { secret: 'testing123' },
      },
      dependencies,
    );
    const ports = await endpoint.start();
    onTestFinished(() => endpoint.close());
    const options: Readonly<Record<string, unknown>> = {
      dns: { name: 'a.example', type: 'A', port: ports.dns },
      http: { port: ports.http },
      radius: { port: ports.radius, secret: new Secret('testing123', 'test') },
    };
    const policies = Object.entries(options).map(([kind, raw], i) => {
      const name = kind;
      const target = { ...anEndpoint('a', '10.10.10.1'), targets: [{ name: 'a', address: '127.0.0.1' }] };
      const policy = aPolicy({ name, address: `10.0.0.${i + 1}`, endpoints: [target] });
      const parsed = probeKinds.get(kind)?.schema.parse(raw);
      const plan = { kind, options: parsed, frequencyMs: 60, fastFrequencyMs: 20, timeoutMs: 50, thresholdMs: 40 };
      return { ...policy, probes: policy.probes.map((probe) => ({ ...probe, ...plan })) };
    });
    const router = new MemoryRouter({}, { clock: systemClock });
    const daemon = new Daemon(someSettings({ policies }), {
      clock: systemClock,
      random: systemRandom,
      sockets,
      probeKinds,
      log: pino({ level: 'silent' }),
      redact: (text) => text,
      version: 'test',
      routerParts: () => ({ driver: createMemoryDriver(router, { clock: systemClock }), platform: memoryPlatform }),
    });
    const events: AnytrackEvent[] = [];
    daemon.subscribe((event) => events.push(event));
    await daemon.start();
    onTestFinished(() => daemon.stop('test'));
    const installed = () => router.table().filter((route) => route.installed).length;
    const results = () => events.flatMap((event) => (event.type === 'probeResult' ? [event] : []));
    return { daemon, endpoint, events, installed, results };
  }

  test('each errno of ours, on every kind of probe: an error, no evidence; and the same probes still see a dead endpoint', async () => {
    let current = systemSockets;
    // Sockets that can be changed under a running daemon.
    const world = await realWorld({
      createUdp: ((...args: Parameters<Sockets['createUdp']>) => current.createUdp(...args)) as Sockets['createUdp'],
      connectTcp: (options) => current.connectTcp(options),
      connectTls: (options) => current.connectTls(options),
    });
    await until('three routes', () => world.installed() === 3);
    for (const code of ERRNOS) {
      world.events.length = 0;
      current = broken(code);
      const spoiled = (result: ProbeResult) => result.outcome === 'error' && result.cause !== 'stalled';
      await until(`errors of every kind by ${code}`, () =>
        ['dns', 'http', 'radius'].every(
          (policy) => world.results().filter((event) => event.policy === policy && spoiled(event.result)).length >= 4,
        ),
      );
      expect(world.installed()).toBe(3);
      expect(world.events.filter(({ type }) => type === 'verdictChanged')).toEqual([]);
      current = systemSockets;
      await until('a pass of every kind', () =>
        ['dns', 'http', 'radius'].every((policy) =>
          world.results().some((event) => event.policy === policy && event.result.outcome === 'pass'),
        ),
      );
    }
    // The counter-proof: a world in which nothing is ever withdrawn would pass the above.
    world.endpoint.hang(true);
    await until('all routes to be gone', () => world.installed() === 0);
  }, 30_000);
});
