import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encode } from '../../src/notify/encode.ts';
import { OBJECTS, type ObjectName } from '../../src/notify/mib.ts';
import type { Value } from '../../src/notify/notification.ts';

function wire(object: ObjectName, value: Value) {
  const [varbind] = encode({ name: 'anytrackStart', subject: '', varbinds: [{ object, value }] }, '1.2.3').varbinds;
  const { value: encoded = 0, ...rest } = varbind ?? {};
  return { ...rest, value: Buffer.isBuffer(encoded) ? encoded.toString('hex') : encoded };
}

describe('values on the wire', () => {
  test.each<[ObjectName, Value, number, string | number]>([
    ['anytrackSite', 'ams1', 4, '616d7331'],
    ['anytrackSequence', 7, 66, 7],
    ['anytrackSequence', -1, 66, 0],
    ['anytrackSequence', 2 ** 40, 66, 0xffff_ffff],
    ['anytrackDuration', 'soon', 66, 0],
    // 2026-01-01T00:00:01.5Z: year 07ea, month, day, hour, minute, second, tenths, "+", 0, 0
    ['anytrackEventTime', Date.UTC(2026, 0, 1, 0, 0, 1, 500), 4, '07ea0101000001052b0000'],
    ['anytrackAddressType', '10.0.0.1', 2, 1],
    ['anytrackAddress', '10.0.0.1', 4, '0a000001'],
    ['anytrackAddressType', '2001:db8::1', 2, 2],
    ['anytrackAddress', '2001:db8::1', 4, '20010db8000000000000000000000001'],
    ['anytrackAddressType', '', 2, 0],
    ['anytrackAddress', 'nonsense', 4, ''],
    ['anytrackNewState', 'down', 2, 3],
    ['anytrackNewVerdict', 'hold', 2, 4],
    ['anytrackRouteOperation', 'remove', 2, 2],
    ['anytrackOldState', 'no state', 2, 1],
  ])('%s %j', (object, value, type, expected) => {
    expect(wire(object, value)).toEqual({ oid: `1.2.3.1.${OBJECTS[object].id}.0`, type, value: expected });
  });

  test('a long text is cut to 255 octets, never inside a character', () => {
    expect(wire('anytrackDetail', 'é'.repeat(200)).value).toBe('c3a9'.repeat(127));
    expect(wire('anytrackDetail', 'x'.repeat(300)).value).toBe('78'.repeat(255));
  });

  test('a state that only JavaScript knows is no state', () => {
    expect(wire('anytrackOldState', 'valueOf')).toMatchObject({ type: 2, value: 1 });
  });

  test('any value of any object gives something that SNMP can carry', () => {
    const objects = fc.constantFrom(...(Object.keys(OBJECTS) as ObjectName[]));
    fc.assert(
      fc.property(objects, fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.integer()), (object, value) => {
        const { type, value: encoded } = wire(object, value);
        if (type === 4) expect(String(encoded).length).toBeLessThanOrEqual(510);
        else expect(Number.isInteger(encoded)).toBe(true);
      }),
    );
  });
});
