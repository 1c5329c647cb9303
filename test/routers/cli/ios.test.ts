import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RouteAttributes, RouteChange, RouteKey } from '../../../src/model.ts';
import { parseConfiguration } from '../../../src/routers/cli/ios/configuration.ts';
import { parseUptime } from '../../../src/routers/cli/ios/observe.ts';
import { parseDetail, parseIpv4Table, parseIpv6Table } from '../../../src/routers/cli/ios/rib.ts';
import { ios } from '../../../src/routers/cli/ios.ts';
import type { InstalledPath } from '../../../src/routers/cli/shared/observed.ts';
import type { Scope } from '../../../src/routers/contract.ts';

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/ios/${name}.txt`, import.meta.url), 'utf8');

function change(op: 'add' | 'remove', key: Partial<RouteKey> = {}, attributes: RouteAttributes = {}): RouteChange {
  const whole = { vrf: 'default', prefix: '10.0.0.1/32', nextHop: '10.255.0.2', ...key };
  return { op, key: whole, attributes, policy: 'p', endpoint: 'e', reason: 'endpoint-up' };
}

describe('render', () => {
  const everything = { tag: 4200, distance: 20, name: 'anytrack', track: 700 };
  const ipv6 = { prefix: '2001:db8:ac::1/128', nextHop: '2001:db8:ff::2' };
  test.each([
    ['ip route 10.0.0.1 255.255.255.255 10.255.0.2', change('add', {}, { distance: 1 })],
    ['ip route 10.0.0.1 255.255.255.255 10.255.0.2 20 tag 4200 name anytrack track 700', change('add', {}, everything)],
    [
      'ip route vrf BLUE 10.0.0.1 255.255.255.255 GigabitEthernet2 10.255.0.2 tag 4200',
      change('add', { vrf: 'BLUE', interface: 'GigabitEthernet2' }, { tag: 4200 }),
    ],
    [
      'ipv6 route 2001:db8:ac::1/128 2001:db8:ff::2 20 tag 4200 track 700 name anytrack',
      change('add', ipv6, everything),
    ],
    ['no ip route 10.0.0.1 255.255.255.255 10.255.0.2', change('remove', {}, everything)],
    [
      'no ipv6 route vrf BLUE 2001:db8:ac::1/128 Gi2 fe80::1',
      change('remove', { ...ipv6, vrf: 'BLUE', interface: 'Gi2', nextHop: 'fe80::1' }, everything),
    ],
  ])('%s', (text, one) => {
    expect(ios.render([one])).toEqual({
      enter: ['configure terminal'],
      lines: [{ text, change: one }],
      leave: ['end'],
    });
    expect(ios.classify(text)).toEqual({ prefix: one.key.prefix });
  });

  test.each([
    ['a name of two words', change('add', {}, { name: 'any track' })],
    ['a name that is too long', change('add', {}, { name: 'x'.repeat(51) })],
    ['a line break', change('add', {}, { name: 'a\nend' })],
    ['a help key', change('add', { vrf: 'BLUE?' })],
    ['a track that no router has', change('add', {}, { track: 1001 })],
    ['a next hop that is no address', change('add', { nextHop: 'Null0' })],
  ])('refuses %s', (_name, one) => {
    expect(() => ios.render([one])).toThrow(expect.objectContaining({ code: 'rejected' }));
  });
});

test.each([
  ['configure terminal', 'mode'],
  ['end', 'mode'],
  ['ip route 10.0.0.0 255.255.255.0 10.255.0.2', { prefix: '10.0.0.0/24' }],
  ['ip route 0.0.0.0 0.0.0.0 10.255.0.2', { prefix: '0.0.0.0/0' }],
  ['ip route 10.0.0.1 255.0.255.0 10.255.0.2', undefined],
  ['ip route 10.0.0.1 255.255.255.0 10.255.0.2', undefined],
  ['ip route 10.0.0.1 255.255.255.255 Null0', undefined],
  ['no ip route 10.0.0.1 255.255.255.255', undefined],
  ['do write memory', undefined],
])('classify %j', (line, effect) => {
  expect(ios.classify(line)).toEqual(effect);
});

const scope = (change: Partial<Scope> = {}): Scope => ({
  vrfs: ['default'],
  families: [4, 6],
  prefixes: 'all',
  ...change,
});

describe('observe', () => {
  test.each([
    ['everything', scope(), ['show ip route static', 'show ipv6 route static']],
    ['a VRF', scope({ vrfs: ['BLUE'], families: [4] }), ['show ip route vrf BLUE static']],
    [
      'a few prefixes',
      scope({ vrfs: ['BLUE'], prefixes: ['10.0.0.1/32', '2001:db8:ac::1/128'] }),
      ['show ip route vrf BLUE 10.0.0.1', 'show ipv6 route vrf BLUE 2001:db8:ac::1/128'],
    ],
  ])('asks for %s', (_name, wanted, commands) => {
    expect(ios.observeCommands(wanted).slice(0, 2)).toEqual([
      'show running-config | include ^ip route|^ipv6 route',
      'show version | include uptime',
    ]);
    expect(ios.observeCommands(wanted).slice(2)).toEqual(commands);
    const before = { ...wanted, configurationOnly: true };
    expect(ios.observeCommands(before)).toEqual(ios.observeCommands(wanted).slice(0, 1));
  });

  test('the configuration; IPv6 in small letters, log lines passed over', () => {
    const shown = parseConfiguration(fixture('running-config-routes'));
    const everything = { distance: 20, tag: 4200, name: 'anytrack', track: 700 };
    expect(shown.map(({ key, attributes }) => [key.vrf, key.prefix, key.interface, key.nextHop, attributes])).toEqual([
      ['default', '10.64.67.187/32', undefined, '9.30.0.1', {}],
      ['default', '0.0.0.0/0', undefined, '10.12.11.1', {}],
      ['default', '10.0.0.1/32', undefined, '10.255.0.2', everything],
      ['BLUE', '10.0.0.1/32', 'GigabitEthernet2', '10.255.0.2', { tag: 4200, name: 'anytrack' }],
      ['default', '10.0.0.4/32', undefined, '10.255.0.2', {}],
      ['default', '2001:db8:ac::1/128', undefined, '2001:db8:ff::2', everything],
      ['BLUE', '2001:db8:ac::2/128', 'GigabitEthernet2', 'fe80::1', {}],
    ]);
  });

  const hops = (paths: readonly InstalledPath[]) =>
    paths.map(({ key, attributes }) => [key.prefix, key.nextHop, key.interface, attributes]);

  test('one IPv4 route with its paths', () => {
    expect(hops(parseDetail(fixture('show-ip-route-word'), 'BLUE'))).toEqual([
      ['10.0.0.1/32', '10.255.0.2', undefined, { tag: 4200, distance: 20 }],
      ['10.0.0.1/32', '10.255.0.3', 'GigabitEthernet3', { tag: 4200, distance: 20 }],
    ]);
  });

  test('one IPv6 route', () => {
    expect(hops(parseDetail(fixture('show-ipv6-route-prefix'), 'default'))).toEqual([
      ['2001:db8:ac::1/128', '2001:db8:ff::2', 'GigabitEthernet2', { tag: 4200, distance: 20 }],
    ]);
  });

  test.each([
    ['% Network not in table'],
    ['% Subnet not in table'],
    [
      'Routing entry for 10.0.0.1/32\n  Known via "connected", distance 0\n  Routing Descriptor Blocks:\n  * 10.255.0.2',
    ],
  ])('not a static route: %j', (text) => {
    expect(parseDetail(text, 'default')).toEqual([]);
  });

  test('a covering route is not the route that was asked for', () => {
    const covering = fixture('show-ip-route-word').replace('10.0.0.1/32', '10.0.0.0/24');
    const replies = ['', '', covering].map((received) => ({ sent: '', received, ms: 0 }));
    const asked = scope({ vrfs: ['BLUE'], families: [4], prefixes: ['10.0.0.1/32'] });
    expect(ios.parse(replies, asked).routes).toEqual([]);
  });

  test('the table of IPv4 statics, whose lengths may stand in the headings', () => {
    expect(hops(parseIpv4Table(fixture('show-ip-route-static'), 'default'))).toEqual([
      ['0.0.0.0/0', '10.12.11.1', undefined, {}],
      ['10.0.0.1/32', '10.255.0.2', undefined, { distance: 20 }],
      ['10.0.0.1/32', '10.255.0.3', 'GigabitEthernet3', { distance: 20 }],
      ['10.0.0.2/32', '10.255.0.2', undefined, {}],
      ['192.168.1.41/32', '10.255.0.4', undefined, {}],
    ]);
  });

  test('the table of IPv6 statics', () => {
    expect(hops(parseIpv6Table(fixture('show-ipv6-route-static'), 'default'))).toEqual([
      ['2001:db8:ac::1/128', '2001:db8:ff::2', undefined, { tag: 4200, distance: 20 }],
      ['2001:db8:ac::1/128', 'fe80::1', 'GigabitEthernet2', { tag: 4200, distance: 20 }],
    ]);
  });

  test('configured and installed are two questions', () => {
    const texts = [fixture('running-config-routes'), 'edge1 uptime is 4 minutes', fixture('show-ip-route-static')];
    const replies = texts.map((received) => ({ sent: '', received, ms: 0 }));
    const { routes, uptimeMs } = ios.parse(replies, scope({ families: [4] }));
    const found = (prefix: string) =>
      routes
        .filter(({ key }) => key.prefix === prefix)
        .map((route) => [route.key.nextHop, route.configured, route.installed]);
    expect(uptimeMs).toBe(240_000);
    expect(found('10.0.0.1/32')).toEqual([
      ['10.255.0.2', true, true],
      ['10.255.0.3', false, true],
    ]);
    expect(found('10.0.0.4/32')).toEqual([['10.255.0.2', true, false]]);
  });

  test.each([
    ['edge1 uptime is 1 week, 2 days, 3 hours, 4 minutes', 788_640_000],
    ['edge1 uptime is 2 years, 1 minute', 63_072_060_000],
    ['edge1 uptime is 0 minutes', 0],
    ['edge1 uptime is soon', undefined],
    ['', undefined],
  ])('%j', (text, ms) => {
    expect(parseUptime(text)).toBe(ms);
  });

  test('any text gives a result', () => {
    const words = fc.constantFrom(
      'ip',
      'route',
      'S',
      'via',
      '[1/0]',
      '10.0.0.1/32',
      '10.0.0.1',
      '255.255.255.255',
      '\n',
      '      ',
      '2001:DB8::1/128',
      'is subnetted',
      'Routing entry for',
      'Known via "static"',
      'Routing paths:',
      LOG,
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(words, { maxLength: 40 }).map((parts) => parts.join(' ')),
    );
    const scopes = fc.constantFrom(scope(), scope({ prefixes: ['10.0.0.1/32', '2001:db8::1/128'] }));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), scopes, (texts, wanted) => {
        const replies = texts.map((received) => ({ sent: '', received, ms: 0 }));
        expect(Array.isArray(ios.parse(replies, wanted).routes)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

const LOG = '*Mar  1 00:01:02.345: %SYS-5-CONFIG_I: Configured from console by vty0 (192.0.2.1)\n';
