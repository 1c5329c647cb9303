import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { compile, POLICY, settingsOf } from './world.ts';

const TEMPLATE = `\
description: from the template
routers: [edge1]
probes:
  ask:
    echo: { text: hello, mode: tcp }
    timeout: 300ms
track: { reaction: { xOfY: { x: 2, y: 3 } } }
`;
const SHORT = `\
extends: base
address: 10.0.0.1
endpoints:
  ns1: { nextHop: 10.10.10.1 }
`;

describe('extends', () => {
  const policyOf = (policy: string, templates: Record<string, string>) =>
    settingsOf({ policies: { good: policy }, templates }).policies[0];

  test('a policy takes what it lacks from its template', () => {
    const policy = policyOf(SHORT, { base: TEMPLATE });
    expect(policy).toMatchObject({ description: 'from the template', routers: ['edge1'] });
    expect(policy?.probes[0]).toMatchObject({ timeoutMs: 300, options: { text: 'hello', mode: 'tcp' } });
  });

  test('the policy wins, key by key', () => {
    const policy = policyOf(`${SHORT}probes: { ask: { echo: { text: bye }, threshold: 100ms } }\n`, { base: TEMPLATE });
    expect(policy?.probes[0]).toMatchObject({
      timeoutMs: 300,
      thresholdMs: 100,
      options: { text: 'bye', mode: 'tcp' },
    });
  });

  test('lists are replaced', () => {
    expect(policyOf(`${SHORT}routers: [core1]\n`, { base: TEMPLATE })?.routers).toEqual(['core1']);
  });

  test('alternatives are replaced', () => {
    const policy = policyOf(`${SHORT}track: { reaction: { consecutive: { fall: 9 } } }\n`, { base: TEMPLATE });
    expect(policy?.health.ns1?.probes[0]?.reaction).toEqual({ type: 'consecutive', fall: 9, rise: 3 });
  });

  test('a secret reference replaces another one', () => {
    const base = TEMPLATE.replace('mode: tcp', 'secret: { env: OLD }');
    const text = `${SHORT}probes: { ask: { echo: { secret: { credential: new } } } }\n`;
    const { expanded } = compile({ policies: { good: text }, templates: { base } });
    expect(parse(expanded.get('good') ?? '').probes.ask.echo.secret).toEqual({ credential: 'new' });
  });

  test('a template extends another one', () => {
    const middle = 'extends: base\ndescription: from the middle\n';
    const policy = policyOf(SHORT.replace('base', 'middle'), { base: TEMPLATE, middle });
    expect(policy).toMatchObject({ description: 'from the middle', routers: ['edge1'] });
  });
});

describe('problems', () => {
  test('one in a template names its file, once, however many policies extend it', () => {
    const base = TEMPLATE.replace('timeout: 300ms', 'timeout: 3s');
    const policies = { a: SHORT, b: SHORT.replace('10.0.0.1', '10.0.0.2') };
    expect(compile({ policies, templates: { base } }).messages).toEqual([
      'templates/base.yaml:6:14 probes.ask.timeout: 3s is longer than the frequency, 1s; frequency >= timeout >= threshold',
    ]);
  });

  test('an unused template is checked too, but may lack anything', () => {
    const { messages } = compile({ templates: { base: 'onStop: stay\n', part: 'probes: { ask: { timeout: 1s } }\n' } });
    expect(messages).toEqual(['templates/base.yaml:1:9 onStop: `stay` is not allowed; allowed: hold, withdraw']);
  });

  test('a circle is told where it is, and its users are not judged', () => {
    const templates = { a: 'extends: b\n', b: 'extends: a\n' };
    expect(compile({ policies: { good: SHORT.replace('base', 'a') }, templates }).messages).toEqual([
      'templates/a.yaml:1:10 extends: templates extend one another in a circle: a -> b -> a',
      'templates/b.yaml:1:10 extends: templates extend one another in a circle: b -> a -> b',
    ]);
  });

  test('an unknown template is told with the nearest one', () => {
    expect(
      compile({ policies: { good: SHORT.replace('base', 'bsae') }, templates: { base: TEMPLATE } }).messages,
    ).toEqual(['policies/good.yaml:1:10 extends: unknown template `bsae`; templates are base; did you mean `base`?']);
  });

  test('a template that cannot be read is told once', () => {
    expect(compile({ policies: { good: SHORT }, templates: { base: 'a: [' } }).messages).toEqual([
      expect.stringMatching(/^templates\/base\.yaml:1:\d+: not valid YAML: /),
    ]);
  });

  test('what is missing is told of the policy', () => {
    const templates = { base: TEMPLATE.replace('routers: [edge1]\n', '') };
    expect(compile({ policies: { good: SHORT }, templates }).messages).toEqual([
      'policies/good.yaml:1:1 routers: is required: a list',
    ]);
  });
});

describe('expand', () => {
  const RICH = `\
extends: base
address: 10.0.0.1
vrf: BLUE
route: { tag: 7, distance: 20, track: 3 }
endpoints:
  ns1: { nextHop: 10.10.10.1, identity: one, target: 127.0.0.1 }
  ns2: { nextHop: 10.10.10.2, identity: two, priority: 5, targets: { hosts: { x: 10.2.0.1, y: 10.2.0.2 }, atLeast: 2 } }
probes:
  ask:
    echo: { whoami: true, secret: { file: ../keys/echo }, headers: { authorization: { env: TOKEN }, file: plain } }
    source: 192.0.2.7
  more: { tcp: {}, role: advisory, reaction: immediate, staleAfter: 1m }
  avg: { tcp: {}, not: true, reaction: { average: { count: 3, downAbove: 200ms, upBelow: 150ms } } }
track: { combine: { weights: { ask: 2 }, up: 2, down: 1 }, mode: state, delay: { up: 10s } }
pool: { minHealthy: { up: 2, down: 1 }, announce: allOrNone }
routeWhenUnknown: { withdraw: { after: 5m } }
onStop: withdraw
makeBeforeBreak: true
`;

  test.each([
    ['a short one', SHORT],
    ['a plain one', POLICY],
    ['a rich one', RICH],
  ])('%s: what is shown loads again, to the same policy', (_, text) => {
    const first = compile({ policies: { good: text }, templates: { base: TEMPLATE } });
    expect(first.messages).toEqual([]);
    const again = settingsOf({ policies: { good: first.expanded.get('good') ?? '' } });
    expect(again.policies).toEqual(first.settings?.policies);
  });

  test('nothing is left to look up', () => {
    const { expanded } = compile({ policies: { good: SHORT }, templates: { base: TEMPLATE } });
    const shown = parse(expanded.get('good') ?? '');
    expect(shown).not.toHaveProperty('extends');
    expect(shown.probes.ask).toMatchObject({
      echo: { text: 'hello', mode: 'tcp', port: 7 },
      frequency: '1s',
      fastFrequency: '100ms',
      timeout: '300ms',
      threshold: '300ms',
      staleAfter: '3.3s',
      reaction: { xOfY: { x: 2, y: 3 } },
    });
  });
});
