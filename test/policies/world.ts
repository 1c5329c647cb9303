/** A valid world for the tests of policies: a test states only its difference. */
import type { Track, TrackState, Verdict } from '../../src/model.ts';
import type { Endpoint, Policy } from '../../src/policies/policy.ts';

export function endpoint(name: string, difference: Partial<Endpoint> = {}): Endpoint {
  const nextHop = `10.10.10.${name.replace(/\D/g, '') || '1'}`;
  return { name, nextHop, targets: [{ name, address: nextHop }], priority: 0, ...difference };
}

export function policy(difference: Partial<Policy> = {}): Policy {
  return {
    name: 'resolver',
    description: '',
    address: '10.0.0.1',
    family: 4,
    vrf: 'default',
    routers: ['edge1'],
    route: {},
    endpoints: [endpoint('ns1'), endpoint('ns2')],
    probes: [],
    health: {},
    pool: { minHealthy: { up: 1, down: 1 }, announce: 'each' },
    routeWhenUnknown: { action: 'hold' },
    onStop: 'hold',
    makeBeforeBreak: false,
    ...difference,
  };
}

/** A track since monotonic 0. `unknown` had evidence and lost it, unless the reason says otherwise. */
export function track(state: TrackState, difference: Partial<Track> = {}): Track {
  const reason = ({ up: 'recovered', down: 'failed', unknown: 'stale' } as const)[state];
  return {
    state,
    sinceMono: 0,
    explanation: `${state.toUpperCase()}(resolve ${state.toUpperCase()})`,
    reason,
    ...difference,
  };
}

/** Tracks from one letter per endpoint: `U`p, `D`own, `?` stale, `.` no evidence since the start. */
export function tracks(of: Policy, letters: string): Record<string, Track> {
  return Object.fromEntries(
    of.endpoints.map(({ name }, i) => {
      const letter = letters.charAt(i);
      if (letter === 'U') return [name, track('up')];
      if (letter === 'D') return [name, track('down')];
      return [name, track('unknown', letter === '.' ? { reason: 'no-evidence' } : {})];
    }),
  );
}

/** `announce endpoint-up` per endpoint. */
export function summary(verdicts: readonly Verdict[]): string[] {
  return verdicts.map(({ action, reason }) => `${action} ${reason}`);
}
