import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RouteAttributes, RouteChange, RouteKey } from '../../../src/model.ts';
import { parseConfiguration, parseRib } from '../../../src/routers/cli/frr/parse.ts';
import { frr } from '../../../src/routers/cli/frr.ts';
import type { Scope } from '../../../src/routers/contract.ts';

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/frr/${name}`, import.meta.url), 'utf8');

function change(op: 'add' | 'remove', key: Partial<RouteKey> = {}, attributes: RouteAttributes = {}): RouteChange {
  const whole = { vrf: 'default', prefix: '10.0.0.1/32', nextHop: '10.255.0.2', ...key };
  return { op, key: whole, attributes, policy: 'p', endpoint: 'e', reason: 'endpoint-up' };
}

describe('render', () => {
  const everything = { tag: 4200, distance: 20 };
  test.each([
    ['ip route 10.0.0.1/32 10.255.0.2', change('add')],
    ['ip route 10.0.0.1/32 10.255.0.2 tag 4200 20', change('add', {}, everything)],
    ['ip route 10.0.0.1/32 10.255.0.2 v0 tag 4200 20', change('add', { interface: 'v0' }, everything)],
    ['ip route 10.0.0.1/32 10.255.0.2 tag 4200 vrf BLUE', change('add', { vrf: 'BLUE' }, { tag: 4200 })],
    [
      'ipv6 route 2001:db8::1/128 fe80::1 v0',
      change('add', { prefix: '2001:db8::1/128', nextHop: 'fe80::1', interface: 'v0' }),
    ],
    ['no ip route 10.0.0.1/32 10.255.0.2', change('remove', {}, everything)],
    ['no ip route 10.0.0.1/32 10.255.0.2 v0 vrf BLUE', change('remove', { vrf: 'BLUE', interface: 'v0' }, everything)],
  ])('%s', (text, one) => {
    expect(frr.render([one])).toEqual({
      enter: ['configure terminal'],
      lines: [{ text, change: one }],
      leave: ['end'],
    });
    expect(frr.classify(text)).toEqual({ prefix: one.key.prefix });
  });

  test.each([
    ['a name, which FRR does not have', change('add', {}, { name: 'anytrack' })],
    ['a track, which FRR takes for an interface', change('add', {}, { track: 10 })],
    ['a line break', change('add', { nextHop: '10.255.0.2\nend' })],
    ['two words', change('add', { vrf: 'a b' })],
    ['a tag out of range', change('add', {}, { tag: 0 })],
    ['a distance out of range', change('add', {}, { distance: 256 })],
  ])('refuses %s', (_name, one) => {
    expect(() => frr.render([one])).toThrow(expect.objectContaining({ code: 'rejected' }));
  });

  test('several lines are one transaction', () => {
    const script = frr.render([change('remove'), change('add')]);
    expect(script.enter).toEqual(['configure terminal', 'XFRR_start_configuration']);
    expect(script.leave).toEqual(['XFRR_end_configuration', 'end']);
  });
});

describe('classify', () => {
  test.each([
    ['end', 'mode'],
    ['configure terminal', 'mode'],
    ['XFRR_start_configuration', 'mode'],
    ['ip route 10.0.0.0/24 10.255.0.2', { prefix: '10.0.0.0/24' }],
    ['ip route 10.0.0.1/24 10.255.0.2', undefined],
    ['ip route 10.0.0.1 255.255.255.255 10.255.0.2', undefined],
    ['ip route 2001:db8::1/128 10.255.0.2', undefined],
    ['do reload', undefined],
    ['router bgp 65000', undefined],
    [' end', undefined],
  ])('%j', (line, effect) => {
    expect(frr.classify(line)).toEqual(effect);
  });
});

const scope = (change: Partial<Scope> = {}): Scope => ({
  vrfs: ['default'],
  families: [4, 6],
  prefixes: 'all',
  ...change,
});

describe('observe', () => {
  const configuration = ['show running-config staticd', 'show running-config mgmtd'];
  test.each([
    ['everything', scope(), ['show ip route static json', 'show ipv6 route static json']],
    ['a VRF', scope({ vrfs: ['BLUE'], families: [4] }), ['show ip route vrf BLUE static json']],
    [
      'a few prefixes',
      scope({ vrfs: ['default', 'BLUE'], prefixes: ['10.0.0.1/32', '2001:db8::1/128'] }),
      [
        'show ip route 10.0.0.1/32 json',
        'show ipv6 route 2001:db8::1/128 json',
        'show ip route vrf BLUE 10.0.0.1/32 json',
        'show ipv6 route vrf BLUE 2001:db8::1/128 json',
      ],
    ],
    [
      'many prefixes',
      scope({ families: [4], prefixes: Array.from({ length: 100 }, (_, i) => `10.0.0.${i}/32`) }),
      ['show ip route static json'],
    ],
  ])('%s', (_name, wanted, commands) => {
    expect(frr.observeCommands(wanted)).toEqual([...configuration, ...commands]);
    const before = { ...wanted, configurationOnly: true };
    expect(frr.observeCommands(before)).toEqual(frr.observeCommands(wanted).slice(0, 2));
  });

  test('the configuration, with VRF blocks; routes through another table are left out', () => {
    const shown = parseConfiguration(fixture('running-config-staticd.txt'));
    expect(shown.map(({ key, attributes }) => [key.vrf, key.prefix, key.nextHop, key.interface, attributes])).toEqual([
      ['default', '192.0.2.0/24', '10.255.0.2', undefined, {}],
      ['default', '192.0.2.11/32', '10.255.0.2', undefined, { tag: 7000 }],
      ['default', '192.0.2.11/32', '10.255.0.3', undefined, { tag: 7000, distance: 20 }],
      ['default', '192.0.2.12/32', '10.255.0.2', 'v0', {}],
      ['default', '192.0.2.13/32', '10.255.0.2', 'v0', { tag: 7000, distance: 30 }],
      ['default', '192.0.2.18/32', '10.255.0.2', undefined, { tag: 7000 }],
      ['default', '192.0.2.19/32', '10.255.0.2', 'track', { distance: 10 }],
      ['default', '2001:db8:aaaa::1/128', '2001:db8:ff::2', undefined, { tag: 7000, distance: 20 }],
      ['default', '2001:db8:aaaa::2/128', 'fe80::1', 'v0', {}],
      ['blue', '192.0.2.15/32', '10.255.0.2', undefined, { tag: 7000 }],
      ['default', '192.0.2.20/32', '10.255.0.2', undefined, {}],
    ]);
  });

  test('the RIB: what is installed, without dead next hops and without what a recursive one resolves to', () => {
    expect(parseRib(fixture('route-installed.json'))).toEqual([
      {
        key: { vrf: 'default', prefix: '192.0.2.11/32', nextHop: '10.255.0.2', interface: 'v0' },
        attributes: { tag: 7000, distance: 20 },
      },
      {
        key: { vrf: 'default', prefix: '192.0.2.11/32', nextHop: '198.51.100.77' },
        attributes: { tag: 7000, distance: 20 },
      },
    ]);
  });

  test('both together, inside the scope only', () => {
    const said = (received: string) => ({ sent: '', received, ms: 0 });
    const replies = [said(fixture('running-config-staticd.txt')), said(''), said(fixture('route-installed.json'))];
    const { routes, uptimeMs } = frr.parse(replies, scope({ prefixes: ['192.0.2.11/32'], families: [4] }));
    expect(uptimeMs).toBeUndefined();
    expect(routes.map(({ key, configured, installed }) => [key.nextHop, configured, installed])).toEqual([
      ['10.255.0.2', true, true],
      ['10.255.0.3', true, false],
      ['198.51.100.77', false, true],
    ]);
  });

  test('any text gives a result', () => {
    const words = fc.constantFrom(
      'ip',
      'ipv6',
      'route',
      'vrf',
      'exit-vrf',
      '!',
      '\n',
      '10.0.0.1/32',
      '::1',
      '10.0.0.2',
      'tag',
      '1',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(words).map((parts) => parts.join(' ')),
      fc.json(),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (texts) => {
        const replies = texts.map((received) => ({ sent: '', received, ms: 0 }));
        expect(Array.isArray(frr.parse(replies, scope()).routes)).toBe(true);
      }),
    );
  });
});
