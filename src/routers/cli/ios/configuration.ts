/** `ip route` and `ipv6 route` lines of the running configuration -> routes. Pure and total. */
import { canonicalAddress, parsePrefix } from '../../../lib/ip.ts';
import type { RouteAttributes } from '../../../model.ts';
import type { ConfiguredRoute } from '../shared/observed.ts';
import { prefixOfMask } from './masks.ts';

/** Static routes that have a next hop address; others (`Null0`, an interface alone, DHCP) can't be ours. */
export function parseConfiguration(text: string): ConfiguredRoute[] {
  return text.split(/\r?\n/).flatMap((line) => parseLine(line.trim().split(/\s+/)) ?? []);
}

function parseLine(words: readonly string[]): ConfiguredRoute | undefined {
  const [family, keyword, ...afterRoute] = words;
  if ((family !== 'ip' && family !== 'ipv6') || keyword !== 'route') return undefined;
  const inVrf = afterRoute[0] === 'vrf';
  const vrf = inVrf ? (afterRoute[1] ?? '') : 'default';
  const [first = '', second = '', ...more] = inVrf ? afterRoute.slice(2) : afterRoute;
  const prefix = family === 'ip' ? prefixOfMask(first, second) : parsePrefix(first)?.text;
  const path = family === 'ip' ? more : [second, ...more];
  const hopAt = canonicalAddress(path[0] ?? '') === undefined ? 1 : 0;
  const nextHop = canonicalAddress(path[hopAt] ?? '');
  if (prefix === undefined || nextHop === undefined) return undefined;
  const out = hopAt === 1 ? { interface: path[0] ?? '' } : {};
  return { key: { vrf, prefix, nextHop, ...out }, attributes: parseAttributes(path.slice(hopAt + 1)) };
}

/** Distance 1 is the default and never displayed; written out it means the same. */
function parseAttributes(words: readonly string[]): RouteAttributes {
  const attributes: { tag?: number; distance?: number; name?: string; track?: number } = {};
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === 'name') attributes.name = words[++i] ?? '';
    else if (word === 'tag') setNumber(attributes, 'tag', words[++i]);
    else if (word === 'track') setNumber(attributes, 'track', words[++i]);
    else if (word === 'nexthop-vrf') i++;
    else if (word !== '1') setNumber(attributes, 'distance', word);
  }
  return attributes;
}

function setNumber(
  attributes: { tag?: number; distance?: number; track?: number },
  field: 'tag' | 'distance' | 'track',
  text: string | undefined,
): void {
  if (text !== undefined && /^\d{1,10}$/.test(text)) attributes[field] = Number(text);
}
