import type { ProbeHealth } from '../health/reaction.ts';
import type { EndpointHealth } from '../health/transition.ts';
import type { DesiredRoute, RouteKey } from '../model.ts';
import { routeId } from '../model.ts';
import type { Endpoint, Policy } from '../policies/policy.ts';
import type { ProbeStatistics } from '../probes/scheduler.ts';
import type { RouterSettings } from '../routers/contract.ts';
import type { RouterStatus as ReconcilerStatus } from '../routers/reconciler.ts';
import type { EndpointStatus, PolicyStatus, ProbeStatus, RouterStatus, RouteStatus, Status } from '../web/status.ts';
import { probeKey } from './entries.ts';
import type { TrackerSnapshot } from './tracker.ts';

/** What the policies' part of the status is made of. */
export interface PolicySources {
  readonly nowMono: number;
  readonly trackers: readonly TrackerSnapshot[];
  /** Counters by probe key. */
  readonly statistics: (key: string) => ProbeStatistics | undefined;
}

/** The policies as the status shows them; pure. */
export function policyStatuses(sources: PolicySources): Status['policies'] {
  return sources.trackers.map((snapshot) => policyStatus(snapshot, sources));
}

/** The routers as the status shows them; pure. */
export function routerStatuses(
  routers: readonly RouterSettings[],
  states: readonly ReconcilerStatus[],
  desiredOf: (router: string) => readonly DesiredRoute[],
): readonly RouterStatus[] {
  return states.map((state) => {
    const settings = routers.find(({ name }) => name === state.router);
    const { lastError, session } = state;
    // An old trouble that a new session has overcome is history, unless the router still refuses a line.
    const isOver = session === 'up' && state.parked.length === 0;
    return {
      name: state.router,
      platform: settings?.platform ?? '',
      address: settings === undefined ? '' : `${settings.address}:${settings.port}`,
      session,
      ...(isOver || lastError === undefined ? {} : { trouble: `${lastError.code}: ${lastError.message}` }),
      routes: routeStatuses(desiredOf(state.router), state),
    };
  });
}

/** Every route that is wanted or there, wanted ones first. */
function routeStatuses(
  desired: readonly DesiredRoute[],
  { observed, orphans }: ReconcilerStatus,
): readonly RouteStatus[] {
  const seen = new Map(observed.map((route) => [routeId(route.key), route]));
  const wanted = desired.map(({ key, want, policy, endpoint }) => {
    const found = seen.get(routeId(key));
    const { configured = false, installed = false } = found ?? {};
    return { ...placeOf(key), want, configured, installed, policy, endpoint };
  });
  const known = new Set(desired.map(({ key }) => routeId(key)));
  const left = new Set(orphans.map(({ key }) => routeId(key)));
  const others = observed
    .filter(({ key }) => !known.has(routeId(key)))
    .map(({ key, configured, installed }) => {
      const want = left.has(routeId(key)) ? ('orphan' as const) : ('foreign' as const);
      return { ...placeOf(key), want, configured, installed };
    });
  return [...wanted, ...others];
}

function placeOf({ vrf, prefix, nextHop }: RouteKey): Pick<RouteStatus, 'vrf' | 'prefix' | 'nextHop'> {
  return { vrf, prefix, nextHop };
}

function policyStatus(snapshot: TrackerSnapshot, sources: PolicySources): PolicyStatus {
  const { policy, evaluation } = snapshot;
  const endpoints = policy.endpoints.map((endpoint) => endpointStatus(endpoint, snapshot, sources));
  return { name: policy.name, address: policy.address, up: evaluation.up, total: evaluation.total, endpoints };
}

function endpointStatus(endpoint: Endpoint, snapshot: TrackerSnapshot, sources: PolicySources): EndpointStatus {
  const { name, nextHop } = endpoint;
  const health = snapshot.health[name];
  const verdict = snapshot.evaluation.verdicts.find((candidate) => candidate.endpoint === name);
  return {
    name,
    nextHop,
    track: health?.track.state ?? 'unknown',
    trackReason: health?.track.reason ?? 'no-evidence',
    explanation: health?.track.explanation ?? 'UNKNOWN',
    forMs: sources.nowMono - (health?.track.sinceMono ?? sources.nowMono),
    verdict: verdict?.action ?? 'hold',
    verdictReason: verdict?.reason ?? 'evidence-incomplete',
    verdictDetail: verdict?.detail ?? '',
    probes: probeStatuses(snapshot.policy, health, name, sources),
  };
}

function probeStatuses(
  policy: Policy,
  health: EndpointHealth | undefined,
  endpoint: string,
  sources: PolicySources,
): readonly ProbeStatus[] {
  return (health?.probes ?? []).map((probe) => {
    const key = probeKey(policy.name, { endpoint, target: probe.target, probe: probe.probe });
    const kind = policy.probes.find((plan) => plan.name === probe.probe)?.kind ?? '';
    return probeStatus(probe, kind, sources.statistics(key));
  });
}

function probeStatus(probe: ProbeHealth, kind: string, statistics: ProbeStatistics | undefined): ProbeStatus {
  const latest = statistics?.latest;
  return {
    target: probe.target,
    probe: probe.probe,
    kind,
    state: probe.state,
    runs: statistics?.runs ?? 0,
    failures: statistics?.failures ?? 0,
    busies: statistics?.busies ?? 0,
    ...(latest === undefined ? {} : { latest: latestOf(latest) }),
  };
}

function latestOf(result: NonNullable<ProbeStatistics['latest']>): NonNullable<ProbeStatus['latest']> {
  const { outcome, detail, startedAt, phases } = result;
  const cause = result.outcome === 'fail' || result.outcome === 'error' ? result.cause : undefined;
  return { outcome, detail, startedAt, phases, ...(cause === undefined ? {} : { cause }) };
}
