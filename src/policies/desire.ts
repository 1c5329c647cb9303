import { hostPrefix } from '../lib/ip.ts';
import type { DesiredRoute, Mark, RouteAttributes, VerdictAction } from '../model.ts';
import type { Capabilities } from '../routers/contract.ts';
import type { Evaluation } from './evaluate.ts';
import type { Endpoint, Policy } from './policy.ts';

const WANT = { announce: 'present', withdraw: 'absent', hold: 'asIs' } as const satisfies Record<
  VerdictAction,
  DesiredRoute['want']
>;

/** What a route can carry on a platform. */
type RouteCapabilities = Pick<Capabilities, 'routeNames' | 'maxNameLength' | 'tracks'>;

/** A desired route and the router that it is for. */
export interface PlacedRoute extends DesiredRoute {
  readonly router: string;
}

/**
 * The full set of routes that a policy has a say in: one per router and endpoint.
 * @param capabilities by router name; a router that is not named gets neither names nor track numbers
 */
export function desire(
  policy: Policy,
  evaluation: Pick<Evaluation, 'verdicts'>,
  mark: Mark,
  capabilities: Readonly<Record<string, RouteCapabilities>>,
): readonly PlacedRoute[] {
  const verdicts = new Map(evaluation.verdicts.map((verdict) => [verdict.endpoint, verdict]));
  return policy.routers.flatMap((router) =>
    policy.endpoints.flatMap((endpoint) => {
      const verdict = verdicts.get(endpoint.name);
      if (verdict === undefined) return [];
      return {
        router,
        key: keyOf(policy, endpoint),
        attributes: attributesOf(policy, endpoint, mark, capabilities[router]),
        want: WANT[verdict.action],
        policy: policy.name,
        endpoint: endpoint.name,
        reason: verdict.reason,
      };
    }),
  );
}

/**
 * The name that a route carries where the platform has names: `anytrack-resolver-10.0.0.1-ns1`.
 * It begins with the mark's name, by which the route is known to be ours, and is one word on every command line.
 */
export function routeName(mark: Mark, policy: string, endpoint: string, maxLength: number): string {
  return `${mark.name}-${policy}-${endpoint}`.replaceAll(/[^\w.-]/g, '-').slice(0, maxLength);
}

function keyOf(policy: Policy, endpoint: Endpoint): DesiredRoute['key'] {
  return {
    vrf: policy.vrf,
    prefix: hostPrefix(policy.address),
    nextHop: endpoint.nextHop,
    ...(endpoint.interface === undefined ? {} : { interface: endpoint.interface }),
  };
}

function attributesOf(policy: Policy, endpoint: Endpoint, mark: Mark, router?: RouteCapabilities): RouteAttributes {
  const { tag, distance, track } = policy.route;
  const name = router?.routeNames && routeName(mark, policy.name, endpoint.name, router.maxNameLength);
  return {
    tag: tag ?? mark.tag,
    ...(distance === undefined ? {} : { distance }),
    ...(track === undefined || !router?.tracks ? {} : { track }),
    ...(name ? { name } : {}),
  };
}
