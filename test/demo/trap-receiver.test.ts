import { createSocket } from 'node:dgram';
import snmp from 'net-snmp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TrapReceiver } from '../../src/demo/trap-receiver.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { messageOf } from '../../src/lib/errors.ts';

const BASE = '1.3.6.1.4.1.8072.9999.9999';
const NAMES = new Map([
  [`${BASE}.0.1`, 'anytrackRouteAdded'],
  [`${BASE}.1.1`, 'anytrackAddress'],
]);

async function startReceiver() {
  const receiver = new TrapReceiver(
    { address: '127.0.0.1', community: 'public', names: NAMES },
    { clock: systemClock },
  );
  const { port } = await receiver.start();
  onTestFinished(() => receiver.close());
  return { receiver, port };
}

/** Sends one notification; resolves when it is acknowledged (inform) or sent (trap). */
async function send(port: number, kind: 'trap' | 'inform', community = 'public'): Promise<void> {
  const session = snmp.createSession('127.0.0.1', community, {
    version: snmp.Version2c,
    ...(kind === 'trap' ? { trapPort: port } : { trapPort: port, retries: 0, timeout: 300 }),
  });
  const varbinds = [
    { oid: `${BASE}.1.1.0`, type: snmp.ObjectType.OctetString, value: '10.0.0.1' },
    { oid: `${BASE}.1.2.0`, type: snmp.ObjectType.OctetString, value: Buffer.from([0, 255]) },
    { oid: `${BASE}.1.3.0`, type: snmp.ObjectType.Integer, value: 5 },
  ];
  try {
    await new Promise<void>((resolve, reject) => {
      const done = (error: Error | null) => (error === null ? resolve() : reject(error));
      if (kind === 'trap') session.trap(`${BASE}.0.1`, varbinds, done);
      else session.inform(`${BASE}.0.1`, varbinds, done);
    });
  } finally {
    session.close();
  }
}

describe('trap receiver', () => {
  test.each(['trap', 'inform'] as const)('keeps a %s with names', async (kind) => {
    const { receiver, port } = await startReceiver();
    const waiting = receiver.waitFor(({ name }) => name === 'anytrackRouteAdded', 2000);
    await send(port, kind);
    const trap = await waiting;
    expect(trap.inform).toBe(kind === 'inform');
    expect(trap.varbinds.map(({ name, value }) => [name, value])).toEqual([
      ['sysUpTime', expect.any(Number)],
      ['snmpTrapOID', `${BASE}.0.1`],
      ['anytrackAddress', '10.0.0.1'],
      [`${BASE}.1.2.0`, '00ff'],
      [`${BASE}.1.3.0`, 5],
    ]);
    expect(receiver.received).toEqual([trap]);
    expect(await receiver.waitFor(() => true, 0)).toBe(trap);
  });

  test('drops another community and noise: an inform is not acknowledged', async () => {
    const { receiver, port } = await startReceiver();
    expect(await send(port, 'inform', 'wrong').then(String, messageOf)).toMatch(/timed out/i);
    const socket = createSocket('udp4');
    await new Promise((resolve) => socket.send('noise', port, '127.0.0.1', resolve));
    socket.close();
    await send(port, 'inform');
    expect(receiver.received).toHaveLength(1);
  });

  test('waiting in vain says what came', async () => {
    const { receiver, port } = await startReceiver();
    await send(port, 'inform');
    const waiting = receiver.waitFor(({ name }) => name === 'other', 20);
    expect(await waiting.then(String, messageOf)).toBe('no such notification within 20 ms; came: anytrackRouteAdded');
  });

  test('close ends waiting', async () => {
    const { receiver } = await startReceiver();
    const waiting = receiver.waitFor(() => false, 60_000);
    await receiver.close();
    expect(await waiting.then(String, messageOf)).toBe('aborted');
  });

  test('says so if the port is taken', async () => {
    const { port } = await startReceiver();
    const second = new TrapReceiver({ address: '127.0.0.1', port, community: 'public' }, { clock: systemClock });
    expect(await second.start().then(String, messageOf)).toMatch(/EADDRINUSE/);
  });
});
