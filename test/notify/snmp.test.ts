import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { Secret } from '../../src/lib/secret.ts';
import type { SnmpTarget } from '../../src/notify/contract.ts';
import { createLogger } from '../../src/notify/log.ts';
import { DEFAULT_BASE_OID, NOTIFICATIONS } from '../../src/notify/mib.ts';
import { Notifier } from '../../src/notify/notifier.ts';
import { realTest } from '../support/real.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { EVENTS, TOLD } from './events.ts';
import { COMMUNITY, Snmptrapd } from './snmptrapd.ts';
import { until } from './until.ts';

const cleanUp: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

function target(port: number, difference: Partial<SnmpTarget> = {}): SnmpTarget {
  const community = new Secret(COMMUNITY, 'test');
  return {
    address: '127.0.0.1',
    port,
    version: '2c',
    community,
    inform: true,
    retries: 5,
    timeoutMs: 100,
    ...difference,
  };
}

async function notifier(...targets: SnmpTarget[]): Promise<Notifier> {
  const settings = { snmp: targets, baseOid: DEFAULT_BASE_OID, heartbeatMs: 60_000 };
  const log = createLogger({ level: 'error' }, { destination: { write: () => {} } });
  const one = new Notifier(
    { settings, site: 'ams1', sender: 'probe1' },
    { clock: systemClock, random: seededRandom(), log },
  );
  await one.start();
  cleanUp.push(() => one.close(0));
  return one;
}

async function snmptrapd(address?: string): Promise<Snmptrapd> {
  const daemon = await Snmptrapd.start(address);
  cleanUp.push(() => daemon.stop());
  return daemon;
}

/** The base OID in BER, as it stands in a message: first in the value of snmpTrapOID.0, there followed by 0 and the number. */
const BASE = Buffer.from('2b06010401bf08ce0fce0fa068', 'hex');
const INFORM = 0xa6;
const RESPONSE = 0xa2;

/** A receiver that acknowledges informs, but not the first `deaf` datagrams; it notes the numbers of the notifications. */
async function fakeReceiver(options: { deaf?: number; garbage?: boolean; address?: string } = {}) {
  const { address = '127.0.0.1' } = options;
  let deaf = options.deaf ?? 0;
  const socket: Socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  const heard: number[] = [];
  socket.on('message', (bytes, from) => {
    heard.push(bytes[bytes.indexOf(BASE) + BASE.length + 1] ?? 0);
    if (deaf-- > 0) return;
    if (options.garbage) socket.send(Buffer.from('not SNMP'), from.port, from.address);
    // The PDU follows the community; a response differs from the inform in nothing but its tag.
    const pdu = bytes.indexOf(COMMUNITY) + COMMUNITY.length;
    if (bytes[pdu] !== INFORM) return;
    bytes[pdu] = RESPONSE;
    socket.send(bytes, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  cleanUp.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return { port: socket.address().port, heard };
}

describe('informs', () => {
  test('are sent again until they are acknowledged: the receiver drops the first two', async () => {
    const receiver = await fakeReceiver({ deaf: 2 });
    const one = await notifier(target(receiver.port));
    one.emit(EVENTS.started);
    await until(() => one.status()[0]?.sent === 1);
    expect(receiver.heard).toEqual([12, 12, 12]);
    expect(one.status()).toEqual([{ target: `127.0.0.1:${receiver.port}`, sent: 1, dropped: 0, queued: 0 }]);
  });

  test('of one subject keep their order while one is retried', async () => {
    const receiver = await fakeReceiver({ deaf: 1 });
    const one = await notifier(target(receiver.port));
    for (const event of [EVENTS.trackChanged, EVENTS.verdictChanged, EVENTS.routeChanged]) one.emit(event);
    await until(() => one.status()[0]?.sent === 3);
    expect(receiver.heard).toEqual([1, 1, 3, 4]);
  });

  test('a dead receiver delays no other', async () => {
    const [dead, alive] = [await fakeReceiver({ deaf: 1000 }), await fakeReceiver()];
    const one = await notifier(target(dead.port, { retries: 0 }), target(alive.port));
    for (let i = 0; i < 50; i++) one.emit(EVENTS.heartbeat);
    await until(() => one.status()[1]?.sent === 50);
    expect(one.status()[0]?.sent).toBe(0);
    await until(() => (one.status()[0]?.dropped ?? 0) > 0);
  });

  test('an answer that is no SNMP message acknowledges nothing and breaks nothing', async () => {
    const receiver = await fakeReceiver({ garbage: true });
    const one = await notifier(target(receiver.port));
    one.emit(EVENTS.started);
    await until(() => one.status()[0]?.sent === 1);
  });

  test('over IPv6', async () => {
    const receiver = await fakeReceiver({ address: '::1' });
    const one = await notifier(target(receiver.port, { address: '::1' }));
    one.emit(EVENTS.started);
    await until(() => one.status()[0]?.sent === 1);
    expect(one.status()[0]?.target).toBe(`[::1]:${receiver.port}`);
  });
});

describe('traps', () => {
  test('are sent once, and count as sent when the network has them', async () => {
    const receiver = await fakeReceiver();
    const one = await notifier(target(receiver.port, { inform: false }));
    one.emit(EVENTS.started);
    await until(() => receiver.heard.length === 1);
    expect(one.status()[0]).toMatchObject({ sent: 1, dropped: 0, queued: 0 });
  });
});

describe('snmptrapd with ANYTRACK-MIB', () => {
  /** What is printed for a notification and each of its varbinds, by name. */
  function expectNames(line: string, name: keyof typeof NOTIFICATIONS): void {
    expect(line).toContain(`OID: ANYTRACK-MIB::${name}\t`);
    for (const object of NOTIFICATIONS[name].objects) expect(line).toContain(`\tANYTRACK-MIB::${object}.0 = `);
    // No number where a name belongs: neither an OID nor an enumeration.
    expect(line).not.toMatch(/enterprises|iso\.|= INTEGER: \d|Wrong Type/);
  }

  realTest('prints every notification with names, not numbers', ['snmptrapd'], async () => {
    const daemon = await snmptrapd();
    const one = await notifier(target(daemon.port, { inform: false }));
    for (const event of TOLD) one.emit(event);
    await until(async () => (await daemon.notifications()).length === TOLD.length);
    const lines = await daemon.notifications();
    for (const name of Object.keys(NOTIFICATIONS) as (keyof typeof NOTIFICATIONS)[]) {
      const line = lines.find((candidate) => candidate.includes(`ANYTRACK-MIB::${name}\t`));
      expectNames(line ?? `no ${name}`, name);
    }
  });

  realTest('prints the values in words', ['snmptrapd'], async () => {
    const daemon = await snmptrapd();
    const one = await notifier(target(daemon.port, { inform: false }));
    one.emit(EVENTS.verdictChanged);
    await until(async () => (await daemon.notifications()).length === 1);
    const [line = ''] = await daemon.notifications();
    for (const value of [
      'anytrackSite.0 = STRING: ams1',
      'anytrackSender.0 = STRING: probe1',
      'anytrackSequence.0 = Gauge32: 1',
      'anytrackEventTime.0 = STRING: 2026-1-1,0:0:1.0,+0:0',
      'anytrackAddressType.0 = INTEGER: ipv4(1)',
      'anytrackAddress.0 = Hex-STRING: 0A 00 00 01',
      'anytrackOldVerdict.0 = INTEGER: none(1)',
      'anytrackNewVerdict.0 = INTEGER: withdraw(3)',
      'anytrackReason.0 = STRING: endpoint-down',
      'anytrackUpCount.0 = Gauge32: 1',
    ]) {
      expect(line).toContain(value);
    }
  });

  realTest('acknowledges informs', ['snmptrapd'], async () => {
    const daemon = await snmptrapd();
    const one = await notifier(target(daemon.port));
    for (const event of TOLD) one.emit(event);
    await until(() => one.status()[0]?.sent === TOLD.length);
    expect(await daemon.notifications()).toHaveLength(TOLD.length);
  });

  realTest('is stopped and continued: nothing is lost', ['snmptrapd'], async () => {
    const daemon = await snmptrapd();
    const one = await notifier(target(daemon.port));
    daemon.signal('SIGSTOP');
    for (const event of TOLD) one.emit(event);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(one.status()[0]?.sent).toBe(0);
    daemon.signal('SIGCONT');
    await until(() => one.status()[0]?.sent === TOLD.length);
    const names = (await daemon.notifications()).map((line) => /ANYTRACK-MIB::(anytrack\w+)\t/.exec(line)?.[1]);
    expect(new Set(names)).toEqual(new Set(Object.keys(NOTIFICATIONS)));
    expect(names.indexOf('anytrackTrackChange')).toBeLessThan(names.indexOf('anytrackRouteChange'));
  });

  realTest('hears over IPv6', ['snmptrapd'], async () => {
    const daemon = await snmptrapd('::1');
    const one = await notifier(target(daemon.port, { address: '::1' }));
    one.emit(EVENTS.started);
    await until(() => one.status()[0]?.sent === 1);
    expectNames((await daemon.notifications())[0] ?? '', 'anytrackStart');
  });
});
