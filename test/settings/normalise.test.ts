import { describe, expect, test } from 'vitest';
import { compile, POLICY, SITE, settingsOf } from './world.ts';

const policyOf = (text: string) => settingsOf({ policies: { good: text } }).policies[0];
const probeOf = (options: string) => {
  const policy = policyOf(`${POLICY}${options}`);
  return { plan: policy?.probes[0], rules: policy?.health.ns1?.probes[0] };
};

describe('a policy with nothing but the necessary', () => {
  const policy = policyOf(POLICY);

  test('is complete', () => {
    expect(policy).toMatchObject({
      name: 'good',
      description: '',
      address: '10.0.0.1',
      family: 4,
      vrf: 'default',
      routers: ['edge1'],
      route: {},
      pool: { minHealthy: { up: 1, down: 1 }, announce: 'each' },
      routeWhenUnknown: { action: 'hold' },
      onStop: 'hold',
      makeBeforeBreak: false,
    });
  });

  test('probes the next hop, under its address as name', () => {
    expect(policy?.endpoints[0]).toEqual({
      name: 'ns1',
      nextHop: '10.10.10.1',
      targets: [{ name: '10.10.10.1', address: '10.10.10.1' }],
      priority: 0,
    });
  });

  test('has the default rules for every endpoint', () => {
    expect(Object.keys(policy?.health ?? {})).toEqual(['ns1', 'ns2']);
    expect(policy?.health.ns2).toEqual({
      probes: [
        {
          name: 'ask',
          reaction: { type: 'consecutive', fall: 2, rise: 3 },
          mode: 'reachability',
          role: 'required',
          not: false,
          staleAfterMs: 3500,
          timeoutMs: 500,
        },
      ],
      targets: ['10.10.10.2'],
      targetsAtLeast: 1,
      combine: { type: 'all' },
      delay: { upMs: 0, downMs: 0 },
    });
  });

  test('has options with the defaults of their kind', () => {
    expect(policy?.probes[0]).toMatchObject({
      kind: 'echo',
      via: 'nextHop',
      options: { text: 'hello', port: 7, mode: 'udp' },
    });
  });
});

describe('times that depend on others', () => {
  test.each`
    options                                            | frequencyMs | fastFrequencyMs | timeoutMs | thresholdMs | staleAfterMs
    ${''}                                              | ${1000}     | ${100}          | ${500}    | ${500}      | ${3500}
    ${'    frequency: 10s'}                            | ${10_000}   | ${100}          | ${500}    | ${500}      | ${30_500}
    ${'    frequency: 100ms'}                          | ${100}      | ${100}          | ${100}    | ${100}      | ${400}
    ${'    frequency: 20ms'}                           | ${20}       | ${20}           | ${20}     | ${20}       | ${80}
    ${'    timeout: 300ms'}                            | ${1000}     | ${100}          | ${300}    | ${300}      | ${3300}
    ${'    threshold: 100ms'}                          | ${1000}     | ${100}          | ${500}    | ${100}      | ${3500}
    ${'    fastFrequency: 1s'}                         | ${1000}     | ${1000}         | ${500}    | ${500}      | ${3500}
    ${'    staleAfter: 5s'}                            | ${1000}     | ${100}          | ${500}    | ${500}      | ${5000}
    ${'track: { staleAfter: 6s }'}                     | ${1000}     | ${100}          | ${500}    | ${500}      | ${6000}
    ${'    staleAfter: 5s\ntrack: { staleAfter: 6s }'} | ${1000}     | ${100}          | ${500}    | ${500}      | ${5000}
  `('$options', ({ options, staleAfterMs, ...plan }) => {
    const probe = probeOf(options);
    expect(probe.plan).toMatchObject(plan);
    expect(probe.rules?.staleAfterMs).toBe(staleAfterMs);
  });
});

describe('reactions', () => {
  test.each([
    ['track: { reaction: immediate }', { type: 'immediate' }],
    ['track: { reaction: { consecutive: { fall: 5 } } }', { type: 'consecutive', fall: 5, rise: 3 }],
    ['    reaction: { xOfY: { x: 3, y: 5 } }', { type: 'xOfY', x: 3, y: 5 }],
    [
      '    reaction: { average: { count: 5, downAbove: 200ms, upBelow: 150ms } }',
      { type: 'average', count: 5, downAboveMs: 200, upBelowMs: 150 },
    ],
    ['    reaction: immediate\ntrack: { reaction: { consecutive: {} } }', { type: 'immediate' }],
  ])('%s', (options, reaction) => expect(probeOf(options).rules?.reaction).toEqual(reaction));
});

describe('combinations', () => {
  const more = '  more: { tcp: {}, not: true }\n';
  test.each([
    ['any', { type: 'any' }],
    ['{ atLeast: 2 }', { type: 'atLeast', count: 2 }],
    ['{ weights: { ask: 3 }, up: 4, down: 3 }', { type: 'weights', weights: { ask: 3 }, up: 4, down: 3 }],
    ['{ percentage: { up: 100, down: 50 } }', { type: 'percentage', up: 100, down: 50 }],
  ])('%s', (option, combine) => {
    const policy = policyOf(`${POLICY}${more}track: { combine: ${option} }\n`);
    expect(policy?.health.ns1).toMatchObject({ combine, probes: [{ not: false }, { not: true }] });
  });
});

describe('endpoints', () => {
  const endpoint = (options: string) =>
    policyOf(POLICY.replace('nextHop: 10.10.10.1', `nextHop: 10.10.10.1, ${options}`));

  test.each([
    ['target: 127.0.10.1', [{ name: '127.0.10.1', address: '127.0.10.1' }]],
    [
      'targets: { hosts: [10.20.0.1, 10.20.0.2] }',
      [
        { name: '10.20.0.1', address: '10.20.0.1' },
        { name: '10.20.0.2', address: '10.20.0.2' },
      ],
    ],
    ['targets: { hosts: { web1: 10.20.0.1 } }', [{ name: 'web1', address: '10.20.0.1' }]],
  ])('%s', (options, targets) => {
    const policy = endpoint(options);
    expect(policy?.endpoints[0]?.targets).toEqual(targets);
    expect(policy?.health.ns1?.targets).toEqual(targets.map((target) => target.name));
  });

  test('a load balancer says how many hosts must be up', () => {
    const policy = endpoint('targets: { hosts: [10.20.0.1, 10.20.0.2], atLeast: 2 }, interface: Gi0/1, priority: 1');
    expect(policy?.health.ns1?.targetsAtLeast).toBe(2);
    expect(policy?.endpoints[0]).toMatchObject({ interface: 'Gi0/1', priority: 1 });
  });
});

describe('the site', () => {
  const settings = settingsOf();

  test('has routers with their defaults, paths absolute', () => {
    expect(settings.routers).toMatchObject([
      { name: 'edge1', transport: 'ssh', port: 22, hostKeys: [expect.stringMatching(/^SHA256:/)], save: 'never' },
      {
        name: 'core1',
        platform: 'frr',
        hostKeys: [],
        knownHosts: '/etc/anytrack/known_hosts',
        agent: '/run/agent.sock',
      },
    ]);
    expect(settings.routers[0]).toMatchObject({
      legacyAlgorithms: false,
      commandTimeoutMs: 10_000,
      readyTimeoutMs: 45_000,
      keepaliveMs: 10_000,
      driftCheckMs: 60_000,
    });
    expect(settings.routers[0]).not.toHaveProperty('privateKey');
  });

  test('has everything else', () => {
    expect(settings).toMatchObject({
      site: 'ams1',
      anycastPrefixes: ['10.0.0.0/24', '2001:db8:ac::/64'],
      mark: { tag: 4200, name: 'anytrack' },
      notify: { snmp: [], baseOid: '1.3.6.1.4.1.8072.9999.9999.4200', heartbeatMs: 60_000 },
      log: { level: 'info' },
      orphans: 'report',
      controlSocket: '/run/anytrack/anytrack.sock',
    });
    expect(settings.notify).not.toHaveProperty('auditFile');
  });

  test('has receivers and a witness', () => {
    const site = `${SITE.replace('    agent:', '    witness: { snmp: { community: { env: RO } } }\n    agent:')}\
notify: { auditFile: audit.jsonl, snmp: [{ target: 192.0.2.9, community: { env: RW }, timeout: 1s }] }
`;
    const { notify, routers } = settingsOf({ site });
    expect(routers[1]?.witness).toMatchObject({ address: '192.0.2.2', port: 161 });
    expect(notify).toMatchObject({ auditFile: '/etc/anytrack/audit.jsonl' });
    expect(notify.snmp[0]).toMatchObject({
      address: '192.0.2.9',
      port: 162,
      version: '2c',
      inform: true,
      retries: 3,
      timeoutMs: 1000,
    });
  });

  test('a memory router needs no login', () => {
    const site = SITE.replace(/ {4}knownHosts[\s\S]*$/, '    transport: memory\n');
    expect(settingsOf({ site }).routers[1]).toMatchObject({ transport: 'memory' });
  });

  test('names a policy by its file', () => {
    expect(compile({ policies: { 'a b': POLICY } }).messages).toEqual([
      "policies/a b.yaml:1:1: the file's name is the policy's name: a name has 1 to 63 letters, digits, `_`, `.` or `-`, and starts with a letter or a digit",
    ]);
  });
});

describe('several files', () => {
  test('one address in two policies is told of the later one', () => {
    expect(compile({ policies: { a: POLICY, b: POLICY } }).messages).toEqual([
      'policies/b.yaml:1:10 address: 10.0.0.1 is also the address of policy `a`; one policy per address',
    ]);
  });

  test('one address in two VRFs is two addresses', () => {
    expect(compile({ policies: { a: POLICY, b: `${POLICY}vrf: BLUE\n` } }).messages).toEqual([]);
  });

  test('problems of all files come in one run, in the order of the files', () => {
    const bad = `${POLICY}onStop: stay\n`;
    const { settings, messages } = compile({ site: `${SITE}orphans: keep\n`, policies: { a: bad, b: bad } });
    expect(settings).toBeUndefined();
    expect(messages).toEqual([
      'anytrack.yaml:17:10 orphans: `keep` is not allowed; allowed: report, remove',
      'policies/a.yaml:9:9 onStop: `stay` is not allowed; allowed: hold, withdraw',
      'policies/b.yaml:1:10 address: 10.0.0.1 is also the address of policy `a`; one policy per address',
      'policies/b.yaml:9:9 onStop: `stay` is not allowed; allowed: hold, withdraw',
    ]);
  });

  test('what is wrong in one place does not hide what is wrong in another', () => {
    const policy = `${POLICY.replace('edge1', 'edge9').replace('10.0.0.1', '10.9.9.9')}    timeout: soon\nonStop: stay\n`;
    expect(compile({ site: `${SITE}orphans: keep\n`, policies: { a: policy } }).messages).toHaveLength(5);
  });

  test('what follows from a wrong value is not told too', () => {
    // Without its timeout the probe would have the default one, which is below this threshold.
    const policy = `${POLICY}    timeout: soon\n    threshold: 700ms\n`;
    expect(compile({ policies: { a: policy } }).messages).toEqual([
      'policies/a.yaml:9:14 probes.ask.timeout: must be a duration such as 500ms, 1s or 2m',
    ]);
  });

  test('a router whose entry is broken is not unknown', () => {
    const { messages } = compile({ site: SITE.replace('username: anytrack', 'username: []') });
    expect(messages).toEqual(['anytrack.yaml:9:5 routers.edge1.username: must be text, not a list']);
  });

  test('without a policy there is nothing to do', () => {
    expect(compile({ policies: {} }).messages).toEqual([
      'anytrack.yaml:1:1: there is no policy: the policies folder holds no `*.yaml` file',
    ]);
  });
});
