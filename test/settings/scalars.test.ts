import { describe, expect, test } from 'vitest';
import { Address, duration, Host, InterfaceName, Name, Prefix, VrfName } from '../../src/settings/schema/scalars.ts';

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success;

describe('words that options are made of', () => {
  test.each([
    ['10.0.0.1', true],
    ['2001:db8::1', true],
    ['2001:DB8::1', false],
    ['2001:db8:0::1', false],
    ['fe80::1%eth0', false],
    ['10.0.0', false],
    ['0x0a.0.0.1', false],
    ['10.0.0.1 ', false],
    ['', false],
    [10, false],
  ])('Address %j: %s', (value, expected) => expect(accepts(Address, value)).toBe(expected));

  test.each([
    ['192.0.2.1', true],
    ['2001:db8::1', true],
    ['nms.example.net', true],
    ['nms.example.net.', true],
    ['nms', true],
    ['192.0.2.300', false],
    ['-nms', false],
    ['nms_1', false],
    ['a..b', false],
    ['nms;reboot', false],
    [`${'a'.repeat(64)}.net`, false],
    [`${'a.'.repeat(127)}a`, false],
    [`${'a'.repeat(252)}!`, false],
  ])('Host %j: %s', (value, expected) => expect(accepts(Host, value)).toBe(expected));

  test.each([
    ['10.0.0.0/24', true],
    ['10.0.0.1/24', false],
    ['10.0.0.0/33', false],
    ['2001:db8::/32', true],
    ['2001:db8::/129', false],
    ['10.0.0.0/', false],
    ['/24', false],
  ])('Prefix %j: %s', (value, expected) => expect(accepts(Prefix, value)).toBe(expected));

  // What goes onto a router's command line is one word without anything that could end it.
  const hostile = ['a b', 'a\nb', 'a;b', 'a|b', 'a?', 'a!', 'a"b', "a'b", 'a\tb', 'a\\b', 'ä', '', ' ', '\0'];
  test.each(hostile)('%j is no name, interface or VRF', (value) => {
    for (const schema of [Name, InterfaceName, VrfName]) expect(accepts(schema, value)).toBe(false);
  });

  test.each(['eth0', 'GigabitEthernet0/0/0.100', 'Te1/1', 'Port-channel10', 'br-lan'])(
    '%s is an interface',
    (value) => {
      expect(accepts(InterfaceName, value)).toBe(true);
    },
  );

  test.each([
    ['10ms', true],
    ['1.5s', true],
    ['1h', true],
    ['9ms', false],
    ['61m', false],
    ['1 s', false],
    ['1', false],
    ['-1s', false],
    ['1e3ms', false],
    [`${'9'.repeat(400)}s`, false],
  ])('duration from 10ms to 1h, %j: %s', (value, expected) => {
    expect(accepts(duration({ min: '10ms', max: '1h' }), value)).toBe(expected);
  });
});
