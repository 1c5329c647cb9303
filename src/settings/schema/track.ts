/** How results become tracks: `track:` of a policy, and what a probe may say for itself. */
import { z } from 'zod';
import { DEFAULTS } from '../defaults.ts';
import { duration, Name, whole } from './scalars.ts';

const Runs = whole(1, 1000);
const Percent = z
  .number()
  .min(0, { error: 'must be a percentage from 0 to 100' })
  .max(100, { error: 'must be a percentage from 0 to 100' })
  .meta({ title: 'a percentage' });
const Weight = z.number().min(0, { error: 'must be 0 or more' }).meta({ title: 'a number, 0 or more' });
const Rtt = duration({ min: '1ms', max: '5m' });

/** How results of one probe change its state (IP SLA: reaction). */
export const ReactionOption = z.union([
  z.literal('immediate').describe('Every result counts at once.'),
  z.strictObject({
    consecutive: z
      .strictObject({
        fall: Runs.default(DEFAULTS.track.reaction.fall).describe('Bad results in a row that take it down.'),
        rise: Runs.default(DEFAULTS.track.reaction.rise).describe('Good results in a row that bring it up.'),
      })
      .describe('So many results in a row decide.'),
  }),
  z.strictObject({
    xOfY: z
      .strictObject({
        x: Runs.describe('Bad (or good) results that take it down (or bring it up).'),
        y: Runs.describe('Of how many results.'),
      })
      .describe('So many of the last results decide.'),
  }),
  z.strictObject({
    average: z
      .strictObject({
        count: Runs.describe('Number of last answers whose mean RTT counts.'),
        downAbove: Rtt.describe('A mean above this takes it down.'),
        upBelow: Rtt.describe('A mean below this brings it up.'),
      })
      .describe('The mean RTT of the last results decides; a failed run counts as the timeout.'),
  }),
]);

/** How results of one probe change its state, as written. */
export type ReactionOption = z.output<typeof ReactionOption>;

/** How the required probes of an endpoint make one state. */
export const CombineOption = z.union([
  z.literal('all').describe('Every required probe must be up.'),
  z.literal('any').describe('One required probe must be up.'),
  z.strictObject({ atLeast: whole(1, 1000).describe('Number of required probes that must be up.') }),
  z.strictObject({
    weights: z
      .record(Name, Weight)
      .describe('Weight of each required probe, 1 where none is given; the sum of those that are up decides.'),
    up: Weight.describe('A sum of at least this brings the endpoint up.'),
    down: Weight.describe('A sum below this takes the endpoint down.'),
  }),
  z.strictObject({
    percentage: z
      .strictObject({
        up: Percent.describe('At least this share of probes up brings the endpoint up.'),
        down: Percent.describe('Less than this share of probes up takes the endpoint down.'),
      })
      .describe('The share of required probes that are up decides.'),
  }),
]);

/** How the required probes of an endpoint make one state, as written. */
export type CombineOption = z.output<typeof CombineOption>;

/** Which results are good. */
export const TrackModeOption = z.enum(['reachability', 'state']);

/** Which results are good, as written. */
export type TrackModeOption = z.output<typeof TrackModeOption>;

const Delay = duration({ min: '0s', max: '1d' });

/** The `track:` section of a policy. */
export const TrackSection = z.strictObject({
  reaction: ReactionOption.optional().describe(
    'How results of a probe change its state: `immediate`, `consecutive`, `xOfY` or `average`. Default: `consecutive` with fall 2 and rise 3.',
  ),
  combine: CombineOption.default(DEFAULTS.track.combine.type).describe(
    'How the required probes of an endpoint make its state: `all`, `any`, `atLeast`, `weights` or `percentage`.',
  ),
  mode: TrackModeOption.default(DEFAULTS.track.mode).describe(
    '`reachability` counts a late answer as good, `state` counts it as bad.',
  ),
  delay: z
    .strictObject({
      up: Delay.prefault(DEFAULTS.track.delay).describe('How long an endpoint must be good before its track goes up.'),
      down: Delay.prefault(DEFAULTS.track.delay).describe(
        'How long an endpoint must be bad before its track goes down.',
      ),
    })
    .prefault({})
    .describe('Wait before the track follows; cancelled if the state returns.'),
  staleAfter: duration({ min: '10ms', max: '1d' })
    .optional()
    .describe(
      'Evidence older than this makes the track unknown. Default: 3 times `frequency` plus `timeout`, of each probe.',
    ),
});

/** The `track:` section of a policy, as written. */
export type TrackSection = z.output<typeof TrackSection>;
