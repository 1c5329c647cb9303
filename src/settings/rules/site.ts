/** Rules about `anytrack.yaml`: the anycast space, the routers, the socket. Pure. */
import { type Prefix, parsePrefix, rangeContains } from '../../lib/ip.ts';
import type { RouterSettings } from '../../routers/contract.ts';
import type { Finding } from '../tree.ts';
import type { SiteCase } from './case.ts';

/** A wider anycast space protects nothing; more likely a mistyped length. */
const SHORTEST = { 4: 8, 6: 32 } as const;
/** `sun_path` of unix(7) has 108 bytes, the last one a NUL. */
const MAX_SOCKET_BYTES = 107;

/** Findings about the site's file by itself. */
export function siteRules(subject: SiteCase): Finding[] {
  const { settings, fileTrouble } = subject;
  return [
    ...prefixFindings(settings.anycastPrefixes),
    ...settings.routers.flatMap((router) => routerFindings(router, fileTrouble)),
    ...sameDoor(settings.routers),
    ...receiverFindings(subject),
    ...socketFindings(settings.controlSocket),
  ];
}

function prefixFindings(texts: readonly string[]): Finding[] {
  const prefixes = texts.map(parsePrefix);
  return prefixes.flatMap((prefix, i) => {
    if (prefix === undefined) return [];
    const path = ['anycastPrefixes', i];
    const shortest = SHORTEST[prefix.family];
    if (prefix.length < shortest) {
      return [
        {
          path,
          message: `${prefix.text} is too wide for anycast space; /${shortest} or longer for IPv${prefix.family}`,
        },
      ];
    }
    const other = prefixes.slice(0, i).find((earlier) => earlier !== undefined && overlap(earlier, prefix));
    return other === undefined
      ? []
      : [{ path, message: `${prefix.text} overlaps ${other.text}; each address in one prefix` }];
  });
}

function overlap(a: Prefix, b: Prefix): boolean {
  const network = (prefix: Prefix) => prefix.text.slice(0, prefix.text.indexOf('/'));
  return rangeContains(a.text, network(b)) || rangeContains(b.text, network(a));
}

function routerFindings(router: RouterSettings, fileTrouble: SiteCase['fileTrouble']): Finding[] {
  const { name, transport, hostKeys, knownHosts, username, password, privateKey, agent, passphrase } = router;
  const path = ['routers', name];
  const findings: Finding[] = [];
  if (passphrase !== undefined && privateKey === undefined) {
    findings.push({ path: [...path, 'passphrase'], message: 'has no `privateKey` to open' });
  }
  if (transport === 'memory') return findings;
  if (hostKeys.length === 0 && knownHosts === undefined) {
    findings.push({
      path,
      message: 'names no host key: `hostKey` or `knownHosts` is required, as host keys are always verified',
    });
  }
  const trouble = knownHosts === undefined ? undefined : fileTrouble(knownHosts);
  if (trouble !== undefined) {
    findings.push({ path: [...path, 'knownHosts'], message: `${knownHosts} cannot be read: ${trouble}` });
  }
  if (username === '') findings.push({ path, message: 'names no `username`, which `transport: ssh` requires' });
  if (password === undefined && privateKey === undefined && agent === undefined) {
    findings.push({ path, message: 'has no way to log in: `password`, `privateKey` or `agent` is required' });
  }
  return findings;
}

/** Two writers on one router would not know of each other. */
function sameDoor(routers: readonly RouterSettings[]): Finding[] {
  const first = new Map<string, string>();
  return routers.flatMap((router) => {
    if (router.transport === 'memory') return [];
    const door = `${router.address.toLowerCase()} port ${router.port}`;
    const other = first.get(door);
    if (other === undefined) {
      first.set(door, router.name);
      return [];
    }
    return [
      {
        path: ['routers', router.name, 'address'],
        message: `${door} is also router \`${other}\`; a router has one entry`,
      },
    ];
  });
}

function receiverFindings({ settings }: SiteCase): Finding[] {
  const seen = new Set<string>();
  return settings.notify.snmp.flatMap(({ address, port }, i) => {
    const key = `${address} port ${port}`;
    if (seen.has(key))
      return [{ path: ['notify', 'snmp', i, 'target'], message: `${key} stands twice; a receiver has one entry` }];
    seen.add(key);
    return [];
  });
}

function socketFindings(path: string): Finding[] {
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_SOCKET_BYTES) return [];
  return [
    {
      path: ['controlSocket'],
      message: `the path ${path} has ${bytes} bytes; a UNIX socket allows ${MAX_SOCKET_BYTES}`,
    },
  ];
}
