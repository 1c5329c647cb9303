/** What may be on the wire to an IOS router, judged without any code of the program's own gate, diff or platforms. */
import { BlockList, isIP } from 'node:net';

/** The anycast space of these tests. */
export const ANYCAST = ['10.0.0.0/24', '2001:db8:ac::/64'];

const inside = new BlockList();
inside.addSubnet('10.0.0.0', 24, 'ipv4');
inside.addSubnet('2001:db8:ac::', 64, 'ipv6');

function isInside(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && inside.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

/** Everything that the driver ever types beside reads and routes. */
const FIXED = new Set([
  'terminal length 0',
  'term width 512',
  'terminal no monitor',
  'enable',
  '(password)',
  'configure terminal',
  'end',
  'exit',
]);
const SHOW = /^show (?:running-config \| include \^ip route\|\^ipv6 route|version \| include uptime)$/;
const SHOW_ROUTE = /^show (?:ip|ipv6) route(?: vrf [\w.:/@-]+)?(?: (\S+))?$/;
const ROUTE = /^(?:no )?ip route (?:vrf [\w.:/@-]+ )?(\S+) (\S+)( [\w.:@/+-]+)+$/;
const ROUTE_V6 = /^(?:no )?ipv6 route (?:vrf [\w.:/@-]+ )?(\S+)\/128( [\w.:@/+-]+)+$/;

/** Why a line must never have been sent; undefined = it may. */
export function objection(line: string): string | undefined {
  if (FIXED.has(line) || SHOW.test(line)) return undefined;
  const shown = SHOW_ROUTE.exec(line);
  if (shown !== null) {
    const what = shown[1] ?? 'static';
    return what === 'static' || isInside(what.replace(/\/128$/, '')) ? undefined : `reads ${what}: ${line}`;
  }
  const [, address = '', mask] = ROUTE.exec(line) ?? [];
  if (mask !== undefined) {
    return mask === '255.255.255.255' && isInside(address) ? undefined : `not an anycast host route: ${line}`;
  }
  const v6 = ROUTE_V6.exec(line)?.[1];
  if (v6 !== undefined) return isInside(v6) ? undefined : `outside: ${line}`;
  return `not a line of ours: ${JSON.stringify(line)}`;
}

/** The objections to everything that a router received. */
export function objections(log: readonly { readonly line: string }[]): readonly string[] {
  return [...new Set(log.flatMap(({ line }) => objection(line) ?? []))];
}

/** Lines that change routes, of a log. */
export function writes(log: readonly { readonly line: string }[]): readonly string[] {
  return log.map(({ line }) => line).filter((line) => /^(?:no )?ip(?:v6)? route /.test(line));
}
