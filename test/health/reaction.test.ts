import { describe, expect, test } from 'vitest';
import type { Reaction } from '../../src/health/rules.ts';
import { Endpoint, healthRules, probeRules, result, SECOND } from './world.ts';

function endpoint(reaction: Reaction, mode: 'reachability' | 'state' = 'reachability'): Endpoint {
  return new Endpoint(healthRules({ probes: [probeRules({ reaction, mode })] }));
}

const consecutive: Reaction = { type: 'consecutive', fall: 2, rise: 3 };

describe('reactions, one result a second (P pass, L late, F fail, E error) and the track after it', () => {
  test.each<[string, Reaction, string, string]>([
    ['immediate: every result counts at once', { type: 'immediate' }, 'PFPLF', 'UDUUD'],
    ['consecutive: from unknown a full rise is needed', consecutive, 'PPPP', '??UU'],
    ['consecutive: from unknown a full fall is needed', consecutive, 'FF', '?D'],
    ['consecutive: one failure is not a fall', consecutive, 'PPPFPFPF', '??UUUUUU'],
    ['consecutive: two in a row are', consecutive, 'PPPFF', '??UUD'],
    ['consecutive: a failure resets the rise', consecutive, 'FFPPFPPP', '?DDDDDDU'],
    ['consecutive: an alternating start stays unknown', consecutive, 'PFPFPF', '??????'],
    ['consecutive: errors neither count nor reset (rise)', consecutive, 'PEPEEP', '?????U'],
    ['consecutive: errors neither count nor reset (fall)', consecutive, 'PPPFEF', '??UUUD'],
    ['consecutive: errors alone never decide', consecutive, 'EEEEEEE', '???????'],
    ['xOfY: 3 bad of the last 5', { type: 'xOfY', x: 3, y: 5 }, 'PPPFPFPFF', '??UUUUUDD'],
    ['xOfY: 3 good of the last 5', { type: 'xOfY', x: 3, y: 5 }, 'FFFPPP', '??DDDU'],
    ['xOfY: where both hold, down wins', { type: 'xOfY', x: 1, y: 3 }, 'PFPPP', 'UDDDU'],
  ])('%s', (_name, reaction, inputs, expected) => {
    expect(endpoint(reaction).play(inputs)).toBe(expected);
  });

  test('late is good for reachability and bad for state', () => {
    expect(endpoint(consecutive, 'reachability').play('PPPLLL')).toBe('??UUUU');
    expect(endpoint(consecutive, 'state').play('PPPLLL')).toBe('??UUDD');
  });
});

describe('average of the last 3 RTTs, down above 100 ms, up below 80 ms; a failed run counts as its timeout of 500 ms', () => {
  test.each<[string, readonly (number | 'F')[], string]>([
    ['needs all three', [10, 10, 10], '??U'],
    ['a slow mean takes it down', [10, 10, 10, 300], '??UD'],
    ['inside the band nothing changes', [10, 10, 10, 250, 90], '??UUD'],
    ['up stays up inside the band', [90, 60, 60, 120], '??UU'],
    ['down stays down inside the band', [200, 200, 200, 30, 30, 200, 40], '??DDDDD'],
    ['one failure among fast answers is 173 ms', [10, 10, 10, 'F'], '??UD'],
    ['a start inside the band decides nothing', [90, 90, 90], '???'],
  ])('%s', (_name, inputs, expected) => {
    const one = endpoint({ type: 'average', count: 3, downAboveMs: 100, upBelowMs: 80 });
    const states = inputs.map((input, i) => {
      const now = (i + 1) * SECOND;
      const { track } = input === 'F' ? one.result('F', now) : one.result('P', now, { rttMs: input });
      return { up: 'U', down: 'D', unknown: '?' }[track.state];
    });
    expect(states.join('')).toBe(expected);
  });
});

describe('runs that overlap', () => {
  const at = (run: number, outcome: 'pass' | 'fail', started: number, ended: number) => ({
    type: 'result' as const,
    target: 'ns1',
    probe: 'resolve',
    run,
    result: result(outcome, ended, ended - started),
  });

  test('the timeout of an older run is not newer evidence than the passes since', () => {
    const one = endpoint({ type: 'consecutive', fall: 1, rise: 1 });
    expect(one.send(at(2, 'pass', 1000, 1005), 1005).track.state).toBe('up');
    // Run 1 started before run 2 and hung; its timeout arrives last.
    expect(one.send(at(1, 'fail', 900, 1400), 1400).track.state).toBe('up');
    expect(one.last?.suspects).toEqual([]);
    expect(one.send(at(3, 'fail', 1100, 1600), 1600).track.state).toBe('down');
  });

  test('failures of hung runs that arrive between the passes of a recovery do not hold it back', () => {
    const one = new Endpoint();
    one.play('FF');
    for (const [run, outcome, started, ended] of [
      [20, 'pass', 10_000, 10_005],
      [11, 'fail', 5000, 10_010],
      [21, 'pass', 10_100, 10_105],
      [12, 'fail', 6000, 10_200],
    ] as const) {
      expect(one.send(at(run, outcome, started, ended), ended).track.state).toBe('down');
    }
    expect(one.send(at(22, 'pass', 10_300, 10_305), 10_305).track.state).toBe('up');
  });

  test('a late pass of an older run fills its place in the row', () => {
    const one = new Endpoint();
    one.send(at(1, 'pass', 1000, 1005), 1005);
    one.send(at(3, 'pass', 1200, 1205), 1205);
    expect(one.send(at(2, 'pass', 1100, 1300), 1300).track.state).toBe('up');
  });

  test('a run counts once, however often it is reported', () => {
    const one = new Endpoint();
    for (let i = 0; i < 5; i++) one.send(at(1, 'fail', 1000, 1500), 1500);
    expect(one.last?.track.state).toBe('unknown');
    expect(one.send(at(2, 'fail', 1100, 1600), 1600).track.state).toBe('down');
  });
});

describe('suspects run at fastFrequency', () => {
  const suspect = [{ target: 'ns1', probe: 'resolve' }];
  test.each<[string, string, boolean]>([
    ['nothing known: normal rate', '.', false],
    ['a first result: the evidence is gathering', 'P', true],
    ['up and passing', 'PPP', false],
    ['up and one failure', 'PPPF', true],
    ['up again', 'PPPFP', false],
    ['down and failing', 'FFF', false],
    ['down and one pass', 'FFP', true],
    ['an error accumulates nothing', 'PPPE', false],
  ])('%s', (_name, inputs, expected) => {
    const one = new Endpoint();
    one.play(inputs);
    expect(one.last?.suspects).toEqual(expected ? suspect : []);
  });

  test('average: a single slow answer makes it suspect', () => {
    const one = endpoint({ type: 'average', count: 3, downAboveMs: 100, upBelowMs: 80 });
    one.play('PPP');
    expect(one.last?.suspects).toEqual([]);
    expect(one.result('P', 4 * SECOND, { rttMs: 120 }).suspects).toEqual(suspect);
  });
});
