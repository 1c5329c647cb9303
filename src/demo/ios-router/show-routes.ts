/** `show ip route` and `show ip static route`, in the shapes of recorded IOS-XE output. Pure. */
import { majorNetwork, prefixOfMask, split } from './addresses.ts';
import type { Context, Handler } from './context.ts';
import { DEFAULT_VRF, hasVrf, type StaticRoute } from './device.ts';
import { isUsable, lookup, type Path, type RibEntry, rib } from './rib.ts';

const CODES = [
  'Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP',
  '       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area ',
  '       N1 - OSPF NSSA external type 1, N2 - OSPF NSSA external type 2',
  '       E1 - OSPF external type 1, E2 - OSPF external type 2',
  '       i - IS-IS, su - IS-IS summary, L1 - IS-IS level-1, L2 - IS-IS level-2',
  '       ia - IS-IS inter area, * - candidate default, U - per-user static route',
  '       o - ODR, P - periodic downloaded static route, H - NHRP, l - LISP',
  '       a - application route',
  '       + - replicated route, % - next hop override, p - overrides from PfR',
];

const STATIC_CODES = [
  'Codes: M - Manual static, A - AAA download, N - IP NAT, D - DHCP,',
  '   G - GPRS, V - Crypto VPN, C - CASA, P - Channel interface processor,',
  '   B - BootP, S - Service selection gateway',
  '   DN - Default Network, T - Tracking object',
  '   L - TL1, E - OER, I - iEdge',
  '   D1 - Dot1x Vlan Network, K - MWAM Route',
  '   PP - PPP default route, MR - MRIPv6, SS - SSLVPN',
  '   H - IPe Host, ID - IPe Domain Broadcast',
  '   U - User GPRS, TE - MPLS Traffic-eng, LI - LIIN',
  '   IR - ICMP Redirect',
  'Codes in []: A - active, N - non-active, B - BFD-tracked, D - Not Tracked, P - permanent',
];

const LETTERS = { local: 'L', connected: 'C', static: 'S', learned: 'O' } as const;

/** `show ip route [vrf V] [static]`. */
export function showIpRoute(only: 'all' | 'static'): Handler {
  return (context, args) => {
    const vrf = args.vrf ?? DEFAULT_VRF;
    if (!hasVrf(context.device, vrf)) return noTable(vrf);
    const table = rib(context.device, vrf, 4);
    const shown = only === 'all' ? table : table.filter((entry) => entry.source === 'static');
    return {
      output: [...heading(vrf), ...CODES, '', lastResort(table), '', ...(shown.length === 0 ? [] : grouped(shown))],
    };
  };
}

/** `show ip route [vrf V] A.B.C.D [mask]`: a longest match, except where a mask asks for one prefix. */
export const showIpRouteTo: Handler = (context, args) => {
  const vrf = args.vrf ?? DEFAULT_VRF;
  if (!hasVrf(context.device, vrf)) return noTable(vrf);
  const table = rib(context.device, vrf, 4);
  const address = args.address ?? '';
  const entry = args.mask === undefined ? longestMatch(table, address) : exact(table, address, args.mask);
  if (entry === undefined) return { output: [absent(table, address)] };
  return { output: [...heading(vrf), ...detail(entry)] };
};

/** `show ip static route [vrf V]`. */
export const showIpStaticRoute: Handler = (context, args) => {
  const vrf = args.vrf ?? DEFAULT_VRF;
  if (!hasVrf(context.device, vrf)) return noTable(vrf);
  const routes = context.device.running.filter((route) => route.vrf === vrf && !route.prefix.includes(':'));
  const lines = routes.map((route, index) => staticLine(context, route, routes[index - 1]?.prefix === route.prefix));
  return { output: [...STATIC_CODES, `Static local RIB for ${vrf}`, ...lines] };
};

function staticLine(context: Context, route: StaticRoute, repeated: boolean): string {
  // T for a tracked route is read from the legend, not from a recording.
  const letter = route.track === undefined ? 'M' : 'T';
  const prefix = repeated ? ' '.repeat(route.prefix.length) : route.prefix;
  const out = [route.interface, route.nextHop].filter((part) => part !== undefined).join(' ');
  const state = isUsable(context.device, route) && isBest(context, route) ? 'A' : 'N';
  return `${letter}  ${prefix} [${route.distance}/0] via ${out} [${state}]`;
}

function isBest(context: Context, route: StaticRoute): boolean {
  const entry = rib(context.device, route.vrf, 4).find((other) => other.prefix === route.prefix);
  return entry?.paths.some((path) => path.static === route) === true;
}

function noTable(vrf: string): { readonly output: readonly string[] } {
  return { output: [`% IP routing table ${vrf} does not exist`] };
}

function heading(vrf: string): readonly string[] {
  return vrf === DEFAULT_VRF ? [] : ['', `Routing Table: ${vrf}`];
}

function lastResort(table: readonly RibEntry[]): string {
  const gateway = table.find((entry) => entry.prefix === '0.0.0.0/0');
  if (gateway === undefined) return 'Gateway of last resort is not set';
  return `Gateway of last resort is ${gateway.paths[0].nextHop ?? '0.0.0.0'} to network 0.0.0.0`;
}

/** Subnets stand under their class A, B or C network; where all have one length the rows leave it out. */
function grouped(table: readonly RibEntry[]): string[] {
  const lines: string[] = [];
  for (const [major, entries] of Map.groupBy(table, majorOf)) {
    const lengths = new Set(entries.map((entry) => split(entry.prefix).length));
    const subnetted = entries.some((entry) => entry.prefix !== major);
    if (!subnetted) lines.push(...entries.flatMap((entry) => row(entry, entry.prefix, 6)));
    else if (lengths.size === 1) {
      const [length] = lengths;
      lines.push(`      ${split(major).address}/${length} is subnetted, ${entries.length} subnets`);
      lines.push(...entries.flatMap((entry) => row(entry, split(entry.prefix).address, 9)));
    } else {
      lines.push(`      ${major} is variably subnetted, ${entries.length} subnets, ${lengths.size} masks`);
      lines.push(...entries.flatMap((entry) => row(entry, entry.prefix, 9)));
    }
  }
  return lines;
}

/** The group a route is shown in: itself for supernets. */
function majorOf(entry: RibEntry): string {
  const { address, length } = split(entry.prefix);
  const major = majorNetwork(address);
  return length < major.length ? entry.prefix : major.prefix;
}

function row(entry: RibEntry, name: string, indent: number): string[] {
  const letter = `${LETTERS[entry.source]}${entry.prefix === '0.0.0.0/0' ? '*' : ''}`;
  const start = `${letter.padEnd(indent)}${name} `;
  return entry.paths.map((path, index) => `${index === 0 ? start : ' '.repeat(start.length)}${way(entry, path)}`);
}

function way(entry: RibEntry, path: Path): string {
  if (path.nextHop === undefined) return `is directly connected, ${path.interface ?? ''}`;
  return `[${entry.distance}/0] via ${path.nextHop}${path.interface === undefined ? '' : `, ${path.interface}`}`;
}

/** IOS does not answer a question about one address with the default route (unverified on a device). */
function longestMatch(table: readonly RibEntry[], address: string): RibEntry | undefined {
  return lookup(
    table.filter((entry) => entry.prefix !== '0.0.0.0/0' || address === '0.0.0.0'),
    address,
  );
}

function exact(table: readonly RibEntry[], address: string, mask: string): RibEntry | undefined {
  const prefix = prefixOfMask(address, mask);
  return table.find((entry) => entry.prefix === prefix);
}

function absent(table: readonly RibEntry[], address: string): string {
  const major = majorNetwork(address).prefix;
  return table.some((entry) => majorOf(entry) === major) ? '% Subnet not in table' : '% Network not in table';
}

function detail(entry: RibEntry): string[] {
  const { address, length } = split(entry.prefix);
  const supernet = length < majorNetwork(address).length ? ', supernet' : '';
  const tag = entry.paths[0].static?.tag;
  return [
    `Routing entry for ${entry.prefix}${supernet}`,
    `  Known via "${knownVia(entry)}", distance ${entry.distance}, metric 0${note(entry)}`,
    ...(tag === undefined ? [] : [`  Tag ${tag}`]),
    '  Routing Descriptor Blocks:',
    ...entry.paths.flatMap((path, index) => descriptor(path, index === 0)),
  ];
}

function knownVia(entry: RibEntry): string {
  return entry.source === 'learned' ? 'ospf 1' : entry.source === 'static' ? 'static' : 'connected';
}

function note(entry: RibEntry): string {
  if (entry.source === 'learned') return ', type intra area';
  const outward = entry.source === 'static' ? entry.paths[0].nextHop === undefined : true;
  return outward ? ' (connected)' : '';
}

function descriptor(path: Path, first: boolean): string[] {
  const via = path.interface === undefined ? '' : `, via ${path.interface}`;
  const tag = path.static?.tag;
  return [
    `  ${first ? '*' : ' '} ${path.nextHop ?? 'directly connected'}${via}`,
    '      Route metric is 0, traffic share count is 1',
    ...(tag === undefined ? [] : [`      Route tag ${tag}`]),
  ];
}
