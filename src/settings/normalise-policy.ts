/** A policy as written -> the policy that the daemon works with; defaults that depend on other options stand here. Pure. */
import type { Combination, HealthRules, ProbeRules, Reaction } from '../health/rules.ts';
import { familyOf } from '../lib/ip.ts';
import type { Endpoint, Policy, Pool, ProbePlan } from '../policies/policy.ts';
import { DEFAULTS } from './defaults.ts';
import { defined } from './defined.ts';
import type { EndpointEntry, PolicyFile } from './schema/policy.ts';
import type { ProbeEntry, ProbeKinds } from './schema/probe.ts';
import type { CombineOption, ReactionOption } from './schema/track.ts';

/** The policy in `file`. Probes that do not name exactly one kind are left out; a rule tells of them. */
export function normalisePolicy(name: string, file: PolicyFile, kinds: ProbeKinds): Policy {
  const endpoints = Object.entries(file.endpoints).map(([endpoint, entry]) => normaliseEndpoint(endpoint, entry));
  const probes = Object.entries(file.probes).flatMap(([probe, entry]) => normaliseProbe(probe, entry, kinds));
  const rules = probes.map((plan) => rulesOf(plan, file));
  return {
    name,
    description: file.description,
    address: file.address,
    family: familyOf(file.address),
    vrf: file.vrf,
    routers: file.routers,
    route: defined(file.route),
    endpoints,
    probes,
    health: Object.fromEntries(endpoints.map((endpoint) => [endpoint.name, healthOf(endpoint, file, rules)])),
    pool: normalisePool(file.pool),
    routeWhenUnknown:
      file.routeWhenUnknown === 'hold'
        ? { action: 'hold' }
        : { action: 'withdraw', afterMs: file.routeWhenUnknown.withdraw.after },
    onStop: file.onStop,
    makeBeforeBreak: file.makeBeforeBreak,
  };
}

/** The kinds that a probe names. */
export function kindsOf(entry: ProbeEntry, kinds: ProbeKinds): string[] {
  return [...kinds.keys()].filter((kind) => entry[kind] !== undefined);
}

function normaliseEndpoint(name: string, entry: EndpointEntry): Endpoint {
  return {
    name,
    nextHop: entry.nextHop,
    ...defined({ interface: entry.interface, identity: entry.identity }),
    targets: targetsOf(entry),
    priority: entry.priority,
  };
}

/** A target that has no name of its own is called by its address. */
function targetsOf(entry: EndpointEntry): Endpoint['targets'] {
  const hosts = entry.targets?.hosts ?? [entry.target ?? entry.nextHop];
  if (Array.isArray(hosts)) return hosts.map((address) => ({ name: address, address }));
  return Object.entries(hosts).map(([name, address]) => ({ name, address }));
}

function normaliseProbe(name: string, entry: ProbeEntry, kinds: ProbeKinds): ProbePlan[] {
  const [kind, ...others] = kindsOf(entry, kinds);
  if (kind === undefined || others.length > 0) return [];
  const { frequency: frequencyMs } = entry;
  const timeoutMs = entry.timeout ?? Math.min(DEFAULTS.probe.timeoutMs, frequencyMs);
  const plan: ProbePlan = {
    name,
    kind,
    options: entry[kind],
    // `path` is refused by a rule.
    via: 'nextHop',
    ...defined({ source: entry.source }),
    frequencyMs,
    fastFrequencyMs: entry.fastFrequency ?? Math.min(DEFAULTS.probe.fastFrequencyMs, frequencyMs),
    timeoutMs,
    thresholdMs: entry.threshold ?? timeoutMs,
  };
  return [plan];
}

function rulesOf(plan: ProbePlan, file: PolicyFile): ProbeRules {
  const { track } = file;
  const entry = file.probes[plan.name];
  return {
    name: plan.name,
    reaction: normaliseReaction(entry?.reaction ?? track.reaction),
    mode: entry?.track ?? track.mode,
    role: entry?.role ?? DEFAULTS.probe.role,
    not: entry?.not ?? DEFAULTS.probe.not,
    staleAfterMs: entry?.staleAfter ?? track.staleAfter ?? 3 * plan.frequencyMs + plan.timeoutMs,
    timeoutMs: plan.timeoutMs,
  };
}

function healthOf(endpoint: Endpoint, file: PolicyFile, probes: readonly ProbeRules[]): HealthRules {
  return {
    probes,
    targets: endpoint.targets.map((target) => target.name),
    targetsAtLeast: file.endpoints[endpoint.name]?.targets?.atLeast ?? DEFAULTS.targetsAtLeast,
    combine: normaliseCombine(file.track.combine),
    delay: { upMs: file.track.delay.up, downMs: file.track.delay.down },
  };
}

function normaliseReaction(option: ReactionOption | undefined): Reaction {
  if (option === undefined) return DEFAULTS.track.reaction;
  if (option === 'immediate') return { type: 'immediate' };
  if ('consecutive' in option) return { type: 'consecutive', ...option.consecutive };
  if ('xOfY' in option) return { type: 'xOfY', ...option.xOfY };
  const { count, downAbove, upBelow } = option.average;
  return { type: 'average', count, downAboveMs: downAbove, upBelowMs: upBelow };
}

function normaliseCombine(option: CombineOption): Combination {
  if (option === 'all' || option === 'any') return { type: option };
  if ('atLeast' in option) return { type: 'atLeast', count: option.atLeast };
  if ('weights' in option) return { type: 'weights', ...option };
  return { type: 'percentage', ...option.percentage };
}

function normalisePool({ minHealthy, announce }: PolicyFile['pool']): Pool {
  const both = typeof minHealthy === 'number' ? { up: minHealthy, down: minHealthy } : minHealthy;
  return { minHealthy: both, announce };
}
