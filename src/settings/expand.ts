/** A policy with everything filled in, as YAML that can be loaded again. Secrets stay references. Pure. */
import { stringify } from 'yaml';
import type { Combination, ProbeRules, Reaction } from '../health/rules.ts';
import { formatDuration } from '../lib/duration.ts';
import { Secret } from '../lib/secret.ts';
import type { Policy, ProbePlan } from '../policies/policy.ts';
import { defined } from './defined.ts';
import type { PolicyFile } from './schema/policy.ts';

/**
 * The YAML text of a policy: templates merged, defaults filled in.
 * @param written the merged policy as plain data, before the schema: options of probes are shown as written, completed
 */
export function expandPolicy(policy: Policy, file: PolicyFile, written: unknown): string {
  const health = Object.values(policy.health)[0];
  const probes = policy.probes.map((plan) => {
    const rules = health?.probes.find((probe) => probe.name === plan.name);
    const options = complete(memberOf(memberOf(memberOf(written, 'probes'), plan.name), plan.kind), plan.options);
    return [plan.name, { [plan.kind]: options, ...timesOf(plan), ...(rules && rulesOf(rules)) }];
  });
  const expanded = {
    address: policy.address,
    description: policy.description,
    routers: policy.routers,
    vrf: policy.vrf,
    route: policy.route,
    endpoints: Object.fromEntries(Object.entries(file.endpoints).map(([name, entry]) => [name, defined(entry)])),
    probes: Object.fromEntries(probes),
    track: {
      combine: health && combineOf(health.combine),
      mode: file.track.mode,
      delay: { up: formatDuration(file.track.delay.up), down: formatDuration(file.track.delay.down) },
    },
    pool: policy.pool,
    routeWhenUnknown: unknownOf(policy.routeWhenUnknown),
    onStop: policy.onStop,
    makeBeforeBreak: policy.makeBeforeBreak,
  };
  return stringify(expanded, { lineWidth: 0, aliasDuplicateObjects: false });
}

function timesOf(plan: ProbePlan) {
  return {
    via: plan.via,
    frequency: formatDuration(plan.frequencyMs),
    fastFrequency: formatDuration(plan.fastFrequencyMs),
    timeout: formatDuration(plan.timeoutMs),
    threshold: formatDuration(plan.thresholdMs),
    ...defined({ source: plan.source }),
  };
}

function rulesOf(rules: ProbeRules) {
  return {
    role: rules.role,
    not: rules.not,
    track: rules.mode,
    reaction: reactionOf(rules.reaction),
    staleAfter: formatDuration(rules.staleAfterMs),
  };
}

function reactionOf(reaction: Reaction) {
  switch (reaction.type) {
    case 'immediate':
      return 'immediate';
    case 'consecutive':
      return { consecutive: { fall: reaction.fall, rise: reaction.rise } };
    case 'xOfY':
      return { xOfY: { x: reaction.x, y: reaction.y } };
    case 'average': {
      const { count, downAboveMs, upBelowMs } = reaction;
      return { average: { count, downAbove: formatDuration(downAboveMs), upBelow: formatDuration(upBelowMs) } };
    }
  }
}

function combineOf(combination: Combination) {
  switch (combination.type) {
    case 'all':
    case 'any':
      return combination.type;
    case 'atLeast':
      return { atLeast: combination.count };
    case 'weights':
      return { weights: combination.weights, up: combination.up, down: combination.down };
    case 'percentage':
      return { percentage: { up: combination.up, down: combination.down } };
  }
}

function unknownOf(rule: Policy['routeWhenUnknown']) {
  return rule.action === 'hold' ? 'hold' : { withdraw: { after: formatDuration(rule.afterMs) } };
}

/** What was written, completed by what the schema filled in. A schema may turn text into something that YAML cannot hold. */
function complete(written: unknown, filled: unknown): unknown {
  if (filled instanceof Secret) return reference(filled);
  if (written === undefined) return isPlain(filled) ? mapValues(filled, (value) => complete(undefined, value)) : filled;
  if (!isPlain(written) || !isPlain(filled)) return Array.isArray(written) ? completeList(written, filled) : written;
  const added = Object.keys(filled).filter((key) => !Object.hasOwn(written, key) && isYaml(filled[key]));
  return Object.fromEntries(
    [...Object.keys(written), ...added].map((key) => [key, complete(memberOf(written, key), memberOf(filled, key))]),
  );
}

function completeList(written: readonly unknown[], filled: unknown): unknown[] {
  return written.map((item, i) => complete(item, Array.isArray(filled) ? filled[i] : undefined));
}

/** The reference that a secret came from: its origin is `file:/path`, `env:NAME` or `credential:name`. */
function reference({ origin }: Secret): unknown {
  const colon = origin.indexOf(':');
  return { [origin.slice(0, colon)]: origin.slice(colon + 1) };
}

function isYaml(value: unknown): boolean {
  if (value instanceof Secret || Array.isArray(value) || isPlain(value)) return true;
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function memberOf(value: unknown, key: string): unknown {
  return isPlain(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function mapValues(object: Readonly<Record<string, unknown>>, map: (value: unknown) => unknown): unknown {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
