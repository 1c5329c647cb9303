import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isHostRouteInside } from '../../src/lib/ip.ts';
import type { RouteChange } from '../../src/model.ts';
import type { CliPlatform, Script } from '../../src/routers/contract.ts';
import { assertRead, assertScope, assertScript } from '../../src/routers/gate.ts';
import { cliPlatforms } from '../../src/routers/registry.ts';

const ANYCAST = ['10.0.0.0/24', '2001:db8:ac::/64'];

/** Words that somebody might smuggle into a route. */
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('x\nip route 192.0.2.1/32 10.1.1.1', 'a b', '?', 'x;reload', '10.0.0.1/32', 'end\r', '\u001b[A', '|'),
  fc.constantFrom('10.255.0.2', 'anytrack', 'default', 'Gi2'),
);
const prefix = fc.oneof(
  fc.constantFrom('10.0.0.1/32', '2001:db8:ac::1/128', '10.0.0.0/24', '0.0.0.0/0', '192.0.2.1/32', '::/0'),
  nasty,
  fc.ipV4().map((address) => `${address}/32`),
  fc.ipV6().map((address) => `${address}/128`),
);
const change: fc.Arbitrary<RouteChange> = fc.record({
  op: fc.constantFrom('add' as const, 'remove' as const),
  key: fc.record(
    { vrf: nasty, prefix, nextHop: fc.oneof(fc.ipV4(), fc.ipV6(), nasty), interface: nasty },
    { requiredKeys: ['vrf', 'prefix', 'nextHop'] },
  ),
  attributes: fc.record(
    { tag: fc.double(), distance: fc.double(), name: nasty, track: fc.double() },
    { requiredKeys: [] },
  ),
  policy: fc.constant('p'),
  endpoint: fc.constant('e'),
  reason: fc.constant('endpoint-up' as const),
});

describe.each(Object.entries(cliPlatforms))('promise 1 on %s', (_name, platform) => {
  test('whatever the changes say, no line with another prefix passes, and no line is two', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
        for (const text of textsThatPass(platform, () => platform.render(changes))) expectHarmless(text);
      }),
      { numRuns: 500 },
    );
  });

  test('whatever the lines say, none with another prefix passes', () => {
    const words = fc.constantFrom(
      'no',
      'ip',
      'ipv6',
      'route',
      'vrf',
      'X',
      '10.0.0.1',
      '255.255.255.255',
      '255.0.0.0',
      '10.0.0.1/32',
      '192.0.2.1/32',
      '2001:db8:ac::1/128',
      '2001:DB8::/32',
      '10.255.0.2',
      'tag',
      '7',
      'do',
      'end',
      '\n',
      '!',
      ';',
    );
    const line = fc.array(words, { maxLength: 9 }).map((parts) => parts.join(' '));
    fc.assert(
      fc.property(line, (text) => {
        const script = { enter: [], lines: [{ text }], leave: [] };
        for (const passed of textsThatPass(platform, () => script)) expectHarmless(passed);
      }),
      { numRuns: 2000 },
    );
  });

  test('its own script passes', () => {
    const good: RouteChange = {
      op: 'add',
      key: { vrf: 'BLUE', prefix: '2001:db8:ac::1/128', nextHop: '2001:db8:ff::2', interface: 'eth0' },
      attributes: { tag: 4200, distance: 20 },
      policy: 'p',
      endpoint: 'e',
      reason: 'endpoint-up',
    };
    const script = platform.render([good, { ...good, op: 'remove' }]);
    const all = [...script.enter, ...script.lines.map(({ text }) => text), ...script.leave];
    expect(textsThatPass(platform, () => script)).toEqual(all);
    expect(() => assertScript(script, platform.classify, ['10.0.0.0/24'])).toThrow('outside anycastPrefixes');
  });
});

/** The texts of a script that goes through the gate; none if rendering or the gate refuses. */
function textsThatPass(platform: CliPlatform, script: () => Script): string[] {
  try {
    const rendered = script();
    assertScript(rendered, platform.classify, ANYCAST);
    return [...rendered.enter, ...rendered.lines.map(({ text }) => text), ...rendered.leave];
  } catch (error) {
    expect(error).toMatchObject({ name: 'RouterError' });
    return [];
  }
}

const MODE_LINES = ['configure terminal', 'end', 'XFRR_start_configuration', 'XFRR_end_configuration'];

/** Judged apart from the code under test: the first address of a route line, read as the device would. */
function expectHarmless(text: string): void {
  expect(text).toMatch(/^[ -~]+$/);
  if (MODE_LINES.includes(text)) return;
  const words = text.split(' ').filter((word) => word !== 'no');
  const at = words[2] === 'vrf' ? 4 : 2;
  const shown = words[at] ?? '';
  const host = words[at + 1] === '255.255.255.255' ? `${shown}/32` : shown;
  expect(isHostRouteInside(host, ANYCAST)).toBe(true);
}

test.each([
  ['show a\nb'],
  ['show a\rb'],
  ['show ?'],
  ['show caf\u00e9'],
  [''],
  [`show ${'x'.repeat(500)}`],
  ['\u0003'],
  ['reload'],
  ['show running-config | redirect flash:x'],
  ['show ip route 192.0.2.1'],
  ['show ip route 10.0.0.0/8 json'],
])('as a read, %j is never sent', (text) => {
  expect(() => assertRead(text, ANYCAST)).toThrow(expect.objectContaining({ code: 'outside-anycast' }));
});

test('a read that names a prefix outside the anycast space is not sent', () => {
  const scope = { vrfs: ['default'], families: [4 as const], prefixes: ['10.0.0.1/32', '10.0.0.0/24'] };
  expect(() => assertScope(scope, ANYCAST)).toThrow(expect.objectContaining({ code: 'outside-anycast' }));
  expect(() => assertScope({ ...scope, prefixes: 'all' }, ANYCAST)).not.toThrow();
});
