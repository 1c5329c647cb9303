import { InternalError } from '../lib/errors.ts';
import { familyOf } from '../lib/ip.ts';
import type { Endpoint, Policy, ProbePlan } from '../policies/policy.ts';
import type { ProbeKind, ProbeTarget } from '../probes/contract.ts';
import type { ScheduleEntry } from '../probes/scheduler.ts';
import type { ProbeName } from './tracker.ts';

export type ProbeKinds = ReadonlyMap<string, ProbeKind<unknown>>;

/** One probe of one target, ready to be scheduled. */
export interface ProbeEntry extends ScheduleEntry {
  readonly policy: string;
  readonly name: ProbeName;
}

/** Key of a probe in the schedule; unique, and stable over a reload. */
export function probeKey(policy: string, { endpoint, target, probe }: ProbeName): string {
  return `${policy}/${endpoint}/${target}/${probe}`;
}

/** Everything that a policy wants probed: each probe on each target of each endpoint. */
export function probeEntries(policy: Policy, kinds: ProbeKinds): readonly ProbeEntry[] {
  return policy.endpoints.flatMap((endpoint) =>
    endpoint.targets.flatMap((target) => policy.probes.map((plan) => entryOf(policy, endpoint, target, plan, kinds))),
  );
}

function entryOf(
  policy: Policy,
  endpoint: Endpoint,
  target: Endpoint['targets'][number],
  plan: ProbePlan,
  kinds: ProbeKinds,
): ProbeEntry {
  const kind = kinds.get(plan.kind);
  if (kind === undefined) throw new InternalError('a probe of an unknown kind', { facts: { kind: plan.kind } });
  const probeTarget: ProbeTarget = {
    address: target.address,
    family: familyOf(target.address),
    ...(plan.source === undefined ? {} : { source: plan.source }),
    ...(endpoint.identity === undefined ? {} : { identity: endpoint.identity }),
  };
  const name = { endpoint: endpoint.name, target: target.name, probe: plan.name };
  const { frequencyMs, fastFrequencyMs, timeoutMs, thresholdMs } = plan;
  return {
    key: probeKey(policy.name, name),
    // Secrets print as `[secret]` here; a changed one is taken over with `run`, without disturbing the schedule.
    revision: JSON.stringify([probeTarget, plan]),
    policy: policy.name,
    name,
    frequencyMs,
    fastFrequencyMs,
    timeoutMs,
    thresholdMs,
    run: (context) => kind.run(probeTarget, plan.options, context),
  };
}
