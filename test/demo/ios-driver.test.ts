/** The real SSH driver and the ios platform against the simulated router, through each of its faults. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { LOCKS, ROUTE_LINES, SYSLOG } from '../../src/demo/ios-router/faults.ts';
import { routeLine } from '../../src/demo/ios-router/route-text.ts';
import type { SimulatedIosRouter, SimulatedIosRouterOptions } from '../../src/demo/ios-router/router.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { Secret } from '../../src/lib/secret.ts';
import type { RouteAttributes, RouteChange, RouteKey } from '../../src/model.ts';
import { ios } from '../../src/routers/cli/ios.ts';
import { RouterError, type RouterSettings, type Scope, type Session } from '../../src/routers/contract.ts';
import { createDriver } from '../../src/routers/registry.ts';
import { startRouter } from './ios-router/router-world.ts';

const ANYCAST = ['10.0.0.0/24', '2001:db8:ac::/64'];
const KEY: RouteKey = { vrf: 'default', prefix: '10.0.0.1/32', nextHop: '10.10.10.1' };
const OURS: RouteAttributes = { tag: 4200, distance: 20, name: 'anytrack-ns1' };
const LINE = 'ip route 10.0.0.1 255.255.255.255 10.10.10.1 20 tag 4200 name anytrack-ns1';
const SCOPE: Scope = { vrfs: ['default'], families: [4], prefixes: [KEY.prefix] };

interface World {
  readonly router: SimulatedIosRouter;
  open(difference?: Partial<RouterSettings>): Promise<Session>;
}

async function world(difference: Partial<SimulatedIosRouterOptions> = {}): Promise<World> {
  const { router, port, hostKeyFingerprint } = await startRouter(difference);
  const settings: RouterSettings = {
    name: 'edge1',
    platform: 'ios-xe',
    transport: 'ssh',
    address: '127.0.0.1',
    port,
    username: 'anytrack',
    password: new Secret('right', 'test'),
    hostKeys: [hostKeyFingerprint],
    legacyAlgorithms: false,
    commandTimeoutMs: 3000,
    readyTimeoutMs: 5000,
    keepaliveMs: 10_000,
    driftCheckMs: 60_000,
    save: 'never',
  };
  return {
    router,
    async open(changed = {}) {
      const driver = createDriver({ ...settings, ...changed }, ANYCAST, { clock: systemClock });
      const session = await driver.open(new AbortController().signal);
      onTestFinished(() => session.close());
      return session;
    },
  };
}

function change(op: RouteChange['op'], key: Partial<RouteKey> = {}, attributes: RouteAttributes = OURS): RouteChange {
  const reason = op === 'add' ? 'endpoint-up' : 'endpoint-down';
  return { op, key: { ...KEY, ...key }, attributes, policy: 'resolver', endpoint: 'ns1', reason };
}

async function visit(session: Session, ...changes: RouteChange[]) {
  const report = await session.apply(ios.render(changes), new AbortController().signal);
  return report.failures.map(({ code }) => code);
}

async function routesOf(session: Session, scope: Scope = SCOPE) {
  return (await session.observe(scope, new AbortController().signal)).routes;
}

/** The code of what was thrown. */
async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'no error';
  } catch (error) {
    return error instanceof RouterError ? error.code : String(error);
  }
}

const running = ({ router }: World) => router.device.running.map(routeLine);
const present = (key: Partial<RouteKey> = {}, attributes = OURS) => ({
  key: { ...KEY, ...key },
  attributes,
  configured: true,
  installed: true,
});

describe('routes', () => {
  test('add, and read back from configuration and RIB', async () => {
    const w = await world();
    const session = await w.open();
    expect(await routesOf(session)).toEqual([]);
    expect(await visit(session, change('add'))).toEqual([]);
    expect(running(w)).toEqual([LINE]);
    expect(await routesOf(session)).toEqual([present()]);
  });

  test('from user exec, with the enable password', async () => {
    const w = await world();
    const session = await w.open({ username: 'guest', enablePassword: new Secret('letmein', 'test') });
    expect(await visit(session, change('add'))).toEqual([]);
    expect(running(w)).toEqual([LINE]);
    expect(JSON.stringify(w.router.log)).not.toContain('letmein');
  });

  test('a wrong enable password, and none', async () => {
    const w = await world();
    const wrong = { username: 'guest', enablePassword: new Secret('wrong', 'test'), commandTimeoutMs: 500 };
    expect(await codeOf(w.open(wrong))).toBe('authentication');
    expect(await codeOf(w.open({ username: 'guest' }))).toBe('authorization');
  });

  test('adding the same again changes nothing', async () => {
    const w = await world();
    const session = await w.open();
    expect(await visit(session, change('add'), change('add'))).toEqual([]);
    expect(running(w)).toEqual([LINE]);
  });

  test('other attributes replace', async () => {
    const w = await world();
    const session = await w.open();
    await visit(session, change('add'));
    const attributes = { tag: 4201, name: 'anytrack-b', track: 700 };
    expect(await visit(session, change('add', {}, attributes))).toEqual([]);
    expect(await routesOf(session)).toEqual([present({}, attributes)]);
  });

  test('remove whatever its attributes are now', async () => {
    const w = await world({ startup: [`${LINE.replace('4200', '9')}`] });
    const session = await w.open();
    expect(await visit(session, change('remove'))).toEqual([]);
    expect(await routesOf(session)).toEqual([]);
  });

  test('removing what is not there is harmless', async () => {
    const session = await (await world()).open();
    expect(await visit(session, change('remove'))).toEqual([]);
  });

  test("somebody else's routes are seen as they are and stay", async () => {
    const foreign = 'ip route 10.0.0.1 255.255.255.255 10.10.10.7 name legacy';
    const w = await world({ startup: [foreign, 'ip route 192.0.2.0 255.255.255.0 10.10.10.9'] });
    const session = await w.open();
    await visit(session, change('add'));
    // The foreign route has distance 1 and wins: ours is configured, but not in the RIB.
    expect(await routesOf(session)).toEqual([
      { ...present({ nextHop: '10.10.10.7' }, { name: 'legacy' }) },
      { ...present(), installed: false },
    ]);
    await visit(session, change('remove'));
    expect(running(w)).toContain(foreign);
  });

  test('two next hops of one address, one removed', async () => {
    const w = await world();
    const session = await w.open();
    const second = { nextHop: '10.10.10.2' };
    expect(await visit(session, change('add'), change('add', second))).toEqual([]);
    expect(await routesOf(session)).toEqual([present(), present(second)]);
    expect(await visit(session, change('remove'))).toEqual([]);
    expect(await routesOf(session)).toEqual([present(second)]);
  });

  test('VRF', async () => {
    const session = await (await world()).open();
    const blue = { vrf: 'BLUE', nextHop: '10.20.20.1' };
    expect(await visit(session, change('add', blue))).toEqual([]);
    expect(await routesOf(session, { ...SCOPE, vrfs: ['BLUE'] })).toEqual([present(blue)]);
    expect(await routesOf(session)).toEqual([]);
  });

  test('a VRF that is not there', async () => {
    const session = await (await world()).open();
    expect(await visit(session, change('add', { vrf: 'RED' }))).toEqual(['not-applied']);
  });

  test('IPv6', async () => {
    const w = await world();
    const session = await w.open();
    const v6 = { prefix: '2001:db8:ac::1/128', nextHop: '2001:db8:ff::2' };
    expect(await visit(session, change('add', v6, { tag: 4200, track: 700, name: 'anytrack-ns1' }))).toEqual([]);
    const scope: Scope = { ...SCOPE, families: [6], prefixes: [v6.prefix] };
    expect(await routesOf(session, scope)).toEqual([present(v6, { tag: 4200, track: 700, name: 'anytrack-ns1' })]);
    expect(await visit(session, change('remove', v6))).toEqual([]);
    expect(await routesOf(session, scope)).toEqual([]);
  });

  test('many routes, read as one list', async () => {
    const session = await (await world()).open();
    const keys = Array.from({ length: 60 }, (_, i) => ({
      prefix: `10.0.0.${i + 1}/32`,
      nextHop: `10.10.10.${1 + (i % 3)}`,
    }));
    expect(await visit(session, ...keys.map((key) => change('add', key)))).toEqual([]);
    const routes = await routesOf(session, { ...SCOPE, prefixes: 'all' });
    expect(routes.filter(({ configured, installed }) => configured && installed)).toHaveLength(60);
  });

  test('a covering route is not taken for ours', async () => {
    const w = await world({ startup: [`${LINE} track 701`] });
    const session = await w.open();
    expect(await routesOf(session)).toEqual([
      { key: KEY, attributes: { ...OURS, track: 701 }, configured: true, installed: false },
    ]);
    w.router.setTrack(701, true);
    expect((await routesOf(session))[0]?.installed).toBe(true);
  });

  test('save', async () => {
    const w = await world();
    const session = await w.open();
    await visit(session, change('add'));
    await session.save?.(new AbortController().signal);
    expect(w.router.device.startup.map(routeLine)).toEqual([LINE]);
  });

  test('uptime tells of a reload', async () => {
    const w = await world();
    const session = await w.open();
    const { uptimeMs } = await session.observe(SCOPE, new AbortController().signal);
    expect(uptimeMs).toBe(0);
  });
});

describe('refusals', () => {
  test.each([LOCKS.process, LOCKS.exclusive, LOCKS.standby])('locked: %s', async (lock) => {
    const w = await world();
    const session = await w.open();
    w.router.faults.lock = lock;
    expect(await codeOf(visit(session, change('add')))).toBe('locked');
    w.router.faults.lock = undefined;
    expect(await visit(session, change('add'))).toEqual([]);
    expect(running(w)).toEqual([LINE]);
  });

  test('locked in the middle of a visit: nothing more is typed at the wrong prompt', async () => {
    const w = await world();
    const session = await w.open();
    w.router.faults.lockMidSession = LOCKS.midSession;
    expect(await visit(session, change('add'), change('add', { nextHop: '10.10.10.2' }))).toContain('locked');
    expect(running(w)).toEqual([]);
    w.router.faults.lockMidSession = undefined;
    expect(await visit(session, change('add'))).toEqual([]);
  });

  test('AAA refuses the line, and refuses configuration mode', async () => {
    const w = await world();
    const session = await w.open();
    w.router.faults.refuseCommands = ROUTE_LINES;
    expect(await visit(session, change('add'))).toEqual(['authorization']);
    w.router.faults.refuseCommands = /^configure/;
    expect(await codeOf(visit(session, change('add')))).toBe('authorization');
    expect(running(w)).toEqual([]);
    w.router.faults.refuseCommands = undefined;
    expect(await visit(session, change('add'))).toEqual([]);
  });

  test('an unexpected warning is a failure, although the line was taken', async () => {
    const w = await world();
    const session = await w.open();
    w.router.faults.warningOnWrite = '%Warning: something new in this release';
    expect(await visit(session, change('add'))).toEqual(['unexpected-output']);
    expect(await routesOf(session)).toEqual([present()]);
  });

  test('wrong password, wrong host key', async () => {
    const w = await world();
    expect(await codeOf(w.open({ password: new Secret('wrong', 'test') }))).toBe('authentication');
    w.router.faults.refuseLogins = true;
    expect(await codeOf(w.open())).toBe('authentication');
    w.router.faults.refuseLogins = false;
    const other = `SHA256:${'A'.repeat(43)}`;
    expect(await codeOf(w.open({ hostKeys: [other] }))).toBe('host-key');
  });

  test('no connection: vty lines full, silence', async () => {
    const w = await world();
    w.router.faults.refuseConnections = true;
    expect(await codeOf(w.open())).toMatch(/^(refused|lost)$/);
    w.router.faults.refuseConnections = false;
    w.router.faults.silentConnections = true;
    expect(await codeOf(w.open({ readyTimeoutMs: 200 }))).toBe('deadline');
    w.router.faults.silentConnections = false;
    await w.open();
  });
});

describe('the session is lost', () => {
  test.each<[string, RegExp, 'before' | 'after', number]>([
    ['on entering configuration mode', /^configure/, 'after', 0],
    ['before the write', ROUTE_LINES, 'before', 0],
    ['after the write, before its reply', ROUTE_LINES, 'after', 1],
    ['before leaving', /^end/, 'before', 1],
    ['on leaving', /^end/, 'after', 1],
  ])('%s', async (_name, on, when, routes) => {
    const w = await world();
    const session = await w.open();
    w.router.faults.loseSession = { on, when, times: 1 };
    expect(await codeOf(visit(session, change('add')))).toBe('lost');
    expect((await session.ended)?.code).toBe('lost');
    expect(w.router.device.running).toHaveLength(routes);
    const again = await w.open();
    expect(await routesOf(again)).toHaveLength(routes);
    expect(await visit(again, change('add'))).toEqual([]);
    expect(await routesOf(again)).toEqual([present()]);
  });

  test.each([/^show running-config/, /^show version/, /^show ip route/])('while reading: %s', async (on) => {
    const w = await world();
    const session = await w.open();
    w.router.faults.loseSession = { on, when: 'before', times: 1 };
    expect(await codeOf(routesOf(session))).toBe('lost');
    expect(await routesOf(await w.open())).toEqual([]);
  });

  test('during the login', async () => {
    const w = await world();
    w.router.faults.loseSession = { on: /^terminal/, when: 'before', times: 1 };
    expect(await codeOf(w.open())).toBe('lost');
    await w.open();
  });

  test('three times in a row', async () => {
    const w = await world();
    w.router.faults.loseSession = { on: ROUTE_LINES, when: 'before', times: 3 };
    for (let i = 0; i < 3; i++) expect(await codeOf(visit(await w.open(), change('add')))).toBe('lost');
    expect(await visit(await w.open(), change('add'))).toEqual([]);
  });

  test('by a reload, which forgets what was not saved', async () => {
    const w = await world();
    const session = await w.open();
    await visit(session, change('add'));
    const up = w.router.reload(100);
    expect((await session.ended)?.code).toBe('lost');
    expect(await codeOf(w.open())).toBe('refused');
    await up;
    expect(await routesOf(await w.open())).toEqual([]);
  });

  test('a command that is never answered ends at its deadline, and the session with it', async () => {
    const w = await world();
    const session = await w.open({ commandTimeoutMs: 300 });
    w.router.faults.hangOn = ROUTE_LINES;
    expect(await codeOf(visit(session, change('add')))).toBe('deadline');
    expect((await session.ended)?.code).toBe('deadline');
    w.router.faults.hangOn = undefined;
    expect(await visit(await w.open(), change('add'))).toEqual([]);
  });
});

describe('what lies', () => {
  test('accepted but not done', async () => {
    const w = await world();
    const session = await w.open();
    w.router.faults.ignoreWrites = true;
    expect(await visit(session, change('add'))).toEqual([]);
    expect(await routesOf(session)).toEqual([]);
  });

  test('configured but not installed', async () => {
    const w = await world();
    const session = await w.open();
    w.router.faults.nextHopsUnreachable = true;
    expect(await visit(session, change('add'))).toEqual([]);
    expect(await routesOf(session)).toEqual([{ ...present(), installed: false }]);
  });
});

/** Adds, reads and removes a route; nothing that only disturbs the screen may change what comes of it. */
async function wholeVisit(w: World, session: Session): Promise<void> {
  expect(await visit(session, change('add'))).toEqual([]);
  expect(await routesOf(session)).toEqual([present()]);
  expect(await visit(session, change('remove'))).toEqual([]);
  expect(await routesOf(session)).toEqual([]);
  expect(w.router.device.running).toEqual([]);
}

describe('what disturbs the screen changes nothing', () => {
  test.each<[string, (router: SimulatedIosRouter) => void]>([
    ['every byte in a packet of its own', ({ faults }) => Object.assign(faults, { splitEveryByte: true })],
    ['a slow echo', ({ faults }) => Object.assign(faults, { echoMsPerByte: 1 })],
    ['slow replies', ({ faults }) => Object.assign(faults, { replyDelayMs: 40 })],
    [
      'log lines in replies',
      ({ faults }) => Object.assign(faults, { syslogInReply: [SYSLOG.configured, SYSLOG.track] }),
    ],
    [
      'log lines in replies, byte by byte',
      ({ faults }) => Object.assign(faults, { syslogInReply: [SYSLOG.track], splitEveryByte: true }),
    ],
  ])('%s', async (_name, disturb) => {
    const w = await world();
    const session = await w.open();
    disturb(w.router);
    await wholeVisit(w, session);
  });

  test.each([' description uplink to edge1#', ' banner of edge1(config)#', 'edge1#', 'edge1>'])(
    'a line that looks like a prompt: %s',
    async (text) => {
      const w = await world({ startup: [LINE] });
      const session = await w.open();
      w.router.faults.textInReply = [text];
      expect(await routesOf(session)).toEqual([present()]);
    },
  );

  test.each([' description uplink to edge1#', ' banner of edge1(config)#'])(
    'a line that looks like a prompt, byte by byte: %s',
    async (text) => {
      const w = await world({ startup: [LINE] });
      const session = await w.open();
      Object.assign(w.router.faults, { textInReply: [text], splitEveryByte: true });
      expect(await routesOf(session)).toEqual([present()]);
    },
  );

  test.each([
    ['63 characters', `r${'o'.repeat(61)}r`],
    ['21 characters', 'router-with-21-chars1'],
    ['dots and dashes', 'edge-1.ams_1'],
    ['one character', 'r'],
  ])('a host name with %s', async (_name, hostname) => {
    const w = await world({ hostname, followTerminalSize: true });
    await wholeVisit(w, await w.open());
  });

  test.each([40, 63])('a host name with %d characters on a router that keeps to 80 columns', async (length) => {
    const w = await world({ hostname: `r${'o'.repeat(length - 2)}r` });
    await wholeVisit(w, await w.open());
  });

  test('two sessions at once and another operator at work', async () => {
    const w = await world();
    const session = await w.open();
    w.router.edit(['ip route 192.0.2.0 255.255.255.0 10.10.10.9']);
    const second = await w.open();
    expect(await visit(session, change('add'))).toEqual([]);
    expect(await routesOf(second)).toEqual([present()]);
    w.router.edit([`no ${LINE}`]);
    expect(await routesOf(session)).toEqual([]);
  });
});
