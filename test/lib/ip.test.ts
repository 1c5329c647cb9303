import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalAddress, hostPrefix, isHostRouteInside, parsePrefix, rangeContains } from '../../src/lib/ip.ts';

const ANYCAST = ['10.0.0.0/24', '2001:db8:ac::/64'];

describe('canonical addresses', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['2001:DB8:AC::0001', '2001:db8:ac::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
  ])('%s -> %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  test.each(['10.0.0', '10.0.0.256', '010.0.0.1', '0x0a.0.0.1', '10.0.0.1 ', '1', 'fe80::1%eth0', 'example', ''])(
    '%j is no address',
    (text) => {
      expect(canonicalAddress(text)).toBeUndefined();
    },
  );
});

describe('host routes inside the anycast space', () => {
  test.each([
    ['10.0.0.1/32', true],
    ['10.0.0.255/32', true],
    ['10.0.1.0/32', false],
    ['10.0.0.0/24', false],
    ['10.0.0.1/31', false],
    ['0.0.0.0/0', false],
    ['10.0.0.1', false],
    ['2001:db8:ac::53/128', true],
    ['2001:db8:ac:1::53/128', false],
    ['2001:db8:ac::/64', false],
    ['10.0.0.1/128', false],
    ['10.0.0.1/32\nno ip routing', false],
  ])('%s: %s', (prefix, inside) => {
    expect(isHostRouteInside(prefix, ANYCAST)).toBe(inside);
  });

  test('any text gives an answer', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (prefix, range) => typeof isHostRouteInside(prefix, [range]) === 'boolean'),
    );
  });

  test('every address of 10.0.0.0/24 is inside, every other is not', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isHostRouteInside(hostPrefix(address), ANYCAST)).toBe(address.startsWith('10.0.0.'));
      }),
    );
  });
});

test('a prefix with host bits set is refused, not masked', () => {
  expect(parsePrefix('10.0.0.1/24')).toBeUndefined();
  expect(parsePrefix('10.0.0.0/24')).toEqual({ text: '10.0.0.0/24', family: 4, length: 24 });
});

test('an address lies in its own range', () => {
  expect(rangeContains('10.0.0.0/24', '10.0.0.7')).toBe(true);
  expect(rangeContains('10.0.0.0/24', '2001:db8::7')).toBe(false);
});
