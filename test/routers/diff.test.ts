import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DesiredRoute, ObservedRoute, RouteAttributes, RouteChange, RouteKey } from '../../src/model.ts';
import { type DiffRules, diff, isOurs } from '../../src/routers/diff.ts';
import { applyToModel } from './diff-model.ts';

const NAMES: DiffRules['capabilities'] = { routeNames: true, maxNameLength: 50, tagScope: 'route', tracks: true };
const FRR: DiffRules['capabilities'] = { routeNames: false, maxNameLength: 0, tagScope: 'prefix', tracks: false };

function rules(over: Partial<DiffRules> = {}): DiffRules {
  return {
    mark: { tag: 4200, name: 'anytrack' },
    anycastPrefixes: ['10.0.0.0/24', '2001:db8:ac::/64'],
    capabilities: NAMES,
    orphans: 'report',
    ...over,
  };
}

const OURS: RouteAttributes = { tag: 4200, name: 'anytrack-resolver' };

function key(nextHop = '192.0.2.1', prefix = '10.0.0.1/32', over: Partial<RouteKey> = {}): RouteKey {
  return { vrf: 'default', prefix, nextHop, ...over };
}

function wanted(want: DesiredRoute['want'], over: Partial<DesiredRoute> = {}): DesiredRoute {
  return {
    key: key(),
    attributes: {},
    want,
    policy: 'resolver',
    endpoint: 'ns1',
    reason: want === 'present' ? 'endpoint-up' : 'endpoint-down',
    ...over,
  };
}

function found(over: Partial<ObservedRoute> = {}): ObservedRoute {
  return { key: key(), attributes: OURS, configured: true, installed: true, ...over };
}

const sent = (changes: readonly RouteChange[]) =>
  changes.map((change) => `${change.op} ${change.key.prefix} ${change.key.nextHop} ${change.reason}`);

describe('diff, one route', () => {
  const foreign = found({ attributes: { tag: 7 } });
  const table: [string, DesiredRoute, ObservedRoute[], string[], Partial<Record<string, number>>][] = [
    ['present, missing', wanted('present'), [], ['add 10.0.0.1/32 192.0.2.1 endpoint-up'], {}],
    ['present, there', wanted('present'), [found()], [], {}],
    ['present, there but not in the RIB', wanted('present'), [found({ installed: false })], [], { inactive: 1 }],
    ['absent, there', wanted('absent'), [found()], ['remove 10.0.0.1/32 192.0.2.1 endpoint-down'], {}],
    [
      'absent, there but not in the RIB',
      wanted('absent'),
      [found({ installed: false })],
      ['remove 10.0.0.1/32 192.0.2.1 endpoint-down'],
      {},
    ],
    ['absent, missing', wanted('absent'), [], [], {}],
    ['absent, only in the RIB', wanted('absent'), [found({ configured: false })], [], {}],
    ['as is, missing', wanted('asIs'), [], [], {}],
    ['as is, there with other attributes', wanted('asIs'), [found({ attributes: { ...OURS, distance: 9 } })], [], {}],
    ['as is, somebody else has it', wanted('asIs'), [foreign], [], {}],
    [
      'other distance',
      wanted('present', { attributes: { distance: 20 } }),
      [found()],
      ['add 10.0.0.1/32 192.0.2.1 attributes-differ'],
      {},
    ],
    ['distance 1 is the default', wanted('present', { attributes: { distance: 1 } }), [found()], [], {}],
    [
      'other track',
      wanted('present', { attributes: { track: 7 } }),
      [found()],
      ['add 10.0.0.1/32 192.0.2.1 attributes-differ'],
      {},
    ],
    ['present, somebody else has it', wanted('present'), [foreign], [], { conflicts: 1 }],
    ['absent, somebody else has it', wanted('absent'), [foreign], [], { conflicts: 1 }],
    [
      'same next hop by an interface, not ours',
      wanted('absent'),
      [found(), found({ key: key(undefined, undefined, { interface: 'eth0' }), attributes: {} })],
      [],
      { conflicts: 1 },
    ],
    ['our tag, no name', wanted('absent'), [found({ attributes: { tag: 4200 } })], [], { conflicts: 1 }],
    [
      'our tag, a name that only begins alike',
      wanted('absent'),
      [found({ attributes: { tag: 4200, name: 'anytracker' } })],
      [],
      { conflicts: 1 },
    ],
    ['our name, no tag', wanted('absent'), [found({ attributes: { name: 'anytrack' } })], [], { conflicts: 1 }],
    [
      'other next hop, not ours',
      wanted('present'),
      [found({ key: key('192.0.2.9'), attributes: {} })],
      ['add 10.0.0.1/32 192.0.2.1 endpoint-up'],
      {},
    ],
    [
      'same route in another VRF',
      wanted('absent'),
      [found({ key: key(undefined, undefined, { vrf: 'BLUE' }) })],
      [],
      { orphans: 1 },
    ],
    [
      "the policy's own tag",
      wanted('absent', { attributes: { tag: 101 } }),
      [found({ attributes: { tag: 101, name: 'anytrack' } })],
      ['remove 10.0.0.1/32 192.0.2.1 endpoint-down'],
      {},
    ],
    ['outside the anycast space', wanted('present', { key: key(undefined, '10.0.1.1/32') }), [], [], { refused: 1 }],
    ['not a host route', wanted('present', { key: key(undefined, '10.0.0.0/31') }), [], [], { refused: 1 }],
    [
      'the default route',
      wanted('absent', { key: key(undefined, '0.0.0.0/0') }),
      [found({ key: key(undefined, '0.0.0.0/0') })],
      [],
      { refused: 1 },
    ],
    [
      'a VRF with a line break',
      wanted('present', { key: key(undefined, undefined, { vrf: 'a\nno router bgp' }) }),
      [],
      [],
      { refused: 1 },
    ],
    [
      'IPv6',
      wanted('present', { key: key('2001:db8::1', '2001:db8:ac::1/128') }),
      [],
      ['add 2001:db8:ac::1/128 2001:db8::1 endpoint-up'],
      {},
    ],
    [
      'IPv6 not in canonical text',
      wanted('present', { key: key('2001:db8::1', '2001:DB8:ac::1/128') }),
      [],
      [],
      { refused: 1 },
    ],
  ];
  test.each(table)('%s', (_, desired, observed, changes, counts) => {
    const result = diff([desired], observed, rules());
    expect(sent(result.changes)).toEqual(changes);
    expect(result.settled).toBe(changes.length === 0);
    const { conflicts, orphans, inactive, refused } = result;
    expect(
      Object.fromEntries(
        Object.entries({ conflicts, orphans, inactive, refused })
          .filter(([, all]) => all.length > 0)
          .map(([name, all]) => [name, all.length]),
      ),
    ).toEqual(counts);
  });
});

describe('the mark', () => {
  test('is always written, cut to what the platform holds', () => {
    const short = rules({ capabilities: { ...NAMES, maxNameLength: 12 } });
    const [change] = diff([wanted('present', { policy: 'resolver 10' })], [], short).changes;
    expect(change?.attributes).toEqual({ tag: 4200, name: 'anytrack-res' });
  });
  test('without names the tag alone says who owns it', () => {
    const route = found({ attributes: { tag: 4200 } });
    expect(isOurs(route, rules({ capabilities: FRR }))).toBe(true);
    expect(isOurs(route, rules())).toBe(false);
  });
  test('outside the anycast space nothing is ours, whatever mark it carries', () => {
    expect(isOurs(found({ key: key(undefined, '10.0.1.1/32') }), rules())).toBe(false);
    expect(isOurs(found({ key: key(undefined, '10.0.0.0/24') }), rules())).toBe(false);
  });
});

describe('one tag for all next hops of a prefix (FRR)', () => {
  const stranger = found({ key: key('192.0.2.9'), attributes: { tag: 7 } });
  const frr = rules({ capabilities: FRR });
  test('promise 2: adding beside an unmarked route would retag it, so it is a conflict', () => {
    const result = diff([wanted('present')], [stranger], frr);
    expect(result.changes).toEqual([]);
    expect(result.conflicts[0]?.detail).toMatch(/192\.0\.2\.9.*share one tag/);
  });
  test('another distance is another group', () => {
    expect(diff([wanted('present', { attributes: { distance: 5 } })], [stranger], frr).changes).toHaveLength(1);
  });
  test('one of several next hops can go', () => {
    const both = [found({ attributes: { tag: 4200 } }), found({ key: key('192.0.2.2'), attributes: { tag: 4200 } })];
    const desired = [wanted('absent'), wanted('present', { key: key('192.0.2.2'), endpoint: 'ns2' })];
    expect(sent(diff(desired, both, frr).changes)).toEqual(['remove 10.0.0.1/32 192.0.2.1 endpoint-down']);
  });
});

describe('orphans', () => {
  const orphan = found({ key: key('192.0.2.9') });
  test('are reported', () => {
    expect(diff([], [orphan], rules())).toMatchObject({ changes: [], orphans: [orphan], settled: true });
  });
  test('are removed if the operator said so', () => {
    expect(sent(diff([], [orphan], rules({ orphans: 'remove' })).changes)).toEqual([
      'remove 10.0.0.1/32 192.0.2.9 orphan',
    ]);
  });
  test('of a policy with its own tag are known by `policyTags`', () => {
    const route = found({ attributes: { tag: 101, name: 'anytrack' } });
    expect(diff([], [route], rules()).orphans).toEqual([]);
    expect(diff([], [route], rules({ policyTags: new Set([101]) })).orphans).toEqual([route]);
  });
});

describe('order', () => {
  const desired = [
    wanted('present', { key: key('192.0.2.1', '10.0.0.1/32') }),
    wanted('absent', { key: key('192.0.2.2', '10.0.0.1/32') }),
    wanted('present', { key: key('192.0.2.1', '10.0.0.2/32') }),
    wanted('absent', { key: key('192.0.2.2', '10.0.0.2/32') }),
  ];
  const observed = [found({ key: key('192.0.2.2') }), found({ key: key('192.0.2.2', '10.0.0.2/32') })];
  const order = (addFirst: string[]) =>
    diff(desired, observed, rules({ addFirst: new Set(addFirst) })).changes.map(
      ({ op, key: { prefix } }) => `${op} ${prefix}`,
    );
  test('withdrawals go first', () => {
    expect(order([])).toEqual(['remove 10.0.0.1/32', 'remove 10.0.0.2/32', 'add 10.0.0.1/32', 'add 10.0.0.2/32']);
  });
  test('a make-before-break prefix adds first, and only it', () => {
    expect(order(['10.0.0.1/32'])).toEqual([
      'remove 10.0.0.2/32',
      'add 10.0.0.1/32',
      'remove 10.0.0.1/32',
      'add 10.0.0.2/32',
    ]);
  });
});

test('two wishes for one route: one that wants it is enough, one without a verdict protects it', () => {
  expect(diff([wanted('absent'), wanted('present')], [found()], rules()).changes).toEqual([]);
  expect(diff([wanted('asIs'), wanted('absent')], [found()], rules()).changes).toEqual([]);
});

// ---------------------------------------------------------------- properties

const keys = fc.record({
  vrf: fc.constantFrom('default', 'BLUE'),
  prefix: fc.constantFrom(
    '10.0.0.1/32',
    '10.0.0.2/32',
    '10.0.1.1/32',
    '10.0.0.0/24',
    '0.0.0.0/0',
    '2001:db8:ac::1/128',
    'x',
  ),
  nextHop: fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3'),
});
const attributes = fc.record(
  {
    tag: fc.constantFrom(4200, 101, 7),
    distance: fc.constantFrom(1, 20),
    name: fc.constantFrom('anytrack', 'anytrack-resolver', 'anytracker', 'other'),
    track: fc.constantFrom(1, 2),
  },
  { requiredKeys: [] },
);
const observation = fc.uniqueArray(
  fc.record({ key: keys, attributes, configured: fc.boolean(), installed: fc.boolean() }),
  { selector: (route) => `${route.key.vrf} ${route.key.prefix} ${route.key.nextHop}`, maxLength: 12 },
);
/** One policy has one tag, so tags go by prefix. */
const wishes = fc
  .tuple(
    fc.array(
      fc.record({
        key: keys,
        attributes,
        want: fc.constantFrom('present' as const, 'absent' as const, 'asIs' as const),
        policy: fc.constantFrom('resolver', 'a b\nc'),
        endpoint: fc.constant('ns1'),
        reason: fc.constant('endpoint-up' as const),
      }),
      { maxLength: 12 },
    ),
    fc.dictionary(fc.constantFrom('10.0.0.1/32', '10.0.0.2/32'), fc.constantFrom(4200, 101)),
  )
  .map(([routes, tags]) =>
    routes.map((route): DesiredRoute => {
      const { tag: _, ...rest } = route.attributes;
      const own = tags[route.key.prefix];
      return { ...route, attributes: own === undefined ? rest : { ...rest, tag: own } };
    }),
  );
const anyRules = fc
  .record({
    capabilities: fc.constantFrom(NAMES, FRR, { ...NAMES, maxNameLength: 10 }),
    orphans: fc.constantFrom('report' as const, 'remove' as const),
    addFirst: fc.constantFrom(new Set<string>(), new Set(['10.0.0.1/32'])),
    policyTags: fc.constantFrom(new Set<number>(), new Set([101])),
  })
  .map(rules);

describe('properties', () => {
  test('promise 5: after its own changes a diff is empty', () => {
    fc.assert(
      fc.property(wishes, observation, anyRules, (desired, observed, given) => {
        const before = applyToModel(observed, [], given);
        const after = applyToModel(before, diff(desired, before, given).changes, given);
        expect(diff(desired, after, given).changes).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  test('promise 2: no unmarked route is changed, removed or retagged', () => {
    fc.assert(
      fc.property(wishes, observation, anyRules, (desired, observed, given) => {
        const before = applyToModel(observed, [], given);
        const after = applyToModel(before, diff(desired, before, given).changes, given);
        const ownTags = ({ vrf, prefix }: RouteKey) =>
          new Set(
            desired
              .filter((wish) => wish.key.vrf === vrf && wish.key.prefix === prefix)
              .flatMap((wish) => wish.attributes.tag ?? []),
          );
        for (const route of before)
          if (route.configured && !isOurs(route, given, ownTags(route.key))) expect(after).toContainEqual(route);
      }),
      { numRuns: 2000 },
    );
  });

  test('promises 1 and 4: no change outside the anycast space, none for a route without a verdict', () => {
    fc.assert(
      fc.property(wishes, observation, anyRules, (desired, observed, given) => {
        const { changes } = diff(desired, observed, given);
        for (const change of changes) {
          expect(change.key.prefix).toMatch(/^10\.0\.0\.\d+\/32$|^2001:db8:ac::1\/128$/);
          const wish = desired.filter((route) => JSON.stringify(route.key) === JSON.stringify(change.key));
          if (change.reason !== 'orphan') expect(wish.some((route) => route.want !== 'asIs')).toBe(true);
          else expect(wish).toEqual([]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('a withdrawal never stands behind an addition, except for make-before-break prefixes', () => {
    fc.assert(
      fc.property(wishes, observation, anyRules, (desired, observed, given) => {
        const plain = diff(desired, observed, given).changes.filter(
          ({ key: { prefix } }) => !given.addFirst?.has(prefix),
        );
        const ops = plain.map(({ op }) => op);
        expect(ops).toEqual(ops.toSorted().toReversed());
      }),
    );
  });
});
