/** `policies/*.yaml`: one anycast address each. */
import { z } from 'zod';
import { DEFAULTS } from '../defaults.ts';
import { type ProbeEntry, type ProbeKinds, probeEntry } from './probe.ts';
import { Address, duration, InterfaceName, line, Name, Tag, VrfName, whole } from './scalars.ts';
import { TrackSection } from './track.ts';

const Identity = line(255);

/** One local way to serve the address. */
export const EndpointEntry = z.strictObject({
  nextHop: Address.describe(
    'Next hop of the route: the server or load balancer. Also what is probed, unless `target` or `targets` says otherwise.',
  ),
  interface: InterfaceName.optional().describe('Outgoing interface of the route, where the router needs one.'),
  identity: Identity.optional().describe('Who must have answered, for probes that ask.'),
  priority: whole(0, 1000)
    .default(DEFAULTS.endpointPriority)
    .describe('Lower serves first; endpoints with a higher number are backups.'),
  target: Address.optional().describe('Address that is probed instead of the next hop.'),
  targets: z
    .strictObject({
      hosts: z
        .union([z.record(Name, Address), z.array(Address).min(1, { error: 'must hold at least one address' })])
        .describe('The hosts behind a load balancer: a list of addresses, or a mapping of names to addresses.'),
      atLeast: whole(1, 1000).default(DEFAULTS.targetsAtLeast).describe('How many of them must be up.'),
    })
    .optional()
    .describe('Several hosts that are probed instead of the next hop.'),
});

/** One endpoint as written, with defaults. */
export type EndpointEntry = z.output<typeof EndpointEntry>;

const RouteSection = z.strictObject({
  tag: Tag.optional().describe('Tag of the routes, where it is to differ from the mark. Default: `mark.tag`.'),
  distance: whole(1, 254).optional().describe('Administrative distance of the routes. Default: that of the platform.'),
  track: whole(1, 1000).optional().describe('Number of a track object on the router that the routes are tied to.'),
});

const Healthy = whole(0, 1000);

const PoolSection = z.strictObject({
  minHealthy: z
    .union([
      Healthy,
      z.strictObject({
        up: Healthy.describe('So many endpoints up bring the routes back.'),
        down: Healthy.describe('Fewer endpoints up take all routes away.'),
      }),
    ])
    .default(DEFAULTS.pool.minHealthy)
    .describe('How many endpoints must be up for any route to stand; one number, or two with hysteresis.'),
  announce: z
    .enum(['each', 'allOrNone'])
    .default(DEFAULTS.pool.announce)
    .describe('`each` endpoint has its route while it is up; `allOrNone` needs all of them up.'),
});

const UnknownOption = z.union([
  z.literal('hold').describe('Leave the route as it is.'),
  z.strictObject({
    withdraw: z
      .strictObject({
        after: duration({ min: '1s', max: '7d' }).describe('How long a track may be unknown before its route goes.'),
      })
      .describe('Withdraw the route after a time.'),
  }),
]);

const common = {
  extends: Name.optional().describe(
    'Template that this file completes: the name of a file in the templates folder, without `.yaml`.',
  ),
  address: Address.describe('The anycast address; its host route (/32 or /128) is what is announced.'),
  description: line(200, 0).default('').describe('For people: what is behind the address.'),
  routers: z
    .array(Name)
    .min(1, { error: 'must name at least one router' })
    .describe('Names of the routers that carry the route.'),
  vrf: VrfName.default(DEFAULTS.vrf).describe('Routing table; `default` is the global one.'),
  route: RouteSection.prefault({}).describe('Attributes of the routes.'),
  endpoints: z.record(Name, EndpointEntry).describe('The local ways to serve the address, by name.'),
};

const decisions = {
  track: TrackSection.prefault({}).describe('How results become the state of an endpoint.'),
  pool: PoolSection.prefault({}).describe('How endpoints together decide.'),
  routeWhenUnknown: UnknownOption.prefault(DEFAULTS.routeWhenUnknown).describe(
    'What happens to a route while nobody knows how its endpoint is: `hold`, or `withdraw` after a time.',
  ),
  onStop: z
    .enum(['hold', 'withdraw'])
    .default(DEFAULTS.onStop)
    .describe('What happens to the routes when anytrack stops.'),
  makeBeforeBreak: z
    .boolean()
    .default(DEFAULTS.makeBeforeBreak)
    .describe('When a next hop is exchanged, add the new route before the old one is removed.'),
};

/** The file's schema, for the kinds of probe that are registered. */
export function policyFile(kinds: ProbeKinds) {
  const probes = z.record(Name, probeEntry(kinds)).describe('The checks that every endpoint is put to, by name.');
  return z.strictObject({ ...common, probes, ...decisions });
}

const Shape = z.object({ ...common, ...decisions });

/** The file as written, with defaults. */
export type PolicyFile = z.output<typeof Shape> & { readonly probes: Readonly<Record<string, ProbeEntry>> };
