/** Rules about endpoints, their targets and the pool that they form. Pure. */
import { familyOf } from '../../lib/ip.ts';
import type { Endpoint } from '../../policies/policy.ts';
import type { EndpointEntry } from '../schema/policy.ts';
import type { Finding } from '../tree.ts';
import type { PolicyCase } from './case.ts';

/** Findings about every endpoint and the pool. */
export function endpointRules(subject: PolicyCase): Finding[] {
  const { file, policy } = subject;
  if (policy.endpoints.length === 0) return [{ path: ['endpoints'], message: 'must hold at least one endpoint' }];
  return [
    ...policy.endpoints.flatMap((endpoint) => nextHopFindings(endpoint, policy.address)),
    ...twins(policy.endpoints),
    ...Object.entries(file.endpoints).flatMap(([name, entry]) => targetFindings(name, entry)),
    ...poolFindings(subject),
  ];
}

function nextHopFindings({ name, nextHop, interface: out }: Endpoint, address: string): Finding[] {
  const path = ['endpoints', name, 'nextHop'];
  if (nextHop === address) return [{ path, message: 'is the anycast address itself; name the address of the server' }];
  if (familyOf(nextHop) !== familyOf(address)) {
    return [
      {
        path,
        message: `is IPv${familyOf(nextHop)}, but the anycast address is IPv${familyOf(address)}; both must be of one family`,
      },
    ];
  }
  if (/^(0|22[4-9]|23\d|2[45]\d)\.|^::$|^ff/.test(nextHop)) {
    return [{ path, message: 'is not the address of one host' }];
  }
  if (/^fe[89ab]/.test(nextHop) && out === undefined) {
    return [{ path, message: 'is a link-local address, which needs an `interface`' }];
  }
  return [];
}

function twins(endpoints: readonly Endpoint[]): Finding[] {
  const first = new Map<string, string>();
  return endpoints.flatMap((endpoint) => {
    const key = `${endpoint.nextHop} ${endpoint.interface ?? ''}`;
    const other = first.get(key);
    if (other === undefined) {
      first.set(key, endpoint.name);
      return [];
    }
    const message = `is also the next hop of endpoint \`${other}\`; each endpoint needs a route of its own`;
    return [{ path: ['endpoints', endpoint.name, 'nextHop'], message }];
  });
}

function targetFindings(name: string, { target, targets }: EndpointEntry): Finding[] {
  if (targets === undefined) return [];
  const path = ['endpoints', name, 'targets'];
  const findings: Finding[] = [];
  if (target !== undefined)
    findings.push({ path: ['endpoints', name, 'target'], message: 'stands beside `targets`; give one of the two' });
  const addresses = Object.values(targets.hosts);
  if (addresses.length === 0) findings.push({ path: [...path, 'hosts'], message: 'must hold at least one address' });
  if (new Set(addresses).size < addresses.length) {
    findings.push({ path: [...path, 'hosts'], message: 'names one address twice' });
  }
  if (addresses.length > 0 && targets.atLeast > addresses.length) {
    const message = `${targets.atLeast} can never be reached with ${addresses.length} hosts; at most that`;
    findings.push({ path: [...path, 'atLeast'], message });
  }
  return findings;
}

function poolFindings({ file, policy }: PolicyCase): Finding[] {
  const { up, down } = policy.pool.minHealthy;
  const isOne = typeof file.pool.minHealthy === 'number';
  const path = ['pool', 'minHealthy'];
  const total = policy.endpoints.length;
  const tooMany = (n: number) =>
    `${n} can never be reached with ${total} endpoint${total === 1 ? '' : 's'}; at most that`;
  if (up > total) return [{ path: isOne ? path : [...path, 'up'], message: tooMany(up) }];
  if (down > up) return [{ path: [...path, 'down'], message: `down (${down}) is above up (${up}); at most that` }];
  return [];
}
