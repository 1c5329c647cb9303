import { afterEach, describe, expect, test } from 'vitest';
import type { ChangeReport } from '../../src/notify/contract.ts';
import { RouterError } from '../../src/routers/contract.ts';
import { memoryPlatform } from '../../src/routers/memory/platform.ts';
import { settle } from '../support/fake-clock.ts';
import { key, OURS, World, type WorldOptions, wish } from './reconciler-world.ts';

const worlds: World[] = [];
function world(options: WorldOptions = {}): World {
  const made = new World(options);
  worlds.push(made);
  return made;
}
afterEach(async () => {
  for (const made of worlds.splice(0)) await made.close();
});

const FOREIGN = { tag: 7, name: 'noc' };

function reports(w: World): ChangeReport[] {
  return w.events.flatMap((event) =>
    event.type === 'routeChanged' || event.type === 'routeFailed' ? [event.report] : [],
  );
}

describe('adoption', () => {
  const ours = { key: key(), attributes: OURS };

  test('promise 4: before any wish is told the router is only read, orphans or not', async () => {
    const w = await world({ routes: [ours], orphans: 'remove' }).start();
    await w.clock.advance(300_000);
    expect(w.told()).toEqual(['session up']);
    expect(w.router.counts.scripts).toBe(0);
    expect(w.reconciler.status().observed).toHaveLength(1);
  });

  test('promise 4: a route without a verdict stays as it is', async () => {
    const w = await world({ routes: [ours], orphans: 'remove' }).start();
    await w.want(wish('asIs', { attributes: { distance: 20 } }));
    await w.clock.advance(300_000);
    expect(w.router.counts.scripts).toBe(0);
  });

  test('a route found as it should be is not written again', async () => {
    const w = await world({ routes: [ours] }).start();
    await w.want(wish('present'));
    await w.clock.advance(300_000);
    expect(w.router.counts.scripts).toBe(0);
    expect(w.told()).toEqual(['session up']);
  });

  test('wishes that are told before the session is open are made true by the first pass', async () => {
    const w = world();
    w.reconciler.setDesired([wish('present')]);
    await w.start();
    expect(w.table()).toEqual(['10.0.0.1/32 192.0.2.1 tag 4200 configured installed']);
  });
});

describe('a change', () => {
  test('goes out at once and is done when configuration and RIB show it', async () => {
    const w = await world().start();
    await w.want(wish('present'));
    expect(w.clock.now()).toBe(0);
    expect(w.told()).toEqual([
      'session up',
      'routeChanged add 10.0.0.1/32 192.0.2.1: in the configuration and in the RIB',
    ]);
    await w.want(wish('absent'));
    await w.clock.advance(50);
    expect(w.told()).toEqual([
      'routeChanged remove 10.0.0.1/32 192.0.2.1: gone from the configuration and from the RIB',
    ]);
    expect(w.table()).toEqual([]);
  });

  test('promise 5: the same wishes again change nothing, nor does another cycle', async () => {
    const w = await world().start();
    await w.want(wish('present'));
    const { scripts } = w.router.counts;
    await w.want(wish('present'));
    w.reconciler.nudge();
    await w.clock.advance(200_000);
    expect(w.router.counts.scripts).toBe(scripts);
  });

  test('promise 11: its report has the lines sent, the read-back and the time of every step', async () => {
    const w = await world({ ribDelayMs: 30 }).start();
    w.router.faults.delayMs = 10;
    await w.want(wish('present'));
    await w.clock.advance(1_000);
    const [report] = reports(w);
    expect(report).toMatchObject({
      router: 'edge1',
      outcome: 'done',
      readBack: { configured: true, installed: true },
      change: { policy: 'resolver', endpoint: 'ns1', reason: 'endpoint-up' },
      sent: [{ sent: 'route 10.0.0.1/32 via 192.0.2.1 tag 4200 name anytrack-resolver' }],
    });
    const steps = Object.fromEntries(report?.steps.map(({ name, ms }) => [name, ms]) ?? []);
    expect(steps).toMatchObject({ queue: 0, connect: 0, observe: 10, apply: 10 });
    expect(steps.readBack).toBeGreaterThanOrEqual(30);
  });

  test('promise 6: configured but not in the RIB is not done; it is told when it gets there', async () => {
    const w = await world().start();
    w.router.unreachable.add('192.0.2.1');
    await w.want(wish('present'));
    await w.clock.advance(1_100);
    expect(w.told().slice(1)).toEqual([
      'routeFailed add 10.0.0.1/32 192.0.2.1 [not-applied]: configured but not in the RIB: next hop unreachable?',
    ]);
    expect(w.reconciler.status().pending).toHaveLength(1);
    await w.clock.advance(100_000);
    expect(w.told()).toEqual([]);
    expect(w.router.counts.scripts).toBe(1);
    w.router.unreachable.clear();
    await w.clock.advance(31_000);
    expect(w.told()).toEqual([
      'routeChanged add 10.0.0.1/32 192.0.2.1: in the configuration and in the RIB; reported as not applied before',
    ]);
  });

  test('promise 6: a router that says ok and does nothing is not believed', async () => {
    const w = await world().start();
    w.router.faults.ignoreScripts = 2;
    await w.want(wish('present'));
    await w.clock.advance(1_000);
    expect(w.told().slice(1)).toEqual([
      'routeFailed add 10.0.0.1/32 192.0.2.1 [not-applied]: not in the configuration',
    ]);
    await w.clock.advance(5_000);
    expect(w.told()).toEqual(['routeChanged add 10.0.0.1/32 192.0.2.1: in the configuration and in the RIB']);
    expect(w.router.counts.scripts).toBe(3);
  });

  test('promise 6: a withdrawn prefix that stays in the RIB through something else is said so', async () => {
    const w = await world({ routes: [{ key: key(), attributes: OURS }] }).start();
    w.router.faults.lie = () => [
      { key: key(), attributes: OURS, configured: w.router.table().length > 0, installed: true },
    ];
    await w.want(wish('absent'));
    await w.clock.advance(1_100);
    expect(w.told().at(-1)).toBe(
      'routeFailed remove 10.0.0.1/32 192.0.2.1 [not-applied]: gone from the configuration, but the prefix by this next hop is still in the RIB through something that is not in the configuration',
    );
  });

  test('a newer decision supersedes one that is not proved yet', async () => {
    const w = await world({ ribDelayMs: 500 }).start();
    await w.want(wish('present'));
    await w.want(wish('absent'));
    await w.clock.advance(2_000);
    expect(w.told().slice(1)).toEqual([
      'routeFailed add 10.0.0.1/32 192.0.2.1: superseded by a newer decision before the read-back showed it',
      'routeChanged remove 10.0.0.1/32 192.0.2.1: gone from the configuration and from the RIB',
    ]);
    expect(w.table()).toEqual([]);
  });

  test('waiting for the RIB holds up no other change of the same router', async () => {
    const w = await world({ routes: [{ key: key(2), attributes: OURS }] }).start();
    w.router.unreachable.add('192.0.2.1');
    await w.want(wish('present'), wish('asIs', { key: key(2) }));
    await w.clock.advance(60);
    await w.want(wish('present'), wish('absent', { key: key(2), endpoint: 'ns2' }));
    expect(w.router.table().map((route) => route.key.prefix)).toEqual(['10.0.0.1/32']);
  });
});

describe('promise 2: only ours', () => {
  test('the same prefix and next hop of somebody else is told once and left alone', async () => {
    const w = await world({ routes: [{ key: key(), attributes: FOREIGN }] }).start();
    await w.want(wish('absent'));
    await w.clock.advance(200_000);
    expect(w.told()).toEqual([
      'session up',
      'routeConflict 10.0.0.1/32 192.0.2.1: the same prefix and next hop stand there without our mark',
    ]);
    expect(w.table()).toEqual(['10.0.0.1/32 192.0.2.1 tag 7 configured installed']);
    expect(w.reconciler.status().conflicts).toHaveLength(1);
  });

  test('an operator who took the route over a moment ago is seen, because the router is read right before the write', async () => {
    const w = await world({ routes: [{ key: key(), attributes: OURS }] }).start();
    await w.want(wish('present'));
    w.router.edit(key(), FOREIGN);
    await w.want(wish('absent'));
    await w.clock.advance(100);
    expect(w.router.counts.scripts).toBe(0);
    expect(w.told().filter((line) => line.startsWith('routeConflict'))).toHaveLength(1);
  });

  test('right before the write only the configuration is read, after it the RIB too', async () => {
    const w = await world({ routes: [{ key: key(), attributes: OURS }] }).start();
    const looks: boolean[][] = [];
    w.router.faults.lie = (routes) => {
      looks.push(routes.map(({ installed }) => installed));
      return routes;
    };
    await w.want(wish('asIs'));
    await w.want(wish('present', { attributes: { distance: 20 } }));
    expect(looks).toEqual([[true], [false], [true]]);
  });

  test('when the other owner is gone, the wish is made true', async () => {
    const w = await world({ routes: [{ key: key(), attributes: FOREIGN }] }).start();
    await w.want(wish('present'));
    w.router.edit(key(), undefined);
    await w.clock.advance(70_000);
    expect(w.table()).toEqual(['10.0.0.1/32 192.0.2.1 tag 4200 configured installed']);
  });
});

describe('promise 1: only anycast space', () => {
  test('a wish outside it is told as failed, once, and nothing is sent', async () => {
    const w = await world().start();
    await w.want(wish('present', { key: { ...key(), prefix: '10.9.9.9/32' } }));
    await w.clock.advance(200_000);
    expect(w.told()).toEqual([
      'session up',
      'routeFailed add 10.9.9.9/32 192.0.2.1 [outside-anycast]: not a host route inside anycastPrefixes: never sent',
    ]);
    expect(w.router.counts.scripts).toBe(0);
  });
});

describe('orphans', () => {
  const routes = [{ key: key(1, '192.0.2.9'), attributes: OURS }];
  test('are told once and stay', async () => {
    const w = await world({ routes }).start();
    await w.want();
    await w.clock.advance(200_000);
    expect(w.told()).toEqual([
      'session up',
      'routeOrphan 10.0.0.1/32 192.0.2.9: our mark, and no policy names it; in the RIB',
    ]);
    expect(w.table()).toHaveLength(1);
  });
  test('are removed where the settings say so', async () => {
    const w = await world({ routes, orphans: 'remove' }).start();
    await w.want();
    expect(w.table()).toEqual([]);
    expect(reports(w)).toMatchObject([{ outcome: 'done', change: { op: 'remove', reason: 'orphan' } }]);
  });
});

describe('a session lost in the middle of a change', () => {
  test('after the write: the read-back of the next session shows it, nothing is sent twice', async () => {
    const w = await world().start();
    w.router.faults.loseSession = 'afterWrite';
    await w.want(wish('present'));
    await w.clock.advance(1_000);
    expect(w.told()).toEqual([
      'session up',
      'session down [lost]',
      'session up',
      'routeChanged add 10.0.0.1/32 192.0.2.1: in the configuration and in the RIB; the session was lost in the middle of the change, the read-back shows it',
    ]);
    expect(w.router.counts.lines).toBe(1);
  });

  test('before the write: it is sent again, and the report says why', async () => {
    const w = await world().start();
    w.router.faults.loseSession = 'beforeWrite';
    await w.want(wish('present'));
    await w.clock.advance(1_000);
    expect(w.told().at(-1)).toBe(
      'routeChanged add 10.0.0.1/32 192.0.2.1: in the configuration and in the RIB; the session was lost before the router had taken the line',
    );
  });

  test('and a router that stays away: what waits is told as failed once, and done when it is back', async () => {
    const w = await world({ routes: [{ key: key(), attributes: OURS }] }).start();
    w.router.faults.loseSession = 'beforeWrite';
    w.router.faults.refuseOpen = 'refused';
    await w.want(wish('absent'));
    await w.clock.advance(120_000);
    expect(w.told()).toEqual([
      'session up',
      'session down [lost]',
      'routeFailed remove 10.0.0.1/32 192.0.2.1 [refused]: the router refused the session: refused; not confirmed by the router',
    ]);
    expect(w.reconciler.status()).toMatchObject({ session: 'waiting', lastError: { code: 'refused' } });
    w.router.faults.refuseOpen = undefined;
    await w.clock.advance(31_000);
    expect(w.told()[1]).toMatch(/^routeChanged remove 10\.0\.0\.1\/32/);
    expect(w.table()).toEqual([]);
  });
});

describe('errors', () => {
  test('a configuration locked by somebody else is tried again until it is free', async () => {
    const w = await world().start();
    w.router.faults.lockedScripts = 3;
    await w.want(wish('present'));
    await w.clock.advance(10_000);
    expect(w.told().slice(1)).toEqual([
      'routeFailed add 10.0.0.1/32 192.0.2.1 [locked]: the router answered: % locked; not in the configuration',
      'routeChanged add 10.0.0.1/32 192.0.2.1: in the configuration and in the RIB',
    ]);
  });

  test('a refused login stops until a person asks: retries would lock the account', async () => {
    const w = world();
    w.router.faults.refuseOpen = 'authentication';
    await w.start();
    await w.want(wish('present'));
    await w.clock.advance(600_000);
    expect(w.router.counts.opens).toBe(1);
    expect(w.told()).toEqual(['session down [authentication]']);
    expect(w.reconciler.status().session).toBe('stopped');
    w.router.faults.refuseOpen = undefined;
    w.reconciler.nudge();
    await settle();
    expect(w.table()).toHaveLength(1);
  });

  test('a refused line is parked, others go on; other content is tried again', async () => {
    const w = await world().start();
    w.router.faults.refuseLine = ({ text }) =>
      text.includes('10.0.0.1/32') && !text.includes(' track ') ? 'rejected' : undefined;
    await w.want(wish('present'), wish('present', { key: key(2), endpoint: 'ns2' }));
    await w.clock.advance(300_000);
    expect(w.told().slice(1)).toEqual([
      'routeFailed add 10.0.0.1/32 192.0.2.1 [rejected]: the router answered: % rejected; not in the configuration',
      'routeChanged add 10.0.0.2/32 192.0.2.1: in the configuration and in the RIB',
    ]);
    expect(w.router.counts.scripts).toBe(1);
    expect(w.reconciler.status().parked).toHaveLength(1);
    await w.want(wish('present', { attributes: { track: 7 } }), wish('present', { key: key(2), endpoint: 'ns2' }));
    expect(w.told()).toEqual(['routeChanged add 10.0.0.1/32 192.0.2.1: in the configuration and in the RIB']);
  });

  test('promise 9: a change that the platform cannot put into words does not stop the others', async () => {
    const render: typeof memoryPlatform.render = (changes) => {
      if (changes.some(({ attributes }) => attributes.distance === 999))
        throw new RouterError('rejected', 'no such distance');
      return memoryPlatform.render(changes);
    };
    const w = await world({ platform: { ...memoryPlatform, render } }).start();
    await w.want(wish('present', { attributes: { distance: 999 } }), wish('present', { key: key(2), endpoint: 'ns2' }));
    await w.clock.advance(300_000);
    expect(w.told().slice(1)).toEqual([
      'routeFailed add 10.0.0.1/32 192.0.2.1 [rejected]: no such distance',
      'routeChanged add 10.0.0.2/32 192.0.2.1: in the configuration and in the RIB',
    ]);
  });

  test('a line that the router took with a warning and did not act on is watched, not sent again', async () => {
    const w = await world().start();
    w.router.unreachable.add('192.0.2.1');
    w.router.faults.refuseLine = ({ change }) => {
      if (change !== undefined) w.router.execute(change);
      return 'not-applied';
    };
    await w.want(wish('present'));
    await w.clock.advance(10_000);
    expect(w.told().slice(1)).toEqual([
      'routeFailed add 10.0.0.1/32 192.0.2.1 [not-applied]: configured but not in the RIB: next hop unreachable?',
    ]);
    w.router.unreachable.clear();
    await w.clock.advance(31_000);
    expect(w.told()).toHaveLength(1);
    expect(w.router.counts.scripts).toBe(1);
  });

  test('a router that ends every session after its first answer is not stormed', async () => {
    const w = await world().start();
    const { opens } = w.router.counts;
    for (let i = 0; i < 600; i++) {
      w.router.cut();
      await w.clock.advance(100);
    }
    expect(w.router.counts.opens - opens).toBeLessThan(20);
  });

  test('a refused authorisation is told once and not repeated', async () => {
    const w = await world().start();
    w.router.faults.refuseLine = () => 'authorization';
    await w.want(wish('present'));
    await w.clock.advance(300_000);
    expect(w.router.counts.scripts).toBe(1);
    expect(w.told().filter((line) => line.includes('[authorization]'))).toHaveLength(1);
  });

  test('promise 8: a withdrawal is never given up, it is tried again on every drift pass', async () => {
    const w = await world({ routes: [{ key: key(), attributes: OURS }] }).start();
    w.router.faults.refuseLine = () => 'authorization';
    await w.want(wish('absent'));
    await w.clock.advance(130_000);
    expect(w.router.counts.scripts).toBe(3);
    w.router.faults.refuseLine = undefined;
    await w.clock.advance(70_000);
    expect(w.table()).toEqual([]);
    expect(w.told().filter((line) => line.startsWith('route'))).toEqual([
      'routeFailed remove 10.0.0.1/32 192.0.2.1 [authorization]: the router answered: % authorization; still in the configuration',
      'routeChanged remove 10.0.0.1/32 192.0.2.1: gone from the configuration and from the RIB',
    ]);
  });

  test('promise 6: a line that was refused and is there all the same is done, with the answer in the report', async () => {
    const w = await world().start();
    w.router.faults.refuseLine = ({ change }) => {
      if (change !== undefined) w.router.execute(change);
      return 'rejected';
    };
    await w.want(wish('present'));
    expect(w.told().at(-1)).toBe(
      'routeChanged add 10.0.0.1/32 192.0.2.1: in the configuration and in the RIB; although the router answered: % rejected',
    );
  });
});

describe('drift', () => {
  test('a route that vanished is told and written again', async () => {
    const w = await world().start();
    await w.want(wish('present'));
    w.told();
    w.router.edit(key(), undefined);
    await w.clock.advance(70_000);
    expect(w.told()).toEqual([
      'routeDrift 10.0.0.1/32 192.0.2.1: vanished from the configuration, or lost our mark; wanted present',
      'routeChanged add 10.0.0.1/32 192.0.2.1: in the configuration and in the RIB',
    ]);
  });

  test('a route that appeared with our mark is told and withdrawn', async () => {
    const w = await world().start();
    await w.want(wish('absent'));
    w.router.edit(key(), OURS);
    await w.clock.advance(70_000);
    expect(w.told().slice(1)).toEqual([
      'routeDrift 10.0.0.1/32 192.0.2.1: appeared in the configuration with our mark; wanted absent',
      'routeChanged remove 10.0.0.1/32 192.0.2.1: gone from the configuration and from the RIB',
    ]);
  });

  test('without a verdict it is told and left', async () => {
    const w = await world({ routes: [{ key: key(), attributes: OURS }] }).start();
    await w.want(wish('asIs'));
    w.router.edit(key(), undefined);
    await w.clock.advance(70_000);
    expect(w.told().slice(1)).toEqual([
      'routeDrift 10.0.0.1/32 192.0.2.1: vanished from the configuration, or lost our mark; left as it is: there is no verdict',
    ]);
    expect(w.table()).toEqual([]);
  });

  test('a next hop that the router lost takes the route out of the RIB: told both ways, nothing to write', async () => {
    const w = await world().start();
    await w.want(wish('present'));
    w.told();
    w.router.unreachable.add('192.0.2.1');
    await w.clock.advance(70_000);
    w.router.unreachable.clear();
    await w.clock.advance(70_000);
    expect(w.told()).toEqual([
      'routeDrift 10.0.0.1/32 192.0.2.1: still in the configuration, no longer in the RIB; wanted present',
      'routeDrift 10.0.0.1/32 192.0.2.1: came into the RIB; wanted present',
    ]);
    expect(w.router.counts.scripts).toBe(1);
  });
});

test('a reload that loses the unsaved configuration is seen by the uptime, and everything is asserted again', async () => {
  const w = await world().start();
  await w.want(wish('present'));
  await w.clock.advance(70_000);
  w.told();
  w.router.reload();
  await w.clock.advance(10_000);
  expect(w.told()).toEqual([
    'session down [lost]',
    'session up',
    'reloaded: up for 0 s only',
    'routeChanged add 10.0.0.1/32 192.0.2.1: in the configuration and in the RIB',
  ]);
});

describe('visits', () => {
  const many = (want: 'present' | 'absent') =>
    Array.from({ length: 100 }, (_, i) => wish(want, { key: key(i + 1), endpoint: `ns${i}` }));

  test('a hundred changes told one by one cost two visits', async () => {
    const w = await world().start();
    for (let n = 1; n <= 100; n++) {
      w.reconciler.setDesired(many('present').slice(0, n));
      if (n % 10 === 0) await settle();
    }
    await w.clock.advance(60);
    expect(w.table()).toHaveLength(100);
    expect(w.router.counts.scripts).toBe(2);
  });

  test('a change within 50 ms of the last visit waits for their end, a later one goes at once', async () => {
    const w = await world().start();
    await w.clock.advance(1_000);
    await w.want(wish('present'));
    expect(w.router.counts.scripts).toBe(1);
    await w.clock.advance(20);
    await w.want(wish('absent'));
    expect(w.router.counts.scripts).toBe(1);
    await w.clock.advance(30);
    expect(w.router.counts.scripts).toBe(2);
    await w.clock.advance(50);
    await w.want(wish('present'));
    expect(w.router.counts.scripts).toBe(3);
  });

  const swap = [wish('present', { key: key(1, '192.0.2.2'), endpoint: 'ns2' }), wish('absent')];
  test('withdrawals are sent first', async () => {
    const w = await world({ routes: [{ key: key(), attributes: OURS }] }).start();
    await w.want(...swap);
    expect(reports(w).map(({ change }) => change.op)).toEqual(['remove', 'add']);
  });

  test('make before break: the addition is sent first', async () => {
    const w = await world({ routes: [{ key: key(), attributes: OURS }] }).start();
    w.reconciler.setDesired(swap, new Set(['10.0.0.1/32']));
    await settle();
    expect(reports(w).map(({ change }) => change.op)).toEqual(['add', 'remove']);
  });
});

test('promise 7: a frozen router delays nobody else, and is left by its own deadline', async () => {
  const frozen = await world().start();
  const healthy = new World({}, frozen.clock);
  worlds.push(healthy);
  await healthy.start();
  frozen.router.faults.frozen = true;
  frozen.reconciler.setDesired([wish('present')]);
  await healthy.want(wish('present'));
  expect(healthy.table()).toHaveLength(1);
  await frozen.clock.advance(60_000);
  expect(frozen.told()).toEqual([
    'session up',
    'session down [deadline]',
    'routeFailed add 10.0.0.1/32 192.0.2.1 [deadline]: no answer to login within 9000 ms; not confirmed by the router',
  ]);
  await healthy.want(wish('absent'));
  expect(healthy.table()).toEqual([]);
  frozen.router.faults.frozen = false;
  await frozen.clock.advance(60_000);
  expect(frozen.table()).toHaveLength(1);
});

describe('save', () => {
  test('never is the default: a reload forgets our routes, and they are asserted again', async () => {
    const w = await world().start();
    await w.want(wish('present'));
    await w.clock.advance(60_000);
    w.router.reload();
    expect(w.table()).toEqual([]);
  });

  test('afterChange: saved once the changes have been quiet', async () => {
    const w = await world({ settings: { save: 'afterChange' } }).start();
    await w.want(wish('present'));
    await w.clock.advance(10_000);
    await w.want(wish('present'), wish('present', { key: key(2), endpoint: 'ns2' }));
    await w.clock.advance(16_000);
    w.router.reload();
    expect(w.table()).toHaveLength(2);
  });
});

test('a save that is never answered costs the session, and a new one is opened at once', async () => {
  const w = await world({ settings: { save: 'afterChange', driftCheckMs: 600_000 } }).start();
  await w.want(wish('present'));
  await w.clock.advance(14_900);
  w.router.faults.frozen = true;
  await w.clock.advance(6_000);
  w.router.faults.frozen = false;
  await w.clock.advance(1_000);
  expect(w.reconciler.status().session).toBe('up');
});

test('plan shows exactly what would be sent, and sends nothing', async () => {
  const w = world({ routes: [{ key: key(), attributes: OURS }] });
  w.reconciler.setDesired([wish('absent'), wish('present', { key: key(2) })]);
  const plan = await w.reconciler.plan(new AbortController().signal);
  expect([...plan.script.enter, ...plan.script.lines.map(({ text }) => text), ...plan.script.leave]).toEqual([
    'configure',
    'no route 10.0.0.1/32 via 192.0.2.1',
    'route 10.0.0.2/32 via 192.0.2.1 tag 4200 name anytrack-resolver',
    'end',
  ]);
  expect(w.router.counts.scripts).toBe(0);
  expect(w.table()).toHaveLength(1);
});

test('settled resolves when everything is proved', async () => {
  const w = await world({ ribDelayMs: 100 }).start();
  let settled = false;
  w.reconciler.setDesired([wish('present')]);
  const waiting = w.reconciler.settled(new AbortController().signal).then(() => {
    settled = true;
  });
  await w.clock.advance(50);
  expect(settled).toBe(false);
  await w.clock.advance(300);
  expect(settled).toBe(true);
  await waiting;
});

test('close in the middle of everything leaves no timer and sends no more', async () => {
  const w = await world({ ribDelayMs: 500 }).start();
  w.router.faults.delayMs = 50;
  w.reconciler.setDesired([wish('present')]);
  await w.clock.advance(60);
  await w.close();
  expect(w.clock.pending).toBe(0);
  const { scripts } = w.router.counts;
  w.reconciler.setDesired([wish('absent')]);
  await w.clock.advance(100_000);
  expect(w.router.counts.scripts).toBe(scripts);
  expect(w.reconciler.status().session).toBe('closed');
});

test('closed in the same turn in which a wish came, it begins nothing more', async () => {
  const w = await world().start();
  const counts = { ...w.router.counts };
  w.reconciler.setDesired([wish('present')]);
  await w.close();
  expect(w.router.counts).toEqual(counts);
});
