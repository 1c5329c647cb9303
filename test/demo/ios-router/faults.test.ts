import { describe, expect, test } from 'vitest';
import { FAULTS, type Faults, LOCKS, noFaults, ROUTE_LINES, SYSLOG } from '../../../src/demo/ios-router/faults.ts';
import { messageOf } from '../../../src/lib/errors.ts';
import { PROMPT, RawClient } from './raw-client.ts';
import { connect, openRouter, startRouter } from './router-world.ts';

const ROUTE = 'ip route 10.0.0.1 255.255.255.255 10.10.10.1';
const STAMP = String.raw`\*[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\.\d{3}: `;

/** One check per switch: set the fault, look, and where it makes sense see that it goes away again. */
const CHECKS: Readonly<Record<keyof Faults, () => Promise<void>>> = {
  async echoMsPerByte() {
    const { router, client } = await openRouter();
    router.faults.echoMsPerByte = 5;
    client.packets = [];
    const start = performance.now();
    expect(await client.ask('show privilege')).toEqual(['Current privilege level is 15']);
    expect(performance.now() - start).toBeGreaterThan(14 * 5 * 0.9);
    expect(client.packets.length).toBeGreaterThanOrEqual(14);
  },
  async replyDelayMs() {
    const { router, client } = await openRouter();
    router.faults.replyDelayMs = 60;
    const start = performance.now();
    await client.ask('show privilege');
    expect(performance.now() - start).toBeGreaterThan(54);
  },
  async splitEveryByte() {
    const { router, client } = await openRouter();
    router.faults.splitEveryByte = true;
    client.packets = [];
    expect(await client.ask('show privilege')).toEqual(['Current privilege level is 15']);
    expect(new Set(client.packets.map(({ length }) => length))).toEqual(new Set([1]));
  },
  async syslogInReply() {
    const { router, client } = await openRouter();
    router.faults.syslogInReply = [SYSLOG.track, SYSLOG.configured];
    const reply = await client.ask('show ip route 10.0.0.2');
    expect(reply).toHaveLength(5 + 2);
    expect(reply[3]).toMatch(new RegExp(`^${STAMP}%TRACK-6-STATE: 100 ip sla 100 reachability Up -> Down$`));
    expect(reply[4]).toMatch(new RegExp(`^${STAMP}%SYS-5-CONFIG_I: Configured from console by alice`));
  },
  async textInReply() {
    const { router, client } = await openRouter();
    router.faults.textInReply = [' description uplink to edge1#'];
    expect(await client.ask('show ip route 10.0.0.2')).toContain(' description uplink to edge1#');
    expect(await client.all('configure terminal')).toHaveLength(2);
    expect(await client.ask(ROUTE)).toEqual([]);
  },
  async warningOnWrite() {
    const { router, client } = await openRouter();
    router.faults.warningOnWrite = '%Warning: something new in this release';
    await client.ask('configure terminal');
    expect(await client.ask(ROUTE)).toEqual(['%Warning: something new in this release']);
    expect(router.device.running).toHaveLength(1);
  },
  async lock() {
    const { router, client } = await openRouter();
    router.faults.lock = LOCKS.exclusive;
    expect(await client.send('configure terminal')).toBe(`configure terminal\r\n${LOCKS.exclusive}\r\nedge1#`);
    router.faults.lock = undefined;
    expect(await client.send('configure terminal')).toMatch(/\(config\)#$/);
  },
  async lockMidSession() {
    const { router, client } = await openRouter();
    await client.ask('configure terminal');
    router.faults.lockMidSession = LOCKS.midSession;
    expect(await client.send(ROUTE)).toBe(`${ROUTE}\r\n${LOCKS.midSession}\r\nedge1#`);
    expect(router.device.running).toEqual([]);
  },
  async refuseCommands() {
    const { router, client } = await openRouter();
    router.faults.refuseCommands = ROUTE_LINES;
    await client.ask('configure terminal');
    expect(await client.ask(ROUTE)).toEqual(['Command authorization failed.', '']);
    expect(router.device.running).toEqual([]);
  },
  async refuseLogins() {
    const { router, port } = await startRouter();
    router.faults.refuseLogins = true;
    const refused = new RawClient().open({ host: '127.0.0.1', port, username: 'anytrack', password: 'right' });
    expect(await refused.then(String, messageOf)).toMatch(/authentication methods failed/);
  },
  async refuseConnections() {
    const { router, client, port } = await openRouter();
    router.faults.refuseConnections = true;
    const refused = new RawClient().open({ host: '127.0.0.1', port, username: 'anytrack', password: 'right' });
    expect(await refused.then(String, messageOf)).toMatch(/ECONNRESET|closed|lost/i);
    expect(await client.ask('show privilege')).toHaveLength(1);
  },
  async silentConnections() {
    const { router, port } = await startRouter();
    router.faults.silentConnections = true;
    const login = { host: '127.0.0.1', port, username: 'anytrack', password: 'right', readyTimeout: 100 };
    expect(await new RawClient().open(login).then(String, messageOf)).toMatch(/Timed out/);
  },
  async hangOn() {
    const { router, client } = await openRouter();
    router.faults.hangOn = /^show clock/;
    client.type('show clock\r');
    expect(await client.silence(80)).toBe('show clock\r\n');
    router.faults.hangOn = undefined;
    client.type('show privilege\r');
    expect(await client.silence(80)).toBe('');
  },
  async loseSession() {
    for (const [when, routes] of [
      ['before', 0],
      ['after', 1],
    ] as const) {
      const { router, client, port } = await openRouter();
      router.faults.loseSession = { when, on: ROUTE_LINES, times: 1 };
      await client.ask('configure terminal');
      client.type(`${ROUTE}\r`);
      expect(await client.end()).not.toMatch(/#$/);
      expect(router.device.running).toHaveLength(routes);
      const again = await connect(port);
      await again.all('configure terminal', ROUTE);
      expect(router.device.running).toHaveLength(1);
    }
  },
  async ignoreWrites() {
    const { router, client } = await openRouter();
    router.faults.ignoreWrites = true;
    expect(await client.all('configure terminal', ROUTE, 'end')).toHaveLength(1);
    expect(await client.ask('show running-config | include ^ip route')).toEqual([]);
  },
  async nextHopsUnreachable() {
    const { router, client } = await openRouter({ startup: [ROUTE] });
    expect((await client.ask('show ip route 10.0.0.1'))[0]).toBe('Routing entry for 10.0.0.1/32');
    router.faults.nextHopsUnreachable = true;
    expect((await client.ask('show ip route 10.0.0.1'))[0]).toBe('Routing entry for 10.0.0.0/24');
    expect(await client.ask('show running-config | include ^ip route')).toEqual([ROUTE]);
    router.faults.nextHopsUnreachable = false;
    expect((await client.ask('show ip route 10.0.0.1'))[0]).toBe('Routing entry for 10.0.0.1/32');
  },
};

describe('every fault switch', () => {
  test.each(Object.entries(CHECKS))('%s', async (_name, check) => check());

  test('is in the table and off at the start', () => {
    expect(Object.keys(FAULTS).sort()).toEqual(Object.keys(CHECKS).sort());
    expect(Object.values(noFaults()).every((value) => !value || (Array.isArray(value) && value.length === 0))).toBe(
      true,
    );
  });
});

describe('what happens to a router', () => {
  test('a log line arrives in the middle of typing, where the session asked for them', async () => {
    const { router, client } = await openRouter();
    client.type('show pri');
    await client.expect(/show pri$/);
    router.syslog(SYSLOG.track);
    expect(await client.silence(30)).toBe('');
    client.type('vilege\r');
    await client.expect(PROMPT);
    await client.ask('terminal monitor');
    client.type('show pri');
    await client.expect(/show pri$/);
    router.syslog(SYSLOG.track);
    expect(await client.expect(/Down\r\n$/)).toMatch(new RegExp(`^\\r\\n${STAMP}%TRACK`));
    client.type('vilege\r');
    expect(await client.expect(PROMPT)).toBe('vilege\r\nCurrent privilege level is 15\r\nedge1#');
  });

  test('leaving configuration mode is logged', async () => {
    const { client } = await openRouter();
    await client.ask('terminal monitor');
    await client.ask('configure terminal');
    client.type('end\r');
    expect(await client.expect(/CONFIG_I.*\r\n/)).toContain('Configured from console by anytrack on vty0 (127.0.0.1)');
  });

  test('a reload drops sessions, forgets what was not saved, and refuses connections for a while', async () => {
    const { router, client, port } = await openRouter({ startup: ['ip route 10.0.0.9 255.255.255.255 10.10.10.9'] });
    await client.all('configure terminal', ROUTE, 'end');
    const before = router.device.bootedMono;
    const up = router.reload(150);
    await client.end();
    const refused = new RawClient().open({ host: '127.0.0.1', port, username: 'anytrack', password: 'right' });
    expect(await refused.then(String, messageOf)).toMatch(/ECONNREFUSED|ECONNRESET/);
    await up;
    expect(router.device.bootedMono).toBeGreaterThan(before);
    const again = await connect(port);
    expect(await again.ask('show running-config | include ^ip route')).toEqual([
      'ip route 10.0.0.9 255.255.255.255 10.10.10.9',
    ]);
  });

  test('an interface goes down', async () => {
    const { router, client } = await openRouter({ startup: [ROUTE] });
    router.setInterface('GigabitEthernet1', false);
    expect(await client.ask('show ip route 10.0.0.1')).not.toContain('Routing entry for 10.0.0.1/32');
  });

  test('close ends everything, also during a reload', async () => {
    const { router, client } = await openRouter();
    const reloading = router.reload(60_000);
    await client.end();
    await router.close();
    await reloading;
    expect(router.sessions).toBe(0);
  });
});
