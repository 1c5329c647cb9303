import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../../src/lib/secret.ts';
import type { AnytrackEvent, SnmpTarget } from '../../src/notify/contract.ts';
import type { WireNotification } from '../../src/notify/encode.ts';
import { createLogger } from '../../src/notify/log.ts';
import { Notifier } from '../../src/notify/notifier.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { EVENTS, report, TOLD } from './events.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'at-notifier-'));
});
afterEach(() => rm(folder, { recursive: true }));

const target: SnmpTarget = {
  address: '192.0.2.9',
  port: 162,
  version: '2c',
  community: new Secret('c0mmunity', 'file:/x'),
  inform: false,
  retries: 0,
  timeoutMs: 100,
};

/** A notifier with one receiver that takes everything, a log and an audit file. */
async function world(level: 'info' | 'debug' = 'info', successorOf?: Notifier) {
  const sent: WireNotification[] = [];
  const logged: Record<string, unknown>[] = [];
  const auditFile = join(folder, 'audit.jsonl');
  let closed = 0;
  const notifier = new Notifier(
    {
      settings: { snmp: [target], baseOid: '1.3.6.1.4.1.99999.1', heartbeatMs: 60_000, auditFile },
      site: 'ams1',
      sender: 'probe1',
      ...(successorOf === undefined ? {} : { successorOf }),
    },
    {
      clock: new FakeClock(),
      random: seededRandom(),
      log: createLogger({ level }, { destination: { write: (line) => logged.push(JSON.parse(line)) } }),
      openSession: () => ({
        trap: async (notification) => void sent.push(notification),
        inform: () => Promise.reject(new Error('not here')),
        close: () => void closed++,
      }),
    },
  );
  await notifier.start();
  const emit = async (...events: AnytrackEvent[]) => {
    for (const event of events) notifier.emit(event);
    await settle();
  };
  const close = async () => {
    await notifier.close();
    expect(closed).toBe(1);
    const text = await readFile(auditFile, 'utf8');
    return {
      text,
      audit: text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    };
  };
  const sequences = () => sent.map(({ varbinds }) => varbinds[2]?.value);
  return { notifier, sent, logged, emit, close, sequences };
}

describe('an event', () => {
  test('goes to receivers, log and audit file', async () => {
    const { emit, sent, logged, close } = await world();
    await emit(...TOLD);
    expect(sent.map(({ oid }) => oid.replace('1.3.6.1.4.1.99999.1.0.', ''))).toHaveLength(TOLD.length);
    // The heartbeat is for the NMS only.
    expect(logged).toHaveLength(TOLD.length - 1);
    const { audit } = await close();
    expect(audit.map(({ type }) => type)).toEqual(TOLD.map(({ type }) => type).filter((type) => type !== 'heartbeat'));
  });

  test('is numbered, so that the NMS sees a loss', async () => {
    const { emit, sequences, close } = await world();
    await emit(EVENTS.started, EVENTS.probeResult, EVENTS.trackChanged, EVENTS.heartbeat);
    expect(sequences()).toEqual([1, 2, 3]);
    await close();
  });

  test('a single result is logged at level debug only', async () => {
    for (const [level, lines] of [
      ['info', 0],
      ['debug', 1],
    ] as const) {
      const { emit, sent, logged, notifier } = await world(level);
      await emit(EVENTS.probeResult);
      expect([sent.length, logged.length]).toEqual([0, lines]);
      await notifier.close();
    }
  });
});

test('a failure that repeats is audited every time, but told and logged once', async () => {
  const { emit, sent, logged, close } = await world();
  await emit(EVENTS.routeFailed, EVENTS.routeFailed, EVENTS.routeFailed);
  expect([sent.length, logged.length]).toEqual([1, 1]);
  expect((await close()).audit).toHaveLength(3);
});

test('the audit line of a route change carries the evidence, the thresholds and the verdict (promise 11)', async () => {
  const { emit, close } = await world();
  await emit(EVENTS.trackChanged, EVENTS.verdictChanged, EVENTS.routeChanged);
  expect((await close()).audit.at(-1)).toMatchObject({
    type: 'routeChanged',
    policy: 'resolver',
    report: {
      sent: [{ sent: 'no ip route 10.0.0.1/32 10.10.10.1', received: '', ms: 2 }],
      readBack: { configured: false, installed: false },
      steps: [{ name: 'decide' }, { name: 'apply' }, { name: 'readBack' }],
    },
    because: {
      track: {
        thresholds: expect.stringContaining('fall 2'),
        evidence: [{ result: { outcome: 'fail', cause: 'timeout' } }],
      },
      verdict: { verdict: { reason: 'endpoint-down' } },
    },
  });
});

test('the community appears nowhere (promise 10)', async () => {
  const { emit, logged, sent, close } = await world('debug');
  await emit({ ...EVENTS.routeFailed, report: report({ detail: 'router said c0mmunity' }) }, EVENTS.started);
  expect((await close()).text).not.toContain('c0mmunity');
  const told = sent.flatMap(({ varbinds }) => varbinds.map(({ value }) => String(value)));
  expect(told.join('\n')).toMatch(/router said \[secret\]/);
  expect(told.join('\n')).not.toContain('c0mmunity');
  expect(JSON.stringify(target)).not.toContain('c0mmunity');
  expect(logged.length).toBeGreaterThan(0);
});

test('the address of a policy is learnt from its first verdict', async () => {
  const { emit, sent, close } = await world();
  await emit(EVENTS.probeStateChanged, EVENTS.verdictChanged, EVENTS.probeStateChanged);
  const addresses = sent.map(({ varbinds }) => Buffer.from((varbinds[6]?.value ?? '') as Buffer).toString('hex'));
  expect(addresses).toEqual(['', '0a000001', '0a000001']);
  await close();
});

test('a successor goes on with numbers, explanations and what was told', async () => {
  const before = await world();
  await before.emit(EVENTS.trackChanged, EVENTS.routeFailed);
  const after = await world('info', before.notifier);
  await before.close();
  await after.emit(EVENTS.routeFailed, EVENTS.routeChanged);
  expect(after.sequences()).toEqual([3]);
  expect((await after.close()).audit.at(-1)).toMatchObject({ because: { track: { type: 'trackChanged' } } });
});
