/** Promise 7: a slow, locked, rebooting or lying router delays nobody else's routes and no probe. */
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { Daemon } from '../../src/daemon.ts';
import { LOCKS, noFaults } from '../../src/demo/ios-router/faults.ts';
import type { SimulatedIosRouter } from '../../src/demo/ios-router/router.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { AnytrackEvent } from '../../src/notify/contract.ts';
import { Run } from '../../src/probes/run.ts';
import { systemSockets } from '../../src/probes/sockets.ts';
import { routerParts } from '../../src/routers/parts.ts';
import { startRouter } from '../demo/ios-router/router-world.ts';
import { aPolicy, someSettings } from '../scenarios/world.ts';
import { sshSettings } from './ios-world.ts';
import { until } from './until.ts';

/** What goes wrong with edge1; each is switched on while its session is up. */
const TROUBLES: Readonly<Record<string, (router: SimulatedIosRouter) => unknown>> = {
  'never answers `configure terminal`': ({ faults }) => Object.assign(faults, { hangOn: /^configure/ }),
  'never answers a route line': ({ faults }) => Object.assign(faults, { hangOn: /^no ip route/ }),
  'never answers the first read': ({ faults }) => Object.assign(faults, { hangOn: /^show running/ }),
  'never answers `end`': ({ faults }) => Object.assign(faults, { hangOn: /^end/ }),
  'echoes a byte in 30 ms': ({ faults }) => Object.assign(faults, { echoMsPerByte: 30 }),
  'answers after a second': ({ faults }) => Object.assign(faults, { replyDelayMs: 1000 }),
  'is locked by another user': ({ faults }) => Object.assign(faults, { lock: LOCKS.exclusive }),
  'refuses every line': ({ faults }) => Object.assign(faults, { refuseCommands: /^no ip route/ }),
  'takes every line and does nothing': ({ faults }) => Object.assign(faults, { ignoreWrites: true }),
  'drops the session at every route line': ({ faults }) =>
    Object.assign(faults, { loseSession: { when: 'before', on: /^no ip route/, times: 1000 } }),
  'drops every session and never says a word again': (router) => {
    router.faults.silentConnections = true;
    router.cutSessions();
  },
  reboots: (router) => void router.reload(1500),
};

/** Milliseconds between probes; a change on edge2 takes two of them and a visit. The limit is under every deadline of edge1. */
const FREQUENCY_MS = 50;
const LIMIT_MS = 1500;

interface World {
  readonly edge1: SimulatedIosRouter;
  readonly edge2: SimulatedIosRouter;
  readonly events: AnytrackEvent[];
  /** Switches the endpoint a: well or not. */
  well: boolean;
  runs: number;
}

async function twoRouters(): Promise<World> {
  const [first, second] = await Promise.all([startRouter(), startRouter()]);
  const world: World = { edge1: first.router, edge2: second.router, events: [], well: true, runs: 0 };
  const policy = aPolicy({ routers: ['edge1', 'edge2'] });
  const settings = someSettings({
    routers: [
      { ...sshSettings('edge1', first.port, first.hostKeyFingerprint), readyTimeoutMs: 1000 },
      sshSettings('edge2', second.port, second.hostKeyFingerprint),
    ],
    policies: [
      {
        ...policy,
        probes: policy.probes.map((probe) => ({ ...probe, frequencyMs: FREQUENCY_MS, fastFrequencyMs: FREQUENCY_MS })),
      },
    ],
  });
  const daemon = new Daemon(settings, {
    clock: systemClock,
    random: systemRandom,
    sockets: systemSockets,
    probeKinds: new Map([
      [
        'fake',
        {
          kind: 'fake',
          summary: 'answers as told',
          schema: z.unknown(),
          asksIdentity: () => false,
          describe: () => 'fake',
          run: async ({ address }, _options, context) => {
            world.runs += 1;
            const run = new Run(context);
            return world.well || address !== '10.10.10.1' ? run.pass('well') : run.fail('refused', 'ill');
          },
        },
      ],
    ]),
    log: pino({ level: 'silent' }),
    redact: (text) => text,
    version: 'test',
    routerParts: (router, prefixes) => routerParts(router, prefixes, { clock: systemClock, random: systemRandom }),
  });
  daemon.subscribe((event) => world.events.push(event));
  await daemon.start();
  onTestFinished(async () => {
    // A stop waits for routers that may still answer; the trouble is over by then.
    Object.assign(first.router.faults, noFaults());
    first.router.cutSessions();
    await daemon.stop('test');
  });
  return world;
}

function routes({ device }: SimulatedIosRouter): number {
  return device.running.length;
}

describe('edge1', () => {
  test.each(Object.keys(TROUBLES))('%s: edge2 has the change at once, and no probe waits', async (name) => {
    const world = await twoRouters();
    await until('both routes on both routers', () => routes(world.edge1) === 2 && routes(world.edge2) === 2);
    await until('the proofs', () => world.events.filter(({ type }) => type === 'routeChanged').length === 4);
    TROUBLES[name]?.(world.edge1);
    world.events.length = 0;
    const { runs } = world;
    const began = systemClock.now();
    world.well = false;
    const isDone = (event: AnytrackEvent) => event.type === 'routeChanged' && event.report.router === 'edge2';
    await until('the change on edge2', () => world.events.find(isDone));
    expect(systemClock.now() - began).toBeLessThan(LIMIT_MS);
    // And again, while edge1 is in the middle of its trouble.
    world.well = true;
    await until('the way back on edge2', () => routes(world.edge2) === 2);
    const tookMs = systemClock.now() - began;
    expect(world.runs - runs).toBeGreaterThanOrEqual(Math.floor(tookMs / FREQUENCY_MS));
  });
});
