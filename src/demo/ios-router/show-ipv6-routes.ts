/** `show ipv6 route`, in the shapes of recorded IOS and IOS-XE output. Pure. */
import { canonicalAddress, parsePrefix } from '../../lib/ip.ts';
import { iosText } from './addresses.ts';
import type { Handler } from './context.ts';
import { DEFAULT_VRF, hasVrf } from './device.ts';
import { lookup, type Path, type RibEntry, rib } from './rib.ts';
import { age } from './show.ts';

const CODES = [
  'Codes: C - Connected, L - Local, S - Static, U - Per-user Static route',
  '       B - BGP, R - RIP, H - NHRP, I1 - ISIS L1',
  '       I2 - ISIS L2, IA - ISIS interarea, IS - ISIS summary, D - EIGRP',
  '       EX - EIGRP external, ND - ND Default, NDp - ND Prefix, DCE - Destination',
  '       NDr - Redirect, RL - RPL, O - OSPF Intra, OI - OSPF Inter',
  '       OE1 - OSPF ext 1, OE2 - OSPF ext 2, ON1 - OSPF NSSA ext 1',
  '       ON2 - OSPF NSSA ext 2, la - LISP alt, lr - LISP site-registrations',
  '       ld - LISP dyn-eid, a - Application',
];

const LETTERS = { local: 'L', connected: 'C', static: 'S', learned: 'O' } as const;

/** `show ipv6 route [vrf V] [static]`. */
export function showIpv6Route(only: 'all' | 'static'): Handler {
  return ({ device }, args) => {
    const vrf = args.vrf ?? DEFAULT_VRF;
    if (!hasVrf(device, vrf)) return noTable(vrf);
    const table = rib(device, vrf, 6);
    const shown = only === 'all' ? table : table.filter((entry) => entry.source === 'static');
    const local = only === 'all' ? ['L   FF00::/8 [0/0]', '     via Null0, receive'] : [];
    const entries = `${table.length + 1} ${table.length === 0 ? 'entry' : 'entries'}`;
    return { output: [`IPv6 Routing Table - ${vrf} - ${entries}`, ...CODES, ...shown.flatMap(rows), ...local] };
  };
}

/**
 * `show ipv6 route [vrf V] X`: an address is a longest match; a prefix is taken as that prefix alone
 * (unverified on a device: compare what came back).
 */
export const showIpv6RouteTo: Handler = ({ device, nowMono }, args) => {
  const vrf = args.vrf ?? DEFAULT_VRF;
  if (!hasVrf(device, vrf)) return noTable(vrf);
  const table = rib(device, vrf, 6);
  const wanted = args.prefix === undefined ? undefined : parsePrefix(args.prefix)?.text;
  const entry =
    args.prefix === undefined
      ? lookup(table, canonicalAddress(args.address ?? '') ?? '')
      : table.find((other) => other.prefix === wanted);
  if (entry === undefined) return { output: ['% Route not found'] };
  return { output: detail(entry, nowMono) };
};

function noTable(vrf: string): { readonly output: readonly string[] } {
  return { output: [`% IPv6 routing table ${vrf} does not exist`] };
}

function rows(entry: RibEntry): string[] {
  const tag = entry.paths[0].static?.tag;
  const first = `${LETTERS[entry.source].padEnd(4)}${iosText(entry.prefix)} [${entry.distance}/0]`;
  return [
    `${first}${tag === undefined ? '' : `, tag ${tag}`}`,
    ...entry.paths.map((path) => `     via ${way(entry, path)}`),
  ];
}

function way(entry: RibEntry, path: Path): string {
  if (entry.source === 'local') return `${path.interface}, receive`;
  if (path.nextHop === undefined) return `${path.interface}, directly connected`;
  return `${iosText(path.nextHop)}${path.interface === undefined ? '' : `, ${path.interface}`}`;
}

function detail(entry: RibEntry, nowMono: number): string[] {
  const tag = entry.paths[0].static?.tag;
  const source = entry.source === 'learned' ? 'ospf 1' : entry.source;
  return [
    `Routing entry for ${iosText(entry.prefix)}`,
    `  Known via "${source}", distance ${entry.distance}, metric 0`,
    ...(tag === undefined ? [] : [`  Tag ${tag}`]),
    `  Route count is ${entry.paths.length}/${entry.paths.length}, share count 0`,
    '  Routing paths:',
    ...entry.paths.flatMap((path) => [
      `    ${entry.source === 'static' ? way(entry, path) : (path.nextHop ?? `directly connected via ${path.interface}`)}`,
      '      Route metric is 0, traffic share count is 1',
      `      Last updated ${age(nowMono - (path.static?.sinceMono ?? 0))} ago`,
    ]),
  ];
}
