/**
 * The second of the three pure functions at the core: tracks in, verdicts out.
 *
 * In this order: [operator: drain, force and latch will stand here, before anything is computed]
 * -> is the evidence complete? -> the endpoint's own state -> the pool -> guards.
 */
import { formatDuration } from '../lib/duration.ts';
import type { Track, TrackState, Verdict, VerdictAction, VerdictReason } from '../model.ts';
import { applyGuards, type Guard } from './guard.ts';
import type { Endpoint, Policy } from './policy.ts';
import { type Candidate, count, type LevelRole, levelRoles, poolState } from './pool.ts';

/** What a policy wants for each of its endpoints, in their order. */
export interface Evaluation {
  readonly verdicts: readonly Verdict[];
  /** Endpoints whose track is up, of all. */
  readonly up: number;
  readonly total: number;
  /** Whether enough endpoints are up; undefined while that cannot be told. */
  readonly poolHealthy: boolean | undefined;
  /** The last pool state that was certain, on which the band between `minHealthy.down` and `up` falls back. */
  readonly poolDecided: TrackState;
  /** Monotonic time at which the verdicts must be looked at again, though no track changes. */
  readonly wakeAtMono?: number;
}

/**
 * Decides for every endpoint of a policy. Total: an endpoint without a track is unknown.
 * @param tracks by endpoint name
 * @param previous what the last call returned; undefined at the start
 * @param now monotonic milliseconds
 */
export function evaluate(
  policy: Policy,
  tracks: Readonly<Record<string, Track>>,
  previous: Evaluation | undefined,
  now: number,
  guards: readonly Guard[] = [],
): Evaluation {
  const judged = policy.endpoints.map((endpoint) => judge(endpoint, tracks[endpoint.name], policy, now));
  const state = poolState(judged, policy, previous?.poolDecided ?? 'unknown');
  const poolDecided = state === 'unknown' ? (previous?.poolDecided ?? 'unknown') : state;
  const pool: PoolView = {
    policy,
    state,
    roles: levelRoles(judged, policy.pool.announce),
    numbers: `${count(judged, 'up')} of ${judged.length} up`,
    missing: judged.some(({ own }) => own?.reason === 'evidence-incomplete'),
  };
  const verdicts = judged.map((one) => one.own ?? poolVerdict(one, pool));
  const wakeAtMono = judged.map(({ limitMono }) => limitMono).filter((limit) => limit !== undefined);
  return {
    verdicts: applyGuards(verdicts, guards),
    up: count(judged, 'up'),
    total: judged.length,
    poolHealthy: state === 'unknown' ? undefined : state === 'up',
    poolDecided,
    ...(wakeAtMono.length === 0 ? {} : { wakeAtMono: Math.min(...wakeAtMono) }),
  };
}

/**
 * What a planned stop makes of the routes. `onStop: withdraw` takes them away. `hold` decides nothing new: what was
 * decided stands, so that a withdrawal still on its way to a router gets there (promise 8).
 */
export function stopVerdicts(policy: Policy, previous: Evaluation | undefined): Evaluation {
  if (policy.onStop === 'hold' && previous !== undefined) return previous;
  const verdicts = policy.endpoints.map(({ name }) =>
    verdict(name, policy.onStop, 'stopping', `anytrack stops, onStop: ${policy.onStop}`),
  );
  return {
    verdicts,
    up: previous?.up ?? 0,
    total: policy.endpoints.length,
    poolHealthy: previous?.poolHealthy,
    poolDecided: previous?.poolDecided ?? 'unknown',
  };
}

/** An endpoint with the state it counts as, and its verdict where the pool has no say in it. */
interface Judged extends Candidate {
  readonly own: Verdict | undefined;
  /** Monotonic time at which `routeWhenUnknown` will act on it. */
  readonly limitMono?: number;
}

function judge(endpoint: Endpoint, track: Track | undefined, policy: Policy, now: number): Judged {
  const { name } = endpoint;
  if (track?.state === 'up') return { endpoint, state: 'up', own: undefined };
  if (track?.state === 'down') {
    return { endpoint, state: 'down', own: verdict(name, 'withdraw', 'endpoint-down', track.explanation) };
  }
  // Only knowledge that was lost can run out: without evidence since the start no route changes (promise 4),
  // and `delayed` says that a first state is on its way.
  if (track === undefined || track.reason !== 'stale') {
    const detail = track?.reason === 'delayed' ? track.explanation : 'no complete evidence yet';
    return { endpoint, state: 'unknown', own: verdict(name, 'hold', 'evidence-incomplete', detail) };
  }
  return judgeStale(endpoint, track, policy, now);
}

function judgeStale(endpoint: Endpoint, track: Track, { routeWhenUnknown }: Policy, now: number): Judged {
  const { name } = endpoint;
  if (routeWhenUnknown.action === 'hold') {
    return { endpoint, state: 'unknown', own: verdict(name, 'hold', 'unknown-hold', 'the evidence is stale') };
  }
  const limitMono = track.sinceMono + routeWhenUnknown.afterMs;
  const limit = `routeWhenUnknown: withdraw after ${formatDuration(routeWhenUnknown.afterMs)}`;
  if (now < limitMono) {
    const own = verdict(name, 'hold', 'unknown-hold', `the evidence is stale, ${limit}`);
    return { endpoint, state: 'unknown', own, limitMono };
  }
  // From here on the policy takes it for down, so that a backup may serve.
  return { endpoint, state: 'down', own: verdict(name, 'withdraw', 'unknown-withdraw', limit) };
}

interface PoolView {
  readonly policy: Policy;
  readonly state: TrackState;
  readonly roles: ReadonlyMap<number, LevelRole>;
  /** `2 of 3 up`. */
  readonly numbers: string;
  /** An unknown endpoint never had evidence, as opposed to having lost it. */
  readonly missing: boolean;
}

/** The verdict of an endpoint that is up. */
function poolVerdict({ endpoint }: Candidate, pool: PoolView): Verdict {
  const { name, priority } = endpoint;
  const { numbers } = pool;
  const { up, down } = pool.policy.pool.minHealthy;
  const unknown = pool.missing ? 'evidence-incomplete' : 'unknown-hold';
  if (pool.state === 'down') {
    return verdict(name, 'withdraw', 'pool-below-minimum', `${numbers}, minimum ${down}, back at ${up}`);
  }
  if (pool.state === 'unknown') {
    return verdict(name, 'hold', unknown, `${numbers} for certain, minimum ${down}, back at ${up}`);
  }
  switch (pool.roles.get(priority) ?? 'undecided') {
    case 'serves':
      return verdict(name, 'announce', 'endpoint-up', numbers);
    case 'standby':
      return verdict(name, 'withdraw', 'standby', `${numbers}, a better priority than ${priority} serves`);
    case 'incomplete':
      return verdict(name, 'withdraw', 'all-or-none', `${numbers}, announce: allOrNone`);
    case 'waits':
      return verdict(name, 'hold', unknown, `${numbers}, a better priority than ${priority} is unknown`);
    case 'undecided':
      return verdict(name, 'hold', unknown, `${numbers}, announce: allOrNone, another is unknown`);
  }
}

function verdict(endpoint: string, action: VerdictAction, reason: VerdictReason, detail: string): Verdict {
  return { endpoint, action, reason, detail };
}
