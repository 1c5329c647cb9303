/** Rules about a policy in its site: the anycast space, the routers that it names, what their platforms can do. Pure. */
import { rangeContains } from '../../lib/ip.ts';
import { didYouMean } from '../nearest.ts';
import type { EndpointEntry } from '../schema/policy.ts';
import type { Finding, Path } from '../tree.ts';
import type { PolicyCase, SiteCase } from './case.ts';

/** Findings about one policy in its site. */
export function placementRules(subject: PolicyCase, site: SiteCase): Finding[] {
  return [...addressFindings(subject, site), ...pathFindings(subject, site), ...routerFindings(subject, site)];
}

function isAnycast(address: string, { settings }: SiteCase): boolean {
  return settings.anycastPrefixes.some((prefix) => rangeContains(prefix, address));
}

function addressFindings({ policy }: PolicyCase, site: SiteCase): Finding[] {
  const findings: Finding[] = [];
  const allowed = site.settings.anycastPrefixes.join(', ');
  if (!isAnycast(policy.address, site)) {
    findings.push({ path: ['address'], message: `${policy.address} is outside anycastPrefixes (${allowed})` });
  }
  for (const { name, nextHop } of policy.endpoints) {
    if (nextHop === policy.address || !isAnycast(nextHop, site)) continue;
    const message = `${nextHop} is inside anycastPrefixes (${allowed}): the route would depend on routes that anytrack controls; name the server's own address`;
    findings.push({ path: ['endpoints', name, 'nextHop'], message });
  }
  return findings;
}

/** A probe of an anycast address follows the very routes that it decides about. */
function pathFindings({ file }: PolicyCase, site: SiteCase): Finding[] {
  return Object.entries(file.endpoints)
    .flatMap(([name, entry]) => writtenTargets(['endpoints', name], entry))
    .filter(({ address }) => isAnycast(address, site))
    .map(({ path, address }) => ({
      path,
      message: `${address} is inside anycastPrefixes: the probe's path would depend on routes that anytrack controls; probe the server's own address`,
    }));
}

function writtenTargets(base: Path, { target, targets }: EndpointEntry): { path: Path; address: string }[] {
  const single = target === undefined ? [] : [{ path: [...base, 'target'], address: target }];
  const hosts = targets?.hosts ?? [];
  const keys: readonly (string | number)[] = Array.isArray(hosts) ? [...hosts.keys()] : Object.keys(hosts);
  const addresses = Object.values(hosts);
  return [
    ...single,
    ...keys.map((key, i) => ({ path: [...base, 'targets', 'hosts', key], address: addresses[i] ?? '' })),
  ];
}

function routerFindings(subject: PolicyCase, site: SiteCase): Finding[] {
  const known = Object.keys(site.file.routers);
  const { routers } = subject.policy;
  return routers.flatMap((name, i) => {
    const path: Path = ['routers', i];
    if (routers.indexOf(name) < i) return [{ path, message: `\`${name}\` stands twice` }];
    const router = site.file.routers[name];
    if (router === undefined) {
      return [
        {
          path,
          message: `unknown router \`${name}\`; routers are ${known.join(', ') || 'none'}${didYouMean(name, known)}`,
        },
      ];
    }
    return platformFindings(subject, site, { name, platform: router.platform });
  });
}

interface Router {
  readonly name: string;
  readonly platform: string;
}

function platformFindings(subject: PolicyCase, site: SiteCase, router: Router): Finding[] {
  const capabilities = site.platforms.get(router.platform)?.capabilities;
  if (capabilities === undefined) return [];
  const { route } = subject.policy;
  const { mark } = site.settings;
  const findings: Finding[] = [];
  if (route.track !== undefined && !capabilities.tracks) {
    const message = `router \`${router.name}\` (${router.platform}) has no track objects; leave \`track\` out`;
    findings.push({ path: ['route', 'track'], message });
  }
  if (route.tag !== undefined && route.tag !== mark.tag && !capabilities.routeNames) {
    const message = `on router \`${router.name}\` (${router.platform}) the tag is the only mark; leave \`tag\` out, or write mark.tag, ${mark.tag}`;
    findings.push({ path: ['route', 'tag'], message });
  }
  return capabilities.routeNames
    ? [...findings, ...nameFindings(subject, mark.name, router, capabilities.maxNameLength)]
    : findings;
}

/** Names are composed, never cut: a cut name could be that of another route. */
function nameFindings({ policy }: PolicyCase, mark: string, router: Router, limit: number): Finding[] {
  return policy.endpoints.flatMap((endpoint) => {
    const name = `${mark}-${policy.name}-${endpoint.name}`;
    if (name.length <= limit) return [];
    const message = `the route's name \`${name}\` has ${name.length} characters; router \`${router.name}\` (${router.platform}) allows ${limit}: shorten the policy's file name, the endpoint's name or mark.name`;
    return [{ path: ['endpoints', endpoint.name], message }];
  });
}
