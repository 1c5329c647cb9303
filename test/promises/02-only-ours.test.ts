/** Promise 2: a route without our mark is never changed or removed; it is a conflict, reported and left alone. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LOCKS } from '../../src/demo/ios-router/faults.ts';
import type { DesiredRoute, RouteAttributes } from '../../src/model.ts';
import { frr } from '../../src/routers/cli/frr.ts';
import { memoryPlatform } from '../../src/routers/memory/platform.ts';
import { key, World } from '../routers/reconciler-world.ts';
import { iosWorld, OUR_LINE, wish } from './ios-world.ts';
import { until } from './until.ts';
import { objections, writes } from './wire.ts';

const LINE = 'ip route 10.0.0.1 255.255.255.255 10.10.10.1';

describe("somebody else's route on a real command line", () => {
  test.each([
    ['no mark at all', LINE],
    ['the same prefix and next hop, another tag', `${LINE} tag 7 name noc`],
    ['tag right, name wrong', `${LINE} tag 4200 name noc`],
    ['tag right, name missing', `${LINE} tag 4200`],
    ['tag right, name that only begins like ours', `${LINE} tag 4200 name anytracker`],
    ['tag right, our name in capitals', `${LINE} tag 4200 name ANYTRACK-resolver`],
    ['name right, tag wrong', `${LINE} tag 4201 name anytrack-resolver`],
    ['name right, tag missing', `${LINE} name anytrack-resolver`],
    [
      'the same next hop through an interface',
      `ip route 10.0.0.1 255.255.255.255 GigabitEthernet1 10.10.10.1 name noc`,
    ],
  ])('%s: neither withdrawn nor announced over', async (_name, line) => {
    const w = await iosWorld({ router: { startup: [line] }, reconciler: { orphans: 'remove' } });
    for (const want of ['absent', 'present', 'absent'] as const) {
      w.reconciler.setDesired([wish(want), wish(want, { nextHop: '10.10.10.2' }, { endpoint: 'b' })]);
      await w.shows(`${LINE.replace('10.10.10.1', '10.10.10.2')} tag 4200 name anytrack-resolver`, want === 'present');
    }
    expect(w.running()).toEqual([line]);
    expect(writes(w.router.log).filter((text) => text.includes('10.10.10.1'))).toEqual([]);
    expect(w.eventsOf('routeConflict')[0]).toMatchObject({ policy: 'resolver', endpoint: 'a' });
    expect(w.reconciler.status().conflicts).toHaveLength(1);
  });

  test('the mark is taken off between the verdict and the write, while the router is locked: left alone', async () => {
    const w = await iosWorld({
      router: { startup: [OUR_LINE] },
      reconciler: { timing: { retry: { firstMs: 10, maxMs: 20 } } },
    });
    w.router.faults.lock = LOCKS.exclusive;
    w.reconciler.setDesired([wish('absent')]);
    await until('the lock to be met', () => w.eventsOf('routeFailed').some(({ report }) => report.code === 'locked'));
    w.router.edit([LINE]);
    await until('the conflict', () => w.eventsOf('routeConflict')[0]);
    w.router.faults.lock = undefined;
    const reads = w.router.log.length;
    w.reconciler.nudge();
    await until('another visit', () => w.router.log.length > reads);
    await w.reconciler.settled(AbortSignal.timeout(5000));
    expect(w.running()).toEqual([LINE]);
    expect(writes(w.router.log)).toEqual([]);
  });

  test('the mark is taken off while the session is away: left alone', async () => {
    const w = await iosWorld({ router: { startup: [OUR_LINE] } });
    w.reconciler.setDesired([wish('present')]);
    await until(
      'the session',
      () => w.reconciler.status().session === 'up' && w.reconciler.status().observed.length === 1,
    );
    w.router.faults.refuseConnections = true;
    w.router.cutSessions();
    await until('its loss', () => w.eventsOf('routerSession').some(({ state }) => state === 'down'));
    w.reconciler.setDesired([wish('absent')]);
    w.router.edit([`${LINE} name noc`]);
    w.router.faults.refuseConnections = false;
    await until('the conflict', () => w.eventsOf('routeConflict')[0]);
    expect(w.running()).toEqual([`${LINE} name noc`]);
    expect(writes(w.router.log)).toEqual([]);
  });

  test('the line that removes names the next hop: the other next hops of the prefix stay', async () => {
    const others = ['10.10.10.2', '10.10.10.3'].map((hop) => `ip route 10.0.0.1 255.255.255.255 ${hop} name noc`);
    const w = await iosWorld({ router: { startup: [OUR_LINE, ...others] } });
    w.reconciler.setDesired([wish('absent')]);
    await w.shows(OUR_LINE, false);
    expect(w.running()).toEqual(others);
    expect(objections(w.router.log)).toEqual([]);
  });
});

describe('a platform on which the next hops of a prefix share one tag (FRR)', () => {
  const sharing = { ...memoryPlatform, capabilities: frr.capabilities };

  test("beside an unmarked next hop nothing is added: it would take that one's tag", async () => {
    const stranger = { key: key(1, '192.0.2.9'), attributes: {} };
    const w = await new World({ routes: [stranger], platform: sharing }).start();
    await w.want(wish('present', key()));
    await w.clock.advance(200_000);
    expect(w.router.counts.lines).toBe(0);
    expect(w.told().filter((line) => line.startsWith('routeConflict'))).toHaveLength(1);
    await w.close();
  });

  test('an operator whose line took the shared tag off ours: the prefix is theirs from then on', async () => {
    const w = await new World({ routes: [{ key: key(), attributes: { tag: 4200 } }], platform: sharing }).start();
    await w.want(wish('present', key()));
    w.router.edit(key(), {});
    w.router.edit(key(1, '192.0.2.9'), {});
    await w.want(wish('absent', key()));
    await w.clock.advance(200_000);
    expect(w.router.table().map(({ attributes }) => attributes)).toEqual([{}, {}]);
    expect(w.router.counts.lines).toBe(0);
    await w.close();
  });
});

describe('any foreign routes, any wishes, any order', () => {
  const strange: fc.Arbitrary<RouteAttributes> = fc.constantFrom(
    {},
    { tag: 7 },
    { tag: 4200 },
    { tag: 4200, name: 'noc' },
    { tag: 4200, name: 'anytracker' },
    { name: 'anytrack-resolver' },
    { tag: 4201, name: 'anytrack-resolver' },
  );
  const at = fc.record({ last: fc.integer({ min: 1, max: 3 }), hop: fc.constantFrom('192.0.2.1', '192.0.2.2') });
  const step = fc.oneof(
    fc.record({ type: fc.constant('want'), at, want: fc.constantFrom('present', 'absent', 'asIs') }),
    fc.record({ type: fc.constant('takeOver'), at, attributes: strange }),
    fc.record({ type: fc.constantFrom('cut', 'wait') }),
  );
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

  /** What the operator has made theirs, and what we are told to want. */
  class Story {
    readonly foreign = new Map<string, { key: ReturnType<typeof key>; attributes: RouteAttributes }>();
    readonly #wishes = new Map<string, DesiredRoute>();
    readonly #world: World;

    constructor(world: World) {
      this.#world = world;
    }

    async tell(next: Step): Promise<void> {
      if ('want' in next) {
        this.#wishes.set(JSON.stringify(next.at), wish(next.want, key(next.at.last, next.at.hop)));
        await this.#world.want(...this.#wishes.values());
      } else if ('attributes' in next) {
        const route = { key: key(next.at.last, next.at.hop), attributes: next.attributes };
        this.#world.router.edit(route.key, route.attributes);
        this.foreign.set(JSON.stringify(next.at), route);
      } else if (next.type === 'cut') this.#world.router.cut();
      else await this.#world.clock.advance(500);
    }
  }

  test('what carries no mark is at the end as its owner left it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.constantFrom('report', 'remove'),
        async (steps, orphans) => {
          const w = await new World({ orphans }).start();
          const story = new Story(w);
          for (const next of steps) await story.tell(next);
          await w.clock.advance(130_000);
          const table = new Map(w.router.table().map((route) => [JSON.stringify(route.key), route.attributes]));
          for (const route of story.foreign.values())
            expect(table.get(JSON.stringify(route.key))).toEqual(route.attributes);
          await w.close();
        },
      ),
      { numRuns: 60, seed: 4 },
    );
  }, 30_000);
});
