import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  lengthOfMask,
  majorNetwork,
  maskOfLength,
  networkOf,
  prefixOfMask,
} from '../../../src/demo/ios-router/addresses.ts';
import { execute } from '../../../src/demo/ios-router/commands.ts';
import type { Context, Mode } from '../../../src/demo/ios-router/context.ts';
import { boot, type Device, save, setInterface, setTrack } from '../../../src/demo/ios-router/device.ts';
import { cutPipe } from '../../../src/demo/ios-router/filter.ts';
import { lookup, rib } from '../../../src/demo/ios-router/rib.ts';
import { routeLine } from '../../../src/demo/ios-router/route-text.ts';
import { age, logStamp, uptimeText } from '../../../src/demo/ios-router/show.ts';

const DEVICE: Device = {
  hostname: 'edge1',
  vrfs: ['BLUE'],
  interfaces: [
    { name: 'GigabitEthernet1', vrf: 'default', addresses: ['10.10.10.254/24', '2001:db8:ff::fe/64'], up: true },
    { name: 'GigabitEthernet2', vrf: 'BLUE', addresses: ['10.20.20.254/24'], up: true },
  ],
  tracks: [
    { id: 700, up: true, changes: 1, changedMono: 0 },
    { id: 701, up: false, changes: 1, changedMono: 0 },
  ],
  learned: [{ vrf: 'default', prefix: '10.0.0.0/24', nextHop: '10.10.10.99' }],
  running: [],
  startup: [],
  bootedMono: 0,
  nextHopsReachable: true,
};

function contextOf(device: Device, mode: Mode = 'config'): Context {
  const self = { line: 0, user: 'anytrack', from: '127.0.0.1' };
  return { device, mode, self, vtys: [self], nowMono: 0, wall: 0 };
}

/** Types the lines in configuration mode; returns the device, and every word the router said. */
function configure(lines: readonly string[], start = DEVICE) {
  const said: string[] = [];
  let device = start;
  for (const line of lines) {
    const effect = execute(line, contextOf(device), 'edge1(config)#'.length);
    said.push(...(effect.output ?? []));
    device = effect.device ?? device;
  }
  return { device, said };
}

describe('static routes in the configuration', () => {
  const R1 = 'ip route 10.0.0.1 255.255.255.255 10.10.10.1';
  const R2 = 'ip route 10.0.0.1 255.255.255.255 10.10.10.2';
  test.each<[string, string[], string[]]>([
    ['a route', [R1], [R1]],
    [
      'all attributes',
      [`${R1} 20 tag 4200 name anytrack-ns1 track 700`],
      [`${R1} 20 tag 4200 name anytrack-ns1 track 700`],
    ],
    ['attributes in another order', [`${R1} name x 20 track 1 tag 7`], [`${R1} 20 tag 7 name x track 1`]],
    ['distance 1 is not displayed', [`${R1} 1 tag 7`], [`${R1} tag 7`]],
    ['permanent', [`${R1} permanent`], [`${R1} permanent`]],
    ['the same twice', [R1, R1], [R1]],
    ['other attributes replace', [`${R1} tag 1`, `${R1} tag 2 name b`], [`${R1} tag 2 name b`]],
    ['two next hops', [R1, R2], [R1, R2]],
    ['removed by next hop', [R1, R2, `no ${R1}`], [R2]],
    ['removed by prefix alone: all', [R1, R2, 'no ip route 10.0.0.1 255.255.255.255'], []],
    ['removed with the right attributes', [`${R1} tag 7`, `no ${R1} tag 7`], []],
    [
      'interface and next hop',
      ['ip route 10.0.0.1 255.255.255.255 Gi1 10.10.10.1'],
      ['ip route 10.0.0.1 255.255.255.255 GigabitEthernet1 10.10.10.1'],
    ],
    [
      'VRF',
      ['ip route vrf BLUE 10.0.0.1 255.255.255.255 10.20.20.1 tag 7'],
      ['ip route vrf BLUE 10.0.0.1 255.255.255.255 10.20.20.1 tag 7'],
    ],
    [
      'IPv6 is written in capitals',
      ['ipv6 route 2001:db8:ac::1/128 2001:db8:ff::2 20 tag 7 name n track 700'],
      ['ipv6 route 2001:DB8:AC::1/128 2001:DB8:FF::2 20 tag 7 track 700 name n'],
    ],
    ['shortened keywords', ['ip rou 10.0.0.1 255.255.255.255 10.10.10.1 ta 7', 'do show clock'], [`${R1} tag 7`]],
    ['comments do nothing', ['! a comment', ''], []],
  ])('%s', (_name, lines, expected) => {
    expect(configure(lines).device.running.map(routeLine)).toEqual(expected);
  });

  test.each<[string, string[], string[]]>([
    ['a missing route', [`no ${R1}`], ['%No matching route to delete']],
    [
      'attributes that differ from the stored ones',
      [`${R1} tag 7`, `no ${R1} tag 8`],
      ['%No matching route to delete'],
    ],
    ['host bits', ['ip route 10.0.0.1 255.255.255.0 10.10.10.1'], ['%Inconsistent address and mask']],
    ['a mask with a hole', ['ip route 10.0.0.0 255.0.255.0 10.10.10.1'], ['%Inconsistent address and mask']],
    [
      'its own address',
      ['ip route 10.0.0.1 255.255.255.255 10.10.10.254'],
      ["%Invalid next hop address (it's this router)"],
    ],
    [
      'an unknown VRF',
      ['ip route vrf RED 10.0.0.1 255.255.255.255 10.1.1.1'],
      ['%IP routing table VRF RED does not exist. Create first'],
    ],
    ['half a line', ['ip route 10.0.0.1 255.255.255.255'], ['% Incomplete command.', '']],
    ['half an option', [`${R1} tag`], ['% Incomplete command.', '']],
    [
      'a word that is no option',
      [`${R1} tug 7`],
      [`${' '.repeat('edge1(config)#'.length + R1.length + 2)}^`, "% Invalid input detected at '^' marker.", ''],
    ],
    [
      'a tag that is too big',
      [`${R1} tag 4294967296`],
      [`${' '.repeat('edge1(config)#'.length + R1.length + 5)}^`, "% Invalid input detected at '^' marker.", ''],
    ],
    ['two commands at once', ['i'], ['% Ambiguous command:  "i"']],
  ])('refuses %s', (_name, lines, expected) => {
    expect(configure(lines).said).toEqual(expected);
  });
});

describe('the RIB', () => {
  const ROUTE = 'ip route 10.0.0.1 255.255.255.255';
  test.each<[string, string[], string[]]>([
    ['next hop in a connected network', [`${ROUTE} 10.10.10.1`], ['10.10.10.1']],
    ['next hop in no connected network', [`${ROUTE} 172.16.0.1`], []],
    ['next hop behind an interface of another VRF', [`${ROUTE} 10.20.20.1`], []],
    ['track up', [`${ROUTE} 10.10.10.1 track 700`], ['10.10.10.1']],
    ['track down', [`${ROUTE} 10.10.10.1 track 701`], []],
    ['track unknown', [`${ROUTE} 10.10.10.1 track 999`], []],
    ['equal distances share', [`${ROUTE} 10.10.10.1`, `${ROUTE} 10.10.10.2`], ['10.10.10.1', '10.10.10.2']],
    ['the lower distance wins', [`${ROUTE} 10.10.10.1 20`, `${ROUTE} 10.10.10.2 10`], ['10.10.10.2']],
    ['a floating one steps in', [`${ROUTE} 10.10.10.1 track 701`, `${ROUTE} 10.10.10.2 250`], ['10.10.10.2']],
  ])('%s', (_name, lines, nextHops) => {
    const entry = rib(configure(lines).device, 'default', 4).find(({ prefix }) => prefix === '10.0.0.1/32');
    expect(entry?.paths.map(({ nextHop }) => nextHop) ?? []).toEqual(nextHops);
  });

  test('looks up the longest match: the covering route answers for a host route that is not there', () => {
    const table = rib(configure([`${ROUTE} 10.10.10.1`]).device, 'default', 4);
    expect(lookup(table, '10.0.0.1')?.prefix).toBe('10.0.0.1/32');
    expect(lookup(table, '10.0.0.2')?.prefix).toBe('10.0.0.0/24');
    expect(lookup(table, '192.0.2.1')).toBeUndefined();
  });

  test('loses a route with its interface or its track, and gets it back', () => {
    const { device } = configure([`${ROUTE} 10.10.10.1 track 700`]);
    const has = (state: Device) => rib(state, 'default', 4).some(({ prefix }) => prefix === '10.0.0.1/32');
    expect(has(device)).toBe(true);
    expect(has(setInterface(device, 'GigabitEthernet1', false))).toBe(false);
    expect(has(setTrack(device, 700, false, 0))).toBe(false);
    expect(has(setTrack(setTrack(device, 700, false, 0), 700, true, 0))).toBe(true);
  });

  test('boots with what was saved and nothing else', () => {
    const saved = save(configure([`${ROUTE} 10.10.10.1`]).device);
    const later = configure([`${ROUTE} 10.10.10.2`], saved).device;
    expect(boot(later, 5).running.map(routeLine)).toEqual([`${ROUTE} 10.10.10.1`]);
  });
});

describe('addresses', () => {
  test.each([
    ['255.255.255.255', 32],
    ['255.255.255.0', 24],
    ['255.128.0.0', 9],
    ['0.0.0.0', 0],
    ['255.0.255.0', undefined],
    ['255.255.255', undefined],
    ['no mask', undefined],
  ])('mask %s has length %s', (mask, length) => {
    expect(lengthOfMask(mask)).toBe(length);
  });

  test('every length has one mask', () => {
    for (let length = 0; length <= 32; length++) expect(lengthOfMask(maskOfLength(length))).toBe(length);
  });

  test('networks', () => {
    expect(prefixOfMask('10.0.0.0', '255.255.255.0')).toBe('10.0.0.0/24');
    expect(networkOf('10.10.10.254/24')).toBe('10.10.10.0/24');
    expect(networkOf('2001:db8:ff::fe/64')).toBe('2001:db8:ff::/64');
    expect(majorNetwork('172.16.5.4').prefix).toBe('172.16.0.0/16');
  });
});

describe('times', () => {
  const MINUTE = 60_000;
  test.each([
    [0, '0 minutes'],
    [59_999, '0 minutes'],
    [MINUTE, '1 minute'],
    [61 * MINUTE, '1 hour, 1 minute'],
    [(8 * 24 * 60 + 5) * MINUTE, '1 week, 1 day, 5 minutes'],
    [400 * 24 * 60 * MINUTE, '1 year, 5 weeks'],
  ])('uptime of %i ms', (ms, text) => {
    expect(uptimeText(ms)).toBe(text);
  });

  test.each([
    [299_000, '00:04:59'],
    [40 * 3_600_000, '1d16h'],
    [23 * 86_400_000, '3w2d'],
  ])('age of %i ms', (ms, text) => {
    expect(age(ms)).toBe(text);
  });

  test('log stamps have a star while the clock is not synchronised', () => {
    expect(logStamp(Date.UTC(2026, 2, 1, 0, 1, 2, 345))).toBe('*Mar  1 00:01:02.345');
  });
});

describe('any input gives an answer, never a throw', () => {
  const words = [
    'ip',
    'ipv6',
    'route',
    'no',
    'show',
    'vrf',
    'BLUE',
    '10.0.0.1',
    '255.255.255.255',
    '10.10.10.1',
    '2001:db8:ac::1/128',
    '2001:db8:ac::1',
    'tag',
    'track',
    'name',
    '7',
    'do',
    '|',
    'include',
    '^ip(',
    '[',
    'Gi1',
    'static',
    'running-config',
  ];
  const lines = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc
      .array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 8 })), { maxLength: 10 })
      .map((list) => list.join(' ')),
  );
  const modes = fc.constantFrom<Mode>('user', 'privileged', 'config');

  test('execute', () => {
    fc.assert(
      fc.property(lines, modes, (line, mode) => {
        const effect = execute(line, contextOf(DEVICE, mode), 6);
        expect(Array.isArray(effect.output ?? [])).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('what is configured is displayed in a form that configures it again', () => {
    const route = fc.record({
      octet: fc.integer({ min: 0, max: 255 }),
      hop: fc.integer({ min: 1, max: 253 }),
      distance: fc.option(fc.integer({ min: 1, max: 255 })),
      tag: fc.option(fc.integer({ min: 1, max: 4_294_967_295 })),
      track: fc.option(fc.integer({ min: 1, max: 1000 })),
    });
    fc.assert(
      fc.property(fc.array(route, { maxLength: 5 }), (routes) => {
        const typed = routes.map(({ octet, hop, distance, tag, track }) =>
          [
            `ip route 10.0.0.${octet} 255.255.255.255 10.10.10.${hop}`,
            distance ?? '',
            tag === null ? '' : `tag ${tag}`,
            track === null ? '' : `track ${track}`,
          ].join(' '),
        );
        const shown = configure(typed).device.running.map(routeLine);
        const again = configure(shown);
        expect(again.said).toEqual([]);
        expect(again.device.running.map(routeLine)).toEqual(shown);
      }),
      { numRuns: 200 },
    );
  });

  test('cutPipe', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (line) => cutPipe(`show clock | ${line}`).kind.length > 0));
  });
});
