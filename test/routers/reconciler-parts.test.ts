import { describe, expect, test } from 'vitest';
import type { ObservedRoute, RouteChange } from '../../src/model.ts';
import { memoryPlatform } from '../../src/routers/memory/platform.ts';
import { Agenda } from '../../src/routers/reconciler/agenda.ts';
import { areaOf, scopeOf } from '../../src/routers/reconciler/area.ts';
import { readBack } from '../../src/routers/reconciler/read-back.ts';
import { wasReloaded } from '../../src/routers/reconciler/reload.ts';
import { Wishes } from '../../src/routers/reconciler/wishes.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { key, OURS, wish } from './reconciler-world.ts';

describe('read-back (promise 6)', () => {
  const change = (op: RouteChange['op']): RouteChange => ({
    op,
    key: key(),
    attributes: OURS,
    policy: 'p',
    endpoint: 'e',
    reason: 'endpoint-up',
  });
  const route = (over: Partial<ObservedRoute> = {}): ObservedRoute => ({
    key: key(),
    attributes: OURS,
    configured: true,
    installed: true,
    ...over,
  });
  const byInterface = { ...key(), interface: 'eth0' };
  const table: [string, 'add' | 'remove', ObservedRoute[], string][] = [
    ['nothing there', 'add', [], 'notWritten'],
    ['configured and installed', 'add', [route()], 'shown'],
    ['configured only', 'add', [route({ installed: false })], 'notInRib'],
    ['installed only', 'add', [route({ configured: false })], 'notWritten'],
    ['other attributes', 'add', [route({ attributes: { ...OURS, tag: 7 } })], 'notWritten'],
    ['another next hop', 'add', [route({ key: key(1, '192.0.2.2') })], 'notWritten'],
    ['nothing there', 'remove', [], 'shown'],
    ['still there', 'remove', [route()], 'notWritten'],
    ['still in the RIB', 'remove', [route({ configured: false })], 'notInRib'],
    ['in the RIB by another line', 'remove', [route({ key: byInterface })], 'notInRib'],
    ['another next hop stays', 'remove', [route({ key: key(1, '192.0.2.2') })], 'shown'],
    ['the same in another VRF', 'remove', [route({ key: { ...key(), vrf: 'BLUE' } })], 'shown'],
  ];
  test.each(table)('%s after %s', (_, op, observed, verdict) => {
    expect(readBack(change(op), observed, memoryPlatform).verdict).toBe(verdict);
  });

  test('the same next hop behind another interface is another path: link-local next hops stand behind several', () => {
    const through = (out: string) => ({ ...key(1, 'fe80::1'), interface: out });
    const removal = { ...change('remove'), key: through('eth0') };
    expect(readBack(removal, [route({ key: through('eth1') })], memoryPlatform).verdict).toBe('shown');
  });
});

test.each([
  ['first reading', undefined, 5_000, 0, false],
  ['time went on', 60_000, 120_000, 60_000, false],
  ['whole minutes', 60_000, 60_000, 59_000, false],
  ['it went down', 60_000, 1_000, 60_000, true],
  ['it went up less than the time that passed', 10_000, 60_000, 3_600_000, true],
  ['the counter starts again', 4_294_000_000, 5_000, 970_000, false],
])('uptime, %s', (_, before, now, elapsedMs, reloaded) => {
  const first = before === undefined ? undefined : { uptimeMs: before, atMono: 0 };
  const wrap = before === 4_294_000_000 ? 4_294_967_296 : undefined;
  expect(wasReloaded(first, { uptimeMs: now, atMono: elapsedMs }, wrap)).toBe(reloaded);
});

describe('agenda', () => {
  test('a lone change is due at once, one soon after a write when 50 ms have passed since that visit began', async () => {
    const clock = new FakeClock();
    const agenda = new Agenda({ coalesceMs: 50 }, { clock });
    agenda.add(areaOf([key()]));
    expect(agenda.nextAt(undefined)).toBe(0);
    agenda.take(areaOf([]));
    agenda.wrote(0);
    await clock.advance(10);
    agenda.add(areaOf([key()]));
    expect(agenda.nextAt(undefined)).toBe(50);
    expect(agenda.nextAt(12)).toBe(12);
    agenda.block(1_000);
    expect(agenda.nextAt(12)).toBe(1_010);
    agenda.block(Number.POSITIVE_INFINITY);
    expect(agenda.nextAt(12)).toBeUndefined();
  });
});

describe('what is read', () => {
  const bounds = { anycastPrefixes: ['10.0.0.0/24', '2001:db8::/64'], vrfs: new Set(['default', 'BLUE']) };
  test('a full pass: every table, the families of the anycast space', () => {
    expect(scopeOf('all', bounds)).toEqual({ vrfs: ['default', 'BLUE'], families: [4, 6], prefixes: 'all' });
  });
  test('promise 1: a prefix outside the anycast space is not even asked for', () => {
    const area = areaOf([key(), { vrf: 'default', prefix: '0.0.0.0/0' }, { vrf: 'default', prefix: 'x' }]);
    expect(scopeOf(area, bounds)).toEqual({ vrfs: ['default'], families: [4], prefixes: ['10.0.0.1/32'] });
  });
});

describe('wishes', () => {
  test.each([
    ['the same again', [wish('present')], 0],
    ['another reason for the same', [wish('present', { reason: 'standby' })], 0],
    ['another want', [wish('absent')], 1],
    ['another attribute', [wish('present', { attributes: { distance: 5 } })], 1],
    ['no longer named', [], 1],
    ['one more prefix', [wish('present'), wish('present', { key: key(2) })], 1],
  ])('%s', (_, routes, changed) => {
    const wishes = new Wishes();
    wishes.replace([wish('present')], new Set());
    expect(wishes.replace(routes, new Set()).size).toBe(changed);
  });
});
