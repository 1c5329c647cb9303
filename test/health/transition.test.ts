import { describe, expect, test } from 'vitest';
import { Endpoint, healthRules, probeRules, result, SECOND } from './world.ts';

describe('delay, as in Enhanced Object Tracking (rise 1, fall 1; `.` is a tick)', () => {
  const immediate = [probeRules({ reaction: { type: 'immediate' }, staleAfterMs: 60 * SECOND })];
  test.each<[string, { upMs?: number; downMs?: number }, string, string]>([
    ['no delay', {}, 'PFP', 'UDU'],
    ['up follows after 3 s, the first time too', { upMs: 3000 }, 'P...F', '???UD'],
    ['down follows after 2 s', { downMs: 2000 }, 'PF..', 'UUUD'],
    ['cancelled if the state returns', { downMs: 2000 }, 'PFPF..', 'UUUUUD'],
    ['up is cancelled too', { upMs: 2000 }, 'FPFP..', 'DDDDDU'],
    ['a new raw change starts a new timer', { downMs: 3000 }, 'PFFPFFF.', 'UUUUUUUD'],
    ['errors do not stop the timer', { downMs: 2000 }, 'PFEE', 'UUUD'],
  ])('%s', (_name, delay, inputs, expected) => {
    const one = new Endpoint(healthRules({ probes: immediate, delay: { upMs: 0, downMs: 0, ...delay } }));
    expect(one.play(inputs)).toBe(expected);
  });

  test('while it runs the track says so, and asks to be woken at its end', () => {
    const one = new Endpoint(healthRules({ probes: immediate, delay: { upMs: 0, downMs: 2000 } }));
    one.play('PF');
    expect(one.last).toMatchObject({
      track: { state: 'up', sinceMono: 1000, reason: 'delayed', explanation: 'UP, becoming DOWN(resolve DOWN)' },
      wakeAtMono: 4000,
    });
    expect(one.tick(4000).track).toEqual({
      state: 'down',
      sinceMono: 4000,
      reason: 'failed',
      explanation: 'DOWN(resolve DOWN)',
    });
  });
});

describe('staleness (10 s; rise 3, fall 2)', () => {
  test.each<[string, string, string]>([
    ['up is forgotten after 10 s of silence', 'PPP..........', '??UUUUUUUUUU?'],
    ['errors do not refresh', 'PPPEEEEEEEEEE', '??UUUUUUUUUU?'],
    ['down is forgotten too', 'FF..........', '?DDDDDDDDDD?'],
    ['counting starts anew', 'PPP..........PPP', '??UUUUUUUUUU???U'],
    ['a first pass does not wait for ever', 'P..........PP', '?????????????'],
  ])('%s', (_name, inputs, expected) => {
    expect(new Endpoint().play(inputs)).toBe(expected);
  });

  test('asks to be woken when the newest evidence lapses, and then says stale', () => {
    const one = new Endpoint();
    one.play('PPP');
    expect(one.last?.wakeAtMono).toBe(13_000);
    expect(one.tick(12_999).track.state).toBe('up');
    const lapsed = one.tick(13_000);
    expect(lapsed.track).toMatchObject({ state: 'unknown', reason: 'stale', explanation: 'UNKNOWN(resolve UNKNOWN)' });
    expect(lapsed.probeChanges).toMatchObject([{ probe: 'resolve', from: 'up', to: 'unknown' }]);
    expect(lapsed.evidence).toHaveLength(1);
    expect(lapsed.wakeAtMono).toBeUndefined();
  });

  test('evidence that was never complete is missing, not stale', () => {
    const one = new Endpoint();
    one.play('P');
    expect(one.tick(60_000).track.reason).toBe('no-evidence');
  });
});

describe('several probes and targets', () => {
  const immediate = { reaction: { type: 'immediate' } } as const;
  const probes = [
    probeRules({ name: 'resolve', ...immediate }),
    probeRules({ name: 'tcp53', ...immediate, role: 'advisory' }),
  ];

  test('an advisory probe is told, but never moves the track', () => {
    const one = new Endpoint(healthRules({ probes }));
    expect(one.result('P', 1000).track.state).toBe('up');
    const { track, probeChanges } = one.result('F', 1100, { probe: 'tcp53' });
    expect(track).toMatchObject({ state: 'up', explanation: 'UP(resolve UP)' });
    expect(probeChanges).toMatchObject([{ probe: 'tcp53', from: 'unknown', to: 'down' }]);
  });

  test('with advisory probes only, nothing is ever known', () => {
    const one = new Endpoint(healthRules({ probes: [probeRules({ ...immediate, role: 'advisory' })] }));
    expect(one.play('PPF')).toBe('???');
  });

  test('a load balancer is up while enough of its targets pass', () => {
    const rules = { probes: [probeRules(immediate)], targets: ['web1', 'web2', 'web3'], targetsAtLeast: 2 };
    const one = new Endpoint(healthRules(rules));
    const steps: [string, 'P' | 'F', string][] = [
      [
        'web1',
        'P',
        'UNKNOWN(at least 2 of web1 UP(resolve UP), web2 UNKNOWN(resolve UNKNOWN), web3 UNKNOWN(resolve UNKNOWN))',
      ],
      ['web2', 'P', 'UP(at least 2 of web1 UP(resolve UP), web2 UP(resolve UP), web3 UNKNOWN(resolve UNKNOWN))'],
      [
        'web1',
        'F',
        'UNKNOWN(at least 2 of web1 DOWN(resolve DOWN), web2 UP(resolve UP), web3 UNKNOWN(resolve UNKNOWN))',
      ],
      ['web3', 'F', 'DOWN(at least 2 of web1 DOWN(resolve DOWN), web2 UP(resolve UP), web3 DOWN(resolve DOWN))'],
    ];
    steps.forEach(([target, letter, explanation], i) => {
      expect(one.result(letter, 1000 + i, { target }).track.explanation).toBe(explanation);
    });
  });

  test('the band of a percentage remembers the last decided state through unknown', () => {
    const names = ['a', 'b'];
    const one = new Endpoint(
      healthRules({
        probes: names.map((name) => probeRules({ name, ...immediate })),
        combine: { type: 'percentage', up: 100, down: 50 },
      }),
    );
    one.result('P', 1000, { probe: 'a' });
    expect(one.result('P', 1000, { probe: 'b' }).track.state).toBe('up');
    expect(one.result('F', 8000, { probe: 'b' }).track.state).toBe('up');
    expect(one.tick(11_000).track.state).toBe('unknown');
    expect(one.result('P', 12_000, { probe: 'a' }).track.state).toBe('up');
  });
});

describe('what a change reports', () => {
  test('the results that made it', () => {
    const one = new Endpoint();
    one.play('PPPF');
    expect(one.last?.evidence).toEqual([]);
    one.play('F');
    expect(
      one.last?.evidence.map(({ probe, target, result: { outcome, endedMono } }) => [
        probe,
        target,
        outcome,
        endedMono,
      ]),
    ).toEqual([
      ['resolve', 'ns1', 'fail', 4000],
      ['resolve', 'ns1', 'fail', 5000],
    ]);
    expect(one.last?.probeChanges).toMatchObject([{ from: 'up', to: 'down', evidence: [{}, {}] }]);
  });

  test('after a delay, the results that began it', () => {
    const one = new Endpoint(healthRules({ delay: { upMs: 0, downMs: 3000 } }));
    one.play('PPPFF...');
    expect(one.last?.track.state).toBe('down');
    expect(one.last?.evidence.map(({ result: { endedMono } }) => endedMono)).toEqual([4000, 5000]);
  });
});

describe('rules that change', () => {
  test('a probe that is added has no evidence; the others keep theirs', () => {
    const one = new Endpoint();
    one.play('PPP');
    one.rules = healthRules({ probes: [probeRules({ name: 'tcp53' }), probeRules()] });
    expect(one.tick(3100).track).toMatchObject({
      state: 'unknown',
      reason: 'no-evidence',
      explanation: 'UNKNOWN(tcp53 UNKNOWN and resolve UP)',
    });
  });

  test('results of a probe or target that the rules do not name are ignored', () => {
    const one = new Endpoint();
    const before = one.tick(1000);
    for (const [target, probe] of [
      ['ns1', 'other'],
      ['other', 'resolve'],
      ['__proto__', 'constructor'],
    ] as const) {
      one.send({ type: 'result', target, probe, run: 1, result: result('fail', 1000) }, 1000);
    }
    expect(one.last).toEqual(before);
  });
});
