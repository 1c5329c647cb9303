import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import type { RouteChange, RouteKey } from '../../../src/model.ts';
import { parseRib } from '../../../src/routers/cli/frr/parse.ts';
import { frr } from '../../../src/routers/cli/frr.ts';
import type { Observation, Session } from '../../../src/routers/contract.ts';
import { createSshDriver } from '../../../src/routers/ssh/driver.ts';
import { FRR_NEEDS, type FrrRouter, startFrr } from '../../support/frr.ts';
import { missing, realTest } from '../../support/real.ts';

const signal = new AbortController().signal;
const ANYCAST = ['10.9.0.0/16', '2001:db8:ac::/64'];

describe('a real FRRouting router over SSH', () => {
  let router: FrrRouter;
  let session: Session;

  beforeAll(async () => {
    if (missing(FRR_NEEDS) !== undefined) return;
    router = await startFrr();
    session = await createSshDriver(router.settings, frr, ANYCAST, { clock: systemClock }).open(signal);
  });
  afterAll(async () => {
    await session?.close();
    await router?.close();
  });

  const apply = (...changes: RouteChange[]) => session.apply(frr.render(changes), signal);
  const observe = (prefixes: readonly string[] | 'all', vrfs = ['default']) =>
    session.observe({ vrfs, families: [4, 6], prefixes }, signal);
  /** Reads until zebra has caught up with staticd; at most two seconds. */
  const settled = async (prefixes: readonly string[], done: (observation: Observation) => boolean) => {
    for (let i = 0; i < 100; i++) {
      const observation = await observe(prefixes);
      if (done(observation)) return observation;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return await observe(prefixes);
  };

  realTest('add, add again, remove, remove again', FRR_NEEDS, async () => {
    const route = { prefix: '10.9.0.1/32', nextHop: '10.255.0.2' };
    expect((await apply(add(route))).failures).toEqual([]);
    expect((await apply(add(route))).failures).toEqual([]);
    const present = await settled(['10.9.0.1/32'], ({ routes }) => routes[0]?.installed === true);
    expect(present.routes).toEqual([
      { key: { vrf: 'default', ...route }, attributes: { tag: 4200 }, configured: true, installed: true },
    ]);
    expect(router.kernelRoutes()).toContain('10.9.0.1 ');
    expect((await apply(remove(route))).failures).toEqual([]);
    expect((await settled(['10.9.0.1/32'], ({ routes }) => routes.length === 0)).routes).toEqual([]);
    expect(router.kernelRoutes()).not.toContain('10.9.0.1 ');
    const again = await apply(remove(route));
    expect(again.failures).toEqual([]);
    expect(again.exchanges[1]?.received).toContain('% Refusing to remove a non-existent route');
  });

  realTest('a foreign route beside ours is seen and stays', FRR_NEEDS, async () => {
    router.vtysh('configure terminal', 'ip route 10.9.0.2/32 10.254.0.9 tag 77');
    await apply(add({ prefix: '10.9.0.2/32', nextHop: '10.255.0.2', distance: 20 }));
    await apply(remove({ prefix: '10.9.0.2/32', nextHop: '10.255.0.2' }));
    const { routes } = await settled(['10.9.0.2/32'], ({ routes }) => routes[0]?.installed === true);
    expect(routes).toMatchObject([{ key: { nextHop: '10.254.0.9' }, attributes: { tag: 77 }, installed: true }]);
    router.vtysh('configure terminal', 'no ip route 10.9.0.2/32 10.254.0.9');
  });

  realTest('IPv6, and a next hop with its interface', FRR_NEEDS, async () => {
    const plain = { prefix: '2001:db8:ac::1/128', nextHop: '2001:db8:ff::2' };
    const link = { prefix: '2001:db8:ac::2/128', nextHop: 'fe80::1', interface: 'v1' };
    expect((await apply(add(plain), add(link))).failures).toEqual([]);
    const prefixes = [plain.prefix, link.prefix];
    const { routes } = await settled(prefixes, ({ routes }) => routes.every(({ installed }) => installed));
    expect(routes).toMatchObject([
      { key: plain, configured: true, installed: true },
      { key: link, configured: true, installed: true },
    ]);
    expect(router.kernelRoutes(6)).toMatch(/2001:db8:ac::2 .*via fe80::1 dev v1/);
    expect((await apply(remove(plain), remove(link))).failures).toEqual([]);
    expect((await settled(prefixes, ({ routes }) => routes.length === 0)).routes).toEqual([]);
  });

  realTest('a VRF that does not exist: stored, not installed, and said so', FRR_NEEDS, async () => {
    const route = { vrf: 'BLUE', prefix: '10.9.0.3/32', nextHop: '10.255.0.2' };
    const report = await apply(add(route));
    expect(report.failures).toMatchObject([{ code: 'not-applied', line: { change: { key: route } } }]);
    const seen = await observe(['10.9.0.3/32'], ['default', 'BLUE']);
    expect(seen.routes).toMatchObject([{ key: route, configured: true, installed: false }]);
    await apply(remove(route));
    expect((await observe(['10.9.0.3/32'], ['default', 'BLUE'])).routes).toEqual([]);
  });

  realTest('a covering route does not look like ours', FRR_NEEDS, async () => {
    router.vtysh('configure terminal', 'ip route 10.9.8.0/24 10.255.0.2 tag 4200');
    for (let i = 0; i < 100 && !router.kernelRoutes().includes('10.9.8.0/24'); i++) await observe('all');
    const { routes } = await observe(['10.9.8.8/32']);
    // Asked for the address instead of the prefix, FRR answers with the longest match.
    const longest = parseRib(router.vtysh('show ip route 10.9.8.8 json'));
    router.vtysh('configure terminal', 'no ip route 10.9.8.0/24 10.255.0.2');
    expect(longest).toMatchObject([{ key: { prefix: '10.9.8.0/24' } }]);
    expect(routes).toEqual([]);
  });

  realTest('500 routes in one visit, every reply checked, and gone again', FRR_NEEDS, async () => {
    const routes = Array.from({ length: 500 }, (_, i) => ({
      prefix: `10.9.${16 + (i >> 8)}.${i & 255}/32`,
      nextHop: '10.255.0.2',
    }));
    const added = await apply(...routes.map(add));
    expect(added.failures).toEqual([]);
    expect(added.exchanges).toHaveLength(504);
    let seen = await observe('all');
    for (let i = 0; i < 50 && seen.routes.some(({ installed }) => !installed); i++) seen = await observe('all');
    expect(seen.routes.filter(({ configured, installed }) => configured && installed)).toHaveLength(500);
    expect((await apply(...routes.map(remove))).failures).toEqual([]);
    expect((await observe('all')).routes.filter(({ configured }) => configured)).toEqual([]);
  });

  realTest('what FRR does not know is a failure of that line only', FRR_NEEDS, async () => {
    const script = frr.render([add({ prefix: '10.9.0.4/32', nextHop: '10.255.0.2' })]);
    const wrong = { text: 'ip route 10.9.0.5/32 10.255.0.2 tag 7 extra words' };
    const report = await session.apply({ ...script, lines: [wrong, ...script.lines] }, signal);
    expect(report.failures).toMatchObject([{ line: wrong, code: 'rejected' }]);
    expect((await observe(['10.9.0.4/32'])).routes).toHaveLength(1);
    await apply(remove({ prefix: '10.9.0.4/32', nextHop: '10.255.0.2' }));
  });

  realTest('in a transaction a refused line spoils none of the others', FRR_NEEDS, async () => {
    const [first, missing, last] = ['10.9.1.1/32', '10.9.1.2/32', '10.9.1.3/32'].map((prefix) => ({
      prefix,
      nextHop: '10.255.0.2',
    })) as [Route, Route, Route];
    const script = frr.render([add(first), remove(missing), add(last)]);
    const wrong = { text: 'ip route 10.9.1.4/32 10.255.0.2 tag 7 extra words' };
    const lines = [...script.lines.slice(0, 2), wrong, ...script.lines.slice(2)];
    expect(script.enter).toContain('XFRR_start_configuration');
    const report = await session.apply({ ...script, lines }, signal);
    expect(report.failures).toMatchObject([{ line: wrong, code: 'rejected' }]);
    expect((await observe([first.prefix, last.prefix])).routes.map(({ key }) => key.prefix)).toEqual([
      first.prefix,
      last.prefix,
    ]);
    await apply(remove(first), remove(last));
  });

  realTest('saved to the startup configuration when asked', FRR_NEEDS, async () => {
    await apply(add({ prefix: '10.9.0.7/32', nextHop: '10.255.0.2' }));
    expect((await session.save?.(signal))?.received).toContain('Configuration saved to');
    expect(readFileSync(`/etc/frr/${router.namespace}/staticd.conf`, 'utf8')).toContain('10.9.0.7/32');
    await apply(remove({ prefix: '10.9.0.7/32', nextHop: '10.255.0.2' }));
    await session.save?.(signal);
  });

  realTest(
    'by an ssh-agent, with the known_hosts that ssh-keyscan -H writes',
    [...FRR_NEEDS, 'ssh-agent'],
    async () => {
      const agent = `${router.folder}/agent`;
      const knownHosts = `${router.folder}/known_hosts`;
      const daemon = spawn('/usr/bin/ssh-agent', ['-D', '-a', agent], { stdio: 'ignore' });
      try {
        await expect.poll(() => existsSync(agent)).toBe(true);
        execFileSync('/usr/bin/ssh-add', ['-q', `${router.folder}/id`], {
          env: { SSH_AUTH_SOCK: agent, PATH: '/usr/bin' },
        });
        const scan = ['-H', '-p', String(router.settings.port), '127.0.0.1'];
        writeFileSync(knownHosts, execFileSync('/usr/bin/ssh-keyscan', scan, { stdio: ['ignore', 'pipe', 'ignore'] }));
        const { privateKey: _key, ...keyless } = router.settings;
        const driver = createSshDriver({ ...keyless, hostKeys: [], knownHosts, agent }, frr, ANYCAST, {
          clock: systemClock,
        });
        const other = await driver.open(signal);
        await other.close();
      } finally {
        daemon.kill();
      }
    },
  );

  realTest('a session cut by the router is lost, and a new one reads what is there', FRR_NEEDS, async () => {
    await apply(add({ prefix: '10.9.0.6/32', nextHop: '10.255.0.2' }));
    router.cutSessions();
    expect(await session.ended).toMatchObject({ code: 'lost' });
    await expect(observe(['10.9.0.6/32'])).rejects.toMatchObject({ code: 'lost' });
    session = await createSshDriver(router.settings, frr, ANYCAST, { clock: systemClock }).open(signal);
    expect((await observe(['10.9.0.6/32'])).routes).toHaveLength(1);
    await router.restartStaticd();
    expect((await observe(['10.9.0.6/32'])).routes.filter(({ configured }) => configured)).toEqual([]);
  });
});

type Route = Partial<RouteKey> & { readonly prefix: string; readonly nextHop: string; readonly distance?: number };

function change(op: 'add' | 'remove', { distance, ...key }: Route): RouteChange {
  return {
    op,
    key: { vrf: 'default', ...key },
    attributes: { tag: 4200, ...(distance === undefined ? {} : { distance }) },
    policy: 'resolver',
    endpoint: 'ns1',
    reason: op === 'add' ? 'endpoint-up' : 'endpoint-down',
  };
}

function add(route: Route): RouteChange {
  return change('add', route);
}

function remove(route: Route): RouteChange {
  return change('remove', route);
}
