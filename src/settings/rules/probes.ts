/** Rules about what a probe names: exactly one kind, a path that can be had, a source of the right family. Pure. */
import { familyOf } from '../../lib/ip.ts';
import { kindsOf } from '../normalise-policy.ts';
import type { ProbeEntry, ProbeKinds } from '../schema/probe.ts';
import type { Finding } from '../tree.ts';
import type { PolicyCase } from './case.ts';

/** Findings about every probe by itself. */
export function probeRules(subject: PolicyCase): Finding[] {
  return Object.entries(subject.file.probes).flatMap(([name, entry]) => [
    ...kindFindings(name, entry, subject.kinds),
    ...viaFindings(name, entry),
    ...sourceFindings(name, entry, subject),
    ...identityFindings(name, subject),
  ]);
}

function kindFindings(name: string, entry: ProbeEntry, kinds: ProbeKinds): Finding[] {
  const named = kindsOf(entry, kinds);
  if (named.length === 1) return [];
  const has =
    named.length === 0 ? 'names no kind of probe' : `names ${named.length} kinds of probe (${named.join(', ')})`;
  return [{ path: ['probes', name], message: `${has}; exactly one of ${[...kinds.keys()].join(', ')} is needed` }];
}

function viaFindings(name: string, entry: ProbeEntry): Finding[] {
  if (entry.via !== 'path') return [];
  return [{ path: ['probes', name, 'via'], message: '`path` comes with a later version; allowed: nextHop' }];
}

function sourceFindings(name: string, { source }: ProbeEntry, { policy }: PolicyCase): Finding[] {
  if (source === undefined) return [];
  const targets = policy.endpoints.flatMap((endpoint) => endpoint.targets);
  const other = targets.find((target) => familyOf(target.address) !== familyOf(source));
  if (other === undefined) return [];
  const message = `is IPv${familyOf(source)}, but the target ${other.address} is IPv${familyOf(other.address)}`;
  return [{ path: ['probes', name, 'source'], message }];
}

/** A probe that asks who answered needs to know who should. */
function identityFindings(name: string, { policy, kinds }: PolicyCase): Finding[] {
  const plan = policy.probes.find((probe) => probe.name === name);
  if (plan === undefined || !kinds.get(plan.kind)?.asksIdentity(plan.options)) return [];
  const nameless = policy.endpoints.filter((endpoint) => endpoint.identity === undefined);
  return nameless.map((endpoint) => ({
    path: ['endpoints', endpoint.name, 'identity'],
    message: `is required: probe \`${name}\` asks who answered`,
  }));
}
