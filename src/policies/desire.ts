import { hostPrefix } from '../lib/ip.ts';
import type { DesiredRoute, Mark, RouteAttributes, VerdictAction } from '../model.ts';
import type { Capabilities } from '../routers/contract.ts';
import type { Evaluation } from './evaluate.ts';
import type { Endpoint, Policy } from './policy.ts';

const WANT = { announce: 'present', withdraw: 'absent', hold: 'asIs' } as const satisfies Record<
  VerdictAction,
  DesiredRoute['want']
>;

type NameCapabilities = Pick<Capabilities, 'routeNames' | 'maxNameLength'>;

/**
 * The full set of routes that a policy has a say in: one per endpoint, the same on each of its routers.
 * What a single platform cannot carry (names, `track`) the router's diff leaves out.
 * @param capabilities by router name; they decide whether routes get a name, and how long it may be
 */
export function desire(
  policy: Policy,
  evaluation: Pick<Evaluation, 'verdicts'>,
  mark: Mark,
  capabilities: Readonly<Record<string, NameCapabilities>>,
): readonly DesiredRoute[] {
  const maxLength = nameLength(policy.routers.map((router) => capabilities[router]));
  return policy.endpoints.flatMap((endpoint) => {
    const verdict = evaluation.verdicts.find((candidate) => candidate.endpoint === endpoint.name);
    if (verdict === undefined) return [];
    const name = maxLength === undefined ? undefined : routeName(mark, policy.name, endpoint.name, maxLength);
    return {
      key: keyOf(policy, endpoint),
      attributes: attributesOf(policy, mark, name),
      want: WANT[verdict.action],
      policy: policy.name,
      endpoint: endpoint.name,
      reason: verdict.reason,
    };
  });
}

/**
 * The name that a route carries where the platform has names: `anytrack-resolver-10.0.0.1-ns1`.
 * It begins with the mark's name, by which the route is known to be ours, and is one word on every command line.
 */
export function routeName(mark: Mark, policy: string, endpoint: string, maxLength: number): string {
  return `${mark.name}-${policy}-${endpoint}`.replaceAll(/[^\w.-]/g, '-').slice(0, maxLength);
}

/** The length that every router with names can take; undefined where none has. */
function nameLength(routers: readonly (NameCapabilities | undefined)[]): number | undefined {
  const lengths = routers.flatMap((router) => (router?.routeNames ? [router.maxNameLength] : []));
  return lengths.length === 0 ? undefined : Math.min(...lengths);
}

function keyOf(policy: Policy, endpoint: Endpoint): DesiredRoute['key'] {
  return {
    vrf: policy.vrf,
    prefix: hostPrefix(policy.address),
    nextHop: endpoint.nextHop,
    ...(endpoint.interface === undefined ? {} : { interface: endpoint.interface }),
  };
}

function attributesOf({ route }: Policy, mark: Mark, name: string | undefined): RouteAttributes {
  return {
    tag: route.tag ?? mark.tag,
    ...(route.distance === undefined ? {} : { distance: route.distance }),
    ...(route.track === undefined ? {} : { track: route.track }),
    ...(name === undefined ? {} : { name }),
  };
}
