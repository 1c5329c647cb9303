/**
 * The whole daemon under whatever comes: endpoints that fail, reloads, stalls, suspends, a router that misbehaves.
 * Whatever it was, no route of a good endpoint is taken away on the way, and in the end the router is as it should be.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Reaction } from '../../src/health/rules.ts';
import type { MemoryFaults } from '../../src/routers/memory/router.ts';
import type { Settings } from '../../src/settings/contract.ts';
import { type Answer, anEndpoint, aPolicy, aRouter, someSettings, World } from './world.ts';

const [FAILING, GOOD] = ['10.10.10.1', '10.10.10.2'] as const;

const REACTIONS: readonly Reaction[] = [
  { type: 'immediate' },
  { type: 'consecutive', fall: 2, rise: 2 },
  { type: 'xOfY', x: 2, y: 3 },
  { type: 'average', count: 2, downAboveMs: 200, upBelowMs: 100 },
];

/** Configurations that differ in all that a reload may change without changing what should be announced. */
const someConfiguration: fc.Arbitrary<Settings> = fc
  .record({
    tag: fc.constantFrom(undefined, 101, 102),
    reaction: fc.constantFrom(...REACTIONS),
    delayMs: fc.constantFrom(0, 2000),
    frequencyMs: fc.constantFrom(500, 1000),
    makeBeforeBreak: fc.boolean(),
    routers: fc.constantFrom(['edge1'], ['edge1', 'edge2']),
    commandTimeoutMs: fc.constantFrom(1000, 2000),
    orphans: fc.constantFrom('report' as const, 'remove' as const),
    others: fc.constantFrom([], [aPolicy({ name: 'web', address: '10.0.0.2', endpoints: [anEndpoint('c', GOOD)] })]),
  })
  .map(({ tag, reaction, delayMs, frequencyMs, commandTimeoutMs, orphans, others, ...rest }) => {
    const { probes, health } = aPolicy();
    const policy = aPolicy({
      ...rest,
      route: tag === undefined ? {} : { tag },
      probes: probes.map((probe) => ({ ...probe, frequencyMs })),
      rules: {
        probes: (health.a?.probes ?? []).map((probe) => ({ ...probe, reaction })),
        delay: { upMs: delayMs, downMs: delayMs },
      },
    });
    const routers = [{ ...aRouter('edge1'), commandTimeoutMs }, aRouter('edge2')];
    return someSettings({ orphans, routers, policies: [policy, ...others] });
  });

interface Happening {
  readonly name: string;
  run(chaos: Chaos): void;
}

class Chaos {
  readonly world = new World(someSettings({ routers: [aRouter('edge1'), aRouter('edge2')] }));
  #reloading = Promise.resolve();

  /** Reloads run one after the other, as after several SIGHUPs. */
  reload(settings: Settings): void {
    this.#reloading = this.#reloading.then(() => this.world.daemon.reload(settings));
  }

  get router() {
    const { edge1 } = this.world.routers;
    if (edge1 === undefined) throw new Error('no router');
    return edge1;
  }
}

const answers = (address: string, ...some: readonly Answer[]): fc.Arbitrary<Happening> =>
  fc.constantFrom(...some).map((answer) => ({
    name: `${address} ${JSON.stringify(answer)}`,
    run: ({ world }) => void world.answers.set(address, answer),
  }));

const fault = (name: string, faults: Partial<MemoryFaults>): Happening => ({
  name,
  run: ({ router }) => void Object.assign(router.faults, faults),
});

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 3, arbitrary: answers(FAILING, 'pass', 'hang', 'refused', { error: 'no-route' }) },
  { weight: 1, arbitrary: answers(GOOD, 'pass', { error: 'no-route' }) },
  {
    weight: 3,
    arbitrary: someConfiguration.map((next) => ({ name: 'reload', run: (chaos: Chaos) => chaos.reload(next) })),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Happening>(
      { name: 'stall', run: ({ world }) => world.clock.stall(3000) },
      { name: 'suspend', run: ({ world }) => world.clock.suspend(60_000) },
      { name: 'cut', run: ({ router }) => router.cut() },
      { name: 'reload of the router', run: ({ router }) => router.reload() },
      fault('lock', { lockedScripts: 3 }),
      fault('freeze', { frozen: true }),
      fault('thaw', { frozen: false }),
      fault('lost before the write', { loseSession: 'beforeWrite' }),
      fault('lost after the write', { loseSession: 'afterWrite' }),
      fault('a write that is not done', { ignoreScripts: 2 }),
      fault('refused login', { refuseOpen: 'refused' }),
      fault('slow', { delayMs: 300 }),
    ),
  },
);

const MENDED: Partial<MemoryFaults> = {
  frozen: false,
  lockedScripts: 0,
  loseSession: undefined,
  ignoreScripts: 0,
  refuseOpen: undefined,
  delayMs: 0,
};

const runsIn = ({ events }: World) => events.filter(({ type }) => type === 'probeResult').length;

test('promises 3, 4, 5 and 9: no good endpoint loses its route, and in the end everything is as it should be', async () => {
  const pause = fc.constantFrom(0, 10, 100, 1100, 4000);
  const property = fc.asyncProperty(
    fc.array(fc.tuple(happening, pause), { maxLength: 12 }),
    someConfiguration,
    async (story, last) => {
      const chaos = new Chaos();
      const { world } = chaos;
      await world.start();
      await world.clock.advance(3000);
      for (const [event, ms] of story) {
        event.run(chaos);
        await world.clock.advance(ms);
      }
      Object.assign(chaos.router.faults, MENDED);
      world.answers.set(FAILING, 'refused').set(GOOD, 'pass');
      chaos.reload(last);
      await world.clock.advance(100_000);
      expect(world.installed()).toEqual([GOOD]);
      const removals = [...world.eventsOf('routeChanged'), ...world.eventsOf('routeFailed')]
        .map(({ report }) => report)
        .filter(({ router, change }) => router === 'edge1' && change.op === 'remove')
        .filter(({ change: { key } }) => key.prefix === '10.0.0.1/32' && key.nextHop === GOOD);
      expect(removals).toEqual([]);
      // Nothing is left running fast, and nothing has stopped.
      const before = runsIn(world);
      await world.clock.advance(10_000);
      const perSecond = last.policies.flatMap((policy) =>
        policy.endpoints.map(() => 1000 / (policy.probes[0]?.frequencyMs ?? 1000)),
      );
      const expected = 10 * perSecond.reduce((sum, rate) => sum + rate, 0);
      expect(Math.abs(runsIn(world) - before - expected)).toBeLessThanOrEqual(3);
      const stopping = world.daemon.stop('test');
      await world.clock.advance(30_000);
      await stopping;
      expect(world.clock.pending).toBe(0);
    },
  );
  await fc.assert(property, { numRuns: 150 });
}, 60_000);
