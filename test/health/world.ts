/** A valid world for the tests of health: a test states only its difference. */

import type { HealthRules, ProbeRules } from '../../src/health/rules.ts';
import { type HealthEvent, type Transition, transition } from '../../src/health/transition.ts';
import type { ProbeResult } from '../../src/model.ts';

export const SECOND = 1000;

export function probeRules(difference: Partial<ProbeRules> = {}): ProbeRules {
  return {
    name: 'resolve',
    reaction: { type: 'consecutive', fall: 2, rise: 3 },
    mode: 'reachability',
    role: 'required',
    not: false,
    staleAfterMs: 10 * SECOND,
    timeoutMs: 500,
    ...difference,
  };
}

export function healthRules(difference: Partial<HealthRules> = {}): HealthRules {
  return {
    probes: [probeRules()],
    targets: ['ns1'],
    targetsAtLeast: 1,
    combine: { type: 'all' },
    delay: { upMs: 0, downMs: 0 },
    ...difference,
  };
}

/** A result of a run that ended at `endedMono`, after `rttMs`. */
export function result(outcome: ProbeResult['outcome'], endedMono: number, rttMs = 5): ProbeResult {
  const base = {
    startedAt: Date.UTC(2026, 0, 1) + endedMono - rttMs,
    startedMono: endedMono - rttMs,
    endedMono,
    phases: { total: rttMs },
    detail: outcome,
    transcript: [],
  };
  if (outcome === 'fail') return { ...base, outcome, cause: 'timeout' };
  if (outcome === 'error') return { ...base, outcome, cause: 'no-source-address' };
  return { ...base, outcome };
}

const LETTERS = { P: 'pass', L: 'late', F: 'fail', E: 'error' } as const;

/** Sends events to one endpoint and remembers its state between them. */
export class Endpoint {
  rules: HealthRules;
  #run = 0;
  last: Transition | undefined;

  constructor(rules: HealthRules = healthRules()) {
    this.rules = rules;
  }

  /** One result at `now`: `P`ass, `L`ate, `F`ail, `E`rror. */
  result(letter: keyof typeof LETTERS, now: number, options: { probe?: string; target?: string; rttMs?: number } = {}) {
    const { probe = this.rules.probes[0]?.name ?? '', target = this.rules.targets[0] ?? '', rttMs = 5 } = options;
    return this.send(
      { type: 'result', target, probe, run: ++this.#run, result: result(LETTERS[letter], now, rttMs) },
      now,
    );
  }

  tick(now: number): Transition {
    return this.send({ type: 'tick' }, now);
  }

  send(event: HealthEvent, now: number): Transition {
    this.last = transition(this.last?.state, event, this.rules, now);
    return this.last;
  }

  /**
   * Plays a timeline, one letter a second from `from` on (`.` is a tick without a result),
   * and writes the track's state after each: `U`p, `D`own, `?`.
   */
  play(letters: string, from = (this.last === undefined ? 0 : this.#second) + 1): string {
    return [...letters]
      .map((letter, i) => {
        this.#second = from + i;
        const now = this.#second * SECOND;
        const { track } = letter === '.' ? this.tick(now) : this.result(letter as keyof typeof LETTERS, now);
        return { up: 'U', down: 'D', unknown: '?' }[track.state];
      })
      .join('');
  }

  #second = 0;
}
