/** Promise 1: no line that names a prefix outside the anycast space, or no host route, ever leaves the program. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DesiredRoute, RouteChange } from '../../src/model.ts';
import { desire } from '../../src/policies/desire.ts';
import { frr } from '../../src/routers/cli/frr.ts';
import { ios } from '../../src/routers/cli/ios.ts';
import type { CliPlatform, Script } from '../../src/routers/contract.ts';
import { compile, POLICY, SITE } from '../settings/world.ts';
import { iosWorld, KEY, OUR_LINE, wish } from './ios-world.ts';
import { until } from './until.ts';
import { objections, writes } from './wire.ts';

/** What a hostile colleague puts where a word belongs. */
const POISON = [
  '',
  ' ',
  '\n',
  'x\nno ip route 0.0.0.0 0.0.0.0',
  '10.0.0.1\r\nip route 192.0.2.0 255.255.255.0 Null0',
  'a b',
  'x ?',
  'x | redirect tftp://192.0.2.9/x',
  'BLUE 192.0.2.1',
  '\u0003',
  '\u001a',
  '\u001b[2J',
  '\u0000',
  '\t',
  '-1',
  '..',
  'ｆｕｌｌ',
  'A'.repeat(300),
  'end',
  'exit',
  '__proto__',
];
const poison = fc.oneof(fc.constantFrom(...POISON), fc.string({ maxLength: 80, unit: 'binary' }));

const GOOD_PREFIXES = ['10.0.0.1/32', '10.0.0.255/32', '2001:db8:ac::1/128'];
const BAD_PREFIXES = [
  '0.0.0.0/0',
  '::/0',
  '10.0.0.0/24',
  '10.0.0.0/31',
  '10.0.1.1/32',
  '9.255.255.255/32',
  '192.0.2.1/32',
  '10.0.0.1',
  '10.0.0.1/33',
  '10.0.0.1/032',
  '010.0.0.1/32',
  '0x0a.0.0.1/32',
  '10.1/32',
  ' 10.0.0.1/32',
  '10.0.0.1/32\n',
  '2001:db8:ac::/64',
  '2001:db8:ac:1::1/128',
  '2001:DB8:AC::1/128',
  '::ffff:10.0.0.1/128',
  'fe80::1%eth0/128',
  '10.0.0.1/32 10.10.10.1\nip route 192.0.2.1 255.255.255.255 10.10.10.1',
];

const goodKey = fc.record({
  vrf: fc.constantFrom('default', 'BLUE'),
  prefix: fc.constantFrom(...GOOD_PREFIXES),
  nextHop: fc.constantFrom('10.10.10.1', '10.10.10.2', '10.20.20.1', '2001:db8:ff::1'),
});
const badKey = fc.record(
  {
    vrf: fc.oneof(fc.constantFrom('default', 'BLUE'), poison),
    prefix: fc.oneof(fc.constantFrom(...GOOD_PREFIXES, ...BAD_PREFIXES), poison),
    nextHop: fc.oneof(fc.constantFrom('10.10.10.1', '10.10.10.254'), poison),
    interface: fc.oneof(fc.constantFrom('GigabitEthernet1', 'Null0'), poison),
  },
  { requiredKeys: ['vrf', 'prefix', 'nextHop'] },
);

const desired: fc.Arbitrary<DesiredRoute> = fc.record({
  key: fc.oneof(goodKey, badKey),
  attributes: fc.oneof(
    fc.record({ name: poison }),
    fc.record(
      {
        name: poison,
        tag: fc.oneof(fc.integer(), fc.double()),
        distance: fc.oneof(fc.integer({ min: -5, max: 300 }), fc.double()),
        track: fc.oneof(fc.integer({ min: -5, max: 2000 }), fc.double()),
      },
      { requiredKeys: [] },
    ),
  ),
  want: fc.constantFrom('present', 'absent', 'asIs'),
  policy: poison,
  endpoint: poison,
  reason: fc.constantFrom('endpoint-up', 'endpoint-down'),
});

describe('the whole way to a router', () => {
  test('arbitrary wishes: nothing outside is ever typed, and the good route beside them is served', async () => {
    const w = await iosWorld({ reconciler: { timing: { coalesceMs: 0 } } });
    const sentinel = { prefix: '10.0.0.77/32' };
    const line = 'ip route 10.0.0.77 255.255.255.255 10.10.10.1 tag 4200 name anytrack-resolver';
    let present = false;
    await fc.assert(
      fc.asyncProperty(fc.array(desired, { maxLength: 8 }), async (wishes) => {
        present = !present;
        const others = wishes.filter(({ key }) => key.prefix !== sentinel.prefix);
        w.reconciler.setDesired([...others, wish(present ? 'present' : 'absent', sentinel)]);
        await w.shows(line, present);
        expect(objections(w.router.log)).toEqual([]);
      }),
      { numRuns: 60, seed: 1 },
    );
    expect(writes(w.router.log).length).toBeGreaterThan(75);
  }, 40_000);

  test('a router that shows other prefixes with our mark gets no line about them, orphans removed or not', async () => {
    const mine = 'tag 4200 name anytrack-x';
    const foreign = [
      `ip route 0.0.0.0 0.0.0.0 10.10.10.9 ${mine}`,
      `ip route 10.0.0.0 255.255.255.0 10.10.10.9 ${mine}`,
      `ip route 10.0.0.2 255.255.255.254 10.10.10.9 ${mine}`,
      `ip route 10.0.1.1 255.255.255.255 10.10.10.9 ${mine}`,
      `ip route 192.0.2.1 255.255.255.255 10.10.10.1 ${mine}`,
      `ipv6 route 2001:DB8:AD::1/128 2001:DB8:FF::2 tag 4200 name anytrack-x`,
    ];
    const orphan = `ip route 10.0.0.9 255.255.255.255 10.10.10.9 ${mine}`;
    const w = await iosWorld({ router: { startup: [...foreign, orphan] }, reconciler: { orphans: 'remove' } });
    w.reconciler.setDesired([wish('present')]);
    await w.shows(OUR_LINE);
    await w.shows(orphan, false);
    // The read is poisoned too: text of somebody else's in the middle of every reply.
    w.router.faults.textInReply = [...foreign, 'ip route vrf a|b 10.0.0.8 255.255.255.255 10.10.10.9 tag 4200', ' x?'];
    w.reconciler.setDesired([wish('absent')]);
    await until('the answer that nobody expects to be refused', () => w.eventsOf('routeFailed')[0]);
    w.router.faults.textInReply = [];
    w.reconciler.nudge();
    await w.shows(OUR_LINE, false);
    expect(w.running()).toEqual(foreign);
    expect(objections(w.router.log)).toEqual([]);
  });
});

/** A change that is in order; what the platform makes of it is not. */
const CHANGE: RouteChange = {
  op: 'add',
  key: KEY,
  attributes: { tag: 4200 },
  policy: 'resolver',
  endpoint: 'a',
  reason: 'endpoint-up',
};
const GOOD = 'ip route 10.0.0.1 255.255.255.255 10.10.10.1 tag 4200';

/** Scripts that a platform with a defect might write. */
const EVIL: readonly [string, (lines: Script['lines']) => Partial<Script>][] = [
  ['a prefix outside', () => ({ lines: [{ text: 'ip route 192.0.2.1 255.255.255.255 10.10.10.1', change: CHANGE }] })],
  ['a default route', () => ({ lines: [{ text: 'no ip route 0.0.0.0 0.0.0.0 10.10.10.1' }] })],
  ['no host route', () => ({ lines: [{ text: 'ip route 10.0.0.0 255.255.255.0 10.10.10.1', change: CHANGE }] })],
  ['an address, a mask with a hole', () => ({ lines: [{ text: 'ip route 10.0.0.1 255.0.255.255 10.10.10.1' }] })],
  ["another change's prefix", () => ({ lines: [{ text: GOOD.replace('0.1 ', '0.2 '), change: CHANGE }] })],
  ['a removal of all next hops', () => ({ lines: [{ text: 'no ip route 10.0.0.1 255.255.255.255' }] })],
  ['two lines in one', () => ({ lines: [{ text: `${GOOD}\nno ip route 0.0.0.0 0.0.0.0`, change: CHANGE }] })],
  ['a carriage return', () => ({ lines: [{ text: `${GOOD}\rno ip routing`, change: CHANGE }] })],
  ['a control character', () => ({ lines: [{ text: `${GOOD}\u001a`, change: CHANGE }] })],
  ['the help key', () => ({ lines: [{ text: `${GOOD} ?`, change: CHANGE }] })],
  ['something else than a route', () => ({ lines: [{ text: 'no router ospf 1' }] })],
  ['a shell escape', () => ({ lines: [{ text: 'do reload' }] })],
  ['poison before the lines', () => ({ enter: ['configure terminal', 'no ip routing'] })],
  ['poison after the lines', () => ({ leave: ['ip route 192.0.2.1 255.255.255.255 10.10.10.1', 'end'] })],
  [
    'one bad line among good ones',
    (lines) => ({ lines: [...lines, { text: 'no ip route 10.0.1.1 255.255.255.255 Null0' }] }),
  ],
];

function misbehaving(wrong: (lines: Script['lines']) => Partial<Script>): CliPlatform {
  return { ...ios, render: (changes) => ({ ...ios.render(changes), ...wrong(ios.render(changes).lines) }) };
}

describe('the last gate', () => {
  test.each(EVIL)('a platform that writes %s is stopped before the first byte', async (_name, wrong) => {
    const w = await iosWorld({ platform: misbehaving(wrong) });
    w.reconciler.setDesired([wish('present')]);
    const failed = await until('the refusal', () => w.eventsOf('routeFailed')[0]);
    expect(failed.report.code).toBe('outside-anycast');
    expect(w.running()).toEqual([]);
    expect(w.router.log.filter(({ line }) => line === 'configure terminal')).toEqual([]);
    expect(objections(w.router.log)).toEqual([]);
  });

  test.each([
    'show ip route 192.0.2.1',
    'show ip route vrf BLUE 10.0.1.1',
    'show ipv6 route 2001:db8::/32',
    'configure terminal',
    'no ip route 10.0.0.1 255.255.255.255 10.10.10.1',
    'clear ip route *',
    'show running-config | redirect tftp://192.0.2.9/x',
    'show version\nreload',
  ])('a platform that would read with %j is stopped too', async (command) => {
    const w = await iosWorld({ platform: { ...ios, observeCommands: () => [command] } });
    w.reconciler.setDesired([wish('present')]);
    await until('the refusal', () => w.reconciler.status().lastError?.code === 'outside-anycast');
    expect(objections(w.router.log)).toEqual([]);
  });

  test('a good line with any part of it changed is stopped, or still names its own prefix', async () => {
    const parts = GOOD.split(' ');
    const mutation = fc.record({
      at: fc.nat({ max: parts.length }),
      drop: fc.nat({ max: 2 }),
      put: fc.array(fc.oneof(poison, fc.constantFrom(...BAD_PREFIXES, 'ip', 'route', 'no', 'vrf')), { maxLength: 2 }),
    });
    let text = GOOD;
    const w = await iosWorld({
      reconciler: { timing: { coalesceMs: 0, verifyMs: 50 } },
      platform: misbehaving((lines) => ({ lines: lines.map((line) => ({ ...line, text })) })),
    });
    w.reconciler.setDesired([wish('absent')]);
    await until(
      'the first pass',
      () => w.reconciler.status().observed.length === 0 && w.reconciler.status().session === 'up',
    );
    let count = 0;
    await fc.assert(
      fc.asyncProperty(mutation, async ({ at, drop, put }) => {
        text = parts.toSpliced(at, drop, ...put).join(' ');
        w.router.edit([`no ${GOOD}`]);
        // Another name each time, so that what was refused before is tried again.
        w.reconciler.setDesired([wish('present', {}, { attributes: { name: `n${++count}` } })]);
        await until(`an outcome of ${JSON.stringify(text)}`, () =>
          w.events.some(({ type }) => type === 'routeFailed' || type === 'routeChanged'),
        );
        w.events.length = 0;
        expect(objections(w.router.log)).toEqual([]);
      }),
      { numRuns: 50, seed: 2 },
    );
  }, 30_000);
});

describe('YAML', () => {
  const words = fc.oneof(
    poison,
    fc.constantFrom(
      '10.0.0.1',
      '10.0.0.1/32',
      '10.0.1.1',
      '0.0.0.0',
      '2001:db8:ac::1',
      '2001:db8:ad::1',
      'BLUE',
      'eth0',
    ),
  );

  test('whatever a file says, it is refused, or each of its lines stays inside on every platform', () => {
    const fields = fc.record({
      address: words,
      vrf: words,
      interface: words,
      nextHop: words,
      endpoint: words,
      file: words,
    });
    let accepted = 0;
    fc.assert(
      fc.property(fields, fc.boolean(), (field, mostlyGood) => {
        const text = (name: keyof typeof field, good: string) =>
          JSON.stringify(mostlyGood && name !== 'vrf' ? good : field[name]);
        const policy = [
          `address: ${text('address', '10.0.0.5')}`,
          'routers: [edge1]',
          `vrf: ${text('vrf', 'default')}`,
          'endpoints:',
          `  ${text('endpoint', 'ns1')}: { nextHop: ${text('nextHop', '10.10.10.1')}, interface: ${text('interface', 'eth0')} }`,
          'probes: { ask: { echo: { text: hello } } }',
        ].join('\n');
        const { settings } = compile({ policies: { good: POLICY, [mostlyGood ? 'other' : field.file]: policy } });
        if (settings === undefined) return;
        accepted += 1;
        for (const line of linesOf(settings)) expect(line).toMatch(INSIDE);
      }),
      { numRuns: 400, seed: 3 },
    );
    expect(accepted).toBeGreaterThan(5);
  });

  test.each([
    ['a wider space than any anycast space', SITE.replace('10.0.0.0/24', '0.0.0.0/0')],
    ['a space with host bits', SITE.replace('10.0.0.0/24', '10.0.0.1/24')],
    ['a mark that breaks out of its place', SITE.replace('{ tag: 4200 }', '{ tag: 4200, name: "a\\nno ip routing" }')],
    ['a tag that is no number', SITE.replace('4200', '"4200 name x"')],
  ])('%s is refused', (_name, site) => {
    expect(compile({ site }).settings).toBeUndefined();
  });
});

const INSIDE =
  /^(?:no )?(?:ip route (?:vrf \S+ )?10\.0\.0\.\d+(?: 255\.255\.255\.255|\/32)|ipv6 route (?:vrf \S+ )?2001:db8:ac::[0-9a-f:]*\/128)(?: [\w.:@/+-]+)+$/;

/** Every line that the policies of some settings could make a router be told. */
function linesOf(settings: NonNullable<ReturnType<typeof compile>['settings']>): readonly string[] {
  return settings.policies.flatMap((policy) =>
    [ios, frr].flatMap(({ capabilities, render }) => {
      const verdicts = policy.endpoints.map(({ name }) => ({
        endpoint: name,
        action: 'announce' as const,
        reason: 'endpoint-up' as const,
        detail: '',
      }));
      const routes = desire(policy, { verdicts }, settings.mark, { edge1: capabilities });
      return routes.flatMap(({ key, attributes, ...rest }) =>
        (['add', 'remove'] as const).flatMap((op) =>
          render([{ op, key, attributes, ...rest }]).lines.map(({ text }) => text),
        ),
      );
    }),
  );
}
