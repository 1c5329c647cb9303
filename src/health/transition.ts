/**
 * The first of the three pure functions at the core: results in, track out.
 *
 * The pipeline of one endpoint, each step in a file of its own:
 * result -> reaction (per probe and target) -> staleness -> combine (probes of a target, then targets of the endpoint)
 * -> delay -> [damping will stand here: it sees the changes that the delay lets through and may hold back an `up`]
 * -> track.
 */
import type { Evidence, ProbeResult, Track, TrackReason, TrackState } from '../model.ts';
import { type Combined, combine, effective, type Member } from './combine.ts';
import { delay, type Pending } from './delay.ts';
import { isSuspect, type ProbeHealth, react, unknownProbe } from './reaction.ts';
import type { HealthRules, ProbeRules } from './rules.ts';
import { aged, expire, staleAtMono } from './staleness.ts';

/** One probe of one target. */
export interface ProbeRef {
  readonly target: string;
  readonly probe: string;
}

/** What happens to an endpoint: a run ended, time went by, or time went by that the monotonic clock did not count. */
export type HealthEvent =
  | ({ readonly type: 'result'; readonly run: number; readonly result: ProbeResult } & ProbeRef)
  | { readonly type: 'tick' }
  | { readonly type: 'slept'; readonly ms: number };

/** Everything known about an endpoint. Plain data; give it back unchanged at the next event. */
export interface EndpointHealth {
  /** Per target and probe, in the order of the rules. */
  readonly probes: readonly ProbeHealth[];
  /** The last decided state of each target: what the band of `weights` and `percentage` falls back on. */
  readonly decided: Readonly<Record<string, TrackState>>;
  readonly pending: Pending | undefined;
  /** The track was up or down at least once since the start. */
  readonly everKnown: boolean;
  readonly track: Track;
}

/** A probe whose state changed, and the results that changed it. */
interface ProbeChange extends ProbeRef {
  readonly from: TrackState;
  readonly to: TrackState;
  readonly evidence: readonly Evidence[];
}

export interface Transition {
  readonly state: EndpointHealth;
  readonly track: Track;
  readonly probeChanges: readonly ProbeChange[];
  /** Probes to run at `fastFrequency` now. */
  readonly suspects: readonly ProbeRef[];
  /** Monotonic time at which a tick is needed at the latest (end of a delay, staleness); none while nothing can lapse. */
  readonly wakeAtMono?: number;
  /** The results that made the change of the track, or else of a probe; empty where nothing changed. */
  readonly evidence: readonly Evidence[];
}

/**
 * Takes in one event. Total: unknown probes and targets are ignored, and any order of events gives a state.
 * @param state what the last call returned; undefined at the start
 * @param now monotonic milliseconds
 */
export function transition(
  state: EndpointHealth | undefined,
  event: HealthEvent,
  rules: HealthRules,
  now: number,
): Transition {
  const before = state ?? initialHealth(now);
  const targets = step(before.probes, event, rules, now);
  const members = targets.flatMap((target) => target.members);
  const raw = combineEndpoint(targets, before.decided, rules);
  const delayed = delay(before.track.state, raw.state, before.pending, rules.delay, now);
  const everKnown = before.everKnown || delayed.state !== 'unknown';
  const reason = delayed.state === raw.state ? reasonOf(raw.state, members, everKnown) : 'delayed';
  const track = nextTrack(before.track, delayed.state, raw, reason, now);
  const probeChanges = members.filter(({ was, is }) => was.state !== is.state).map(changeOf);
  const trackChanged = track.state !== before.track.state;
  const wakeAtMono = earliest([delayed.dueMono, ...members.map(({ is, rules }) => staleAtMono(is, rules))]);
  return {
    state: { probes: members.map(({ is }) => is), decided: raw.decided, pending: delayed.pending, everKnown, track },
    track,
    probeChanges,
    suspects: members.filter(({ is, rules }) => isSuspect(is, rules)).map(({ is }) => refOf(is)),
    ...(wakeAtMono === undefined ? {} : { wakeAtMono }),
    evidence: trackChanged ? evidenceFor(track, members) : probeChanges.flatMap((change) => change.evidence),
  };
}

function initialHealth(now: number): EndpointHealth {
  const track = { state: 'unknown', sinceMono: now, explanation: 'UNKNOWN()', reason: 'no-evidence' } as const;
  return { probes: [], decided: {}, pending: undefined, everKnown: false, track };
}

/** One probe of one target with its rules, before and after the event. */
interface Step {
  readonly rules: ProbeRules;
  readonly was: ProbeHealth;
  readonly is: ProbeHealth;
}

interface TargetSteps {
  readonly name: string;
  readonly members: readonly Step[];
}

/** Applies the event to exactly the probes that the rules name: a reload may have added or removed some. */
function step(known: readonly ProbeHealth[], event: HealthEvent, rules: HealthRules, now: number) {
  return rules.targets.map((target, t): TargetSteps => {
    const members = rules.probes.map((probeRules, p) => {
      const ref = { target, probe: probeRules.name };
      const place = known[t * rules.probes.length + p];
      const found = isSame(ref, place) ? place : known.find((health) => isSame(ref, health));
      const was = found ?? unknownProbe(target, probeRules.name, now);
      return { rules: probeRules, was, is: nextProbe(was, event, probeRules, now) };
    });
    return { name: target, members };
  });
}

function nextProbe(health: ProbeHealth, event: HealthEvent, rules: ProbeRules, now: number): ProbeHealth {
  // Staleness first: a result that comes after a long silence starts a new count.
  const current = expire(event.type === 'slept' ? aged(health, event.ms) : health, rules, now);
  if (event.type !== 'result' || !isSame(event, health)) return current;
  return expire(react(current, event.run, event.result, rules, now), rules, now);
}

interface Raw extends Combined {
  readonly decided: Readonly<Record<string, TrackState>>;
}

function combineEndpoint(targets: readonly TargetSteps[], decided: EndpointHealth['decided'], rules: HealthRules): Raw {
  const combined = targets.map(({ name, members }) => {
    const required = members
      .filter((member) => member.rules.role === 'required')
      .map((member): Member => ({ name: member.rules.name, not: member.rules.not, state: member.is.state }));
    return { name, not: false, ...combine(required, rules.combine, decided[name] ?? 'unknown') };
  });
  const only = combined.length === 1 && rules.targetsAtLeast === 1 ? combined[0] : undefined;
  const endpoint = only ?? combine(combined, { type: 'atLeast', count: rules.targetsAtLeast }, 'unknown');
  const memory = combined.map(({ name, state }) => [name, state === 'unknown' ? (decided[name] ?? state) : state]);
  return { state: endpoint.state, explanation: endpoint.explanation, decided: Object.fromEntries(memory) };
}

function nextTrack(track: Track, state: TrackState, raw: Combined, reason: TrackReason, now: number): Track {
  const explanation = state === raw.state ? raw.explanation : `${state.toUpperCase()}, becoming ${raw.explanation}`;
  if (track.state === state && track.explanation === explanation && track.reason === reason) return track;
  return { state, sinceMono: track.state === state ? track.sinceMono : now, explanation, reason };
}

/** `stale` only where there was knowledge to lose: after a start or a new probe, evidence is incomplete, not stale. */
function reasonOf(state: TrackState, members: readonly Step[], everKnown: boolean): TrackReason {
  if (state !== 'unknown') return state === 'up' ? 'recovered' : 'failed';
  const lapsed = members.some(({ is, rules }) => is.lapsed && rules.role === 'required');
  return everKnown && lapsed ? 'stale' : 'no-evidence';
}

/** The results behind a track: of the required probes that speak for its state; for `unknown`, the last that were seen. */
function evidenceFor(track: Track, members: readonly Step[]): readonly Evidence[] {
  return members
    .filter(({ is, rules }) => rules.role === 'required' && effective({ ...is, not: rules.not }) === track.state)
    .flatMap(({ is }) => evidenceOf(is));
}

function changeOf({ was, is }: Step): ProbeChange {
  return { ...refOf(is), from: was.state, to: is.state, evidence: evidenceOf(is) };
}

function evidenceOf(health: ProbeHealth): readonly Evidence[] {
  return health.decidedBy.map((result) => ({ probe: health.probe, target: health.target, result }));
}

function refOf({ target, probe }: ProbeRef): ProbeRef {
  return { target, probe };
}

function isSame(ref: ProbeRef, other: ProbeRef | undefined): boolean {
  return other !== undefined && ref.target === other.target && ref.probe === other.probe;
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : known.reduce((least, time) => Math.min(least, time));
}
