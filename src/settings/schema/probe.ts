/** An entry under `probes:`: when and how to run, and the options of exactly one kind. */
import { z } from 'zod';
import type { ProbeKind } from '../../probes/contract.ts';
import { DEFAULTS } from '../defaults.ts';
import { Address, duration } from './scalars.ts';
import { ReactionOption, TrackModeOption } from './track.ts';

/** The kinds of probe that a configuration may name, by their key. */
// biome-ignore lint/suspicious/noExplicitAny: as in the registry; each kind's schema guards its own options.
export type ProbeKinds = ReadonlyMap<string, ProbeKind<any>>;

const { probe: defaults } = DEFAULTS;
const Frequency = duration({ min: '10ms', max: '1h' });
const Timeout = duration({ min: '1ms', max: '5m' });

/** What every probe has, whatever its kind. */
const ProbeCommon = z.strictObject({
  via: z
    .enum(['nextHop', 'path'])
    .default(defaults.via)
    .describe(
      '`nextHop` probes the next hop or the target of the endpoint; `path` (to the anycast address through the endpoint) comes with a later version.',
    ),
  frequency: Frequency.prefault(defaults.frequency).describe('Time from start to start of two runs.'),
  fastFrequency: Frequency.optional().describe(
    'The same while evidence against the current state accumulates. Default: 100ms, or `frequency` if that is shorter.',
  ),
  timeout: Timeout.optional().describe(
    'A run without an answer ends as failed. Default: 500ms, or `frequency` if that is shorter.',
  ),
  threshold: Timeout.optional().describe(
    'An answer slower than this is late, and a run without one makes the probe suspect. Default: `timeout`.',
  ),
  role: z
    .enum(['required', 'advisory'])
    .default(defaults.role)
    .describe('`advisory` probes are shown and notified, but do not decide.'),
  not: z.boolean().default(defaults.not).describe('The state is inverted where probes are combined.'),
  track: TrackModeOption.optional().describe('Which results are good. Default: `track.mode` of the policy.'),
  reaction: ReactionOption.optional().describe(
    'How results change the state. Default: `track.reaction` of the policy.',
  ),
  staleAfter: duration({ min: '10ms', max: '1d' })
    .optional()
    .describe('Evidence older than this is stale. Default: `track.staleAfter` of the policy.'),
  source: Address.optional().describe('Source address of the probe. Default: the kernel chooses.'),
});

/** What every probe has, as written, with defaults. */
type ProbeCommon = z.output<typeof ProbeCommon>;

/** One probe: the common options and one key per registered kind, of which exactly one is given (a rule checks it). */
export function probeEntry(kinds: ProbeKinds) {
  const perKind = [...kinds].map(([key, { schema, summary }]) => {
    const withKind: z.ZodType = schema;
    return [key, withKind.optional().describe(summary)] as const;
  });
  return ProbeCommon.extend(Object.fromEntries(perKind));
}

/** One probe as written: what all have in common, and the options of its kind under the kind's key. */
export type ProbeEntry = ProbeCommon & Readonly<Record<string, unknown>>;
