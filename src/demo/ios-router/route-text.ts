/** Static routes as lines of the configuration: `ip route ...` and `ipv6 route ...`. Pure. */
import { canonicalAddress, familyOf, parsePrefix } from '../../lib/ip.ts';
import { dotted, iosText, prefixOfMask } from './addresses.ts';
import { DEFAULT_VRF, type RouteSelector, type StaticRoute } from './device.ts';
import type { Args } from './grammar.ts';

/** A route as its configuration line; distance 1 is not displayed. */
export function routeLine(route: StaticRoute): string {
  const ipv6 = route.prefix.includes(':');
  const name = route.name === undefined ? '' : `name ${route.name}`;
  const track = route.track === undefined ? '' : `track ${route.track}`;
  const permanent = route.permanent ? 'permanent' : '';
  const words = [
    ipv6 ? 'ipv6 route' : 'ip route',
    route.vrf === DEFAULT_VRF ? '' : `vrf ${route.vrf}`,
    ipv6 ? iosText(route.prefix) : dotted(route.prefix),
    route.interface ?? '',
    iosText(route.nextHop ?? ''),
    route.distance === 1 ? '' : `${route.distance}`,
    route.tag === undefined ? '' : `tag ${route.tag}`,
    // The two families order the rest differently.
    ...(ipv6 ? [track, permanent, name] : [permanent, name, track]),
  ];
  return words.filter((word) => word !== '').join(' ');
}

/** The route that a line's arguments describe, or undefined where network and mask do not agree. */
export function routeOf(args: Args, sinceMono: number): StaticRoute | undefined {
  const selector = selectorOf(args);
  if (selector === undefined) return undefined;
  const { attributes, ...path } = selector;
  return {
    ...path,
    ...attributes,
    distance: attributes.distance ?? 1,
    permanent: args.permanent !== undefined,
    sinceMono,
  };
}

/** What a `no` line's arguments name. */
export function selectorOf(args: Args): RouteSelector | undefined {
  const prefix = prefixOf(args);
  if (prefix === undefined) return undefined;
  const nextHop = args.nextHop === undefined ? undefined : canonicalAddress(args.nextHop);
  return {
    vrf: args.vrf ?? DEFAULT_VRF,
    prefix,
    ...(args.interface === undefined ? {} : { interface: fullInterfaceName(args.interface) }),
    ...(nextHop === undefined ? {} : { nextHop }),
    attributes: {
      ...(args.distance === undefined ? {} : { distance: Number(args.distance) }),
      ...(args.tag === undefined ? {} : { tag: Number(args.tag) }),
      ...(args.name === undefined ? {} : { name: args.name }),
      ...(args.track === undefined ? {} : { track: Number(args.track) }),
    },
  };
}

const INTERFACE_KINDS = [
  'GigabitEthernet',
  'TenGigabitEthernet',
  'FastEthernet',
  'Ethernet',
  'Loopback',
  'Vlan',
  'Null',
];

/** `Gi2` -> `GigabitEthernet2`. A kind that is not known stays as typed. */
function fullInterfaceName(text: string): string {
  const [, kind = '', unit = ''] = /^([A-Za-z]+)(.*)$/.exec(text) ?? [];
  const full = INTERFACE_KINDS.find((known) => known.toLowerCase().startsWith(kind.toLowerCase()));
  return full === undefined ? text : `${full}${unit}`;
}

function prefixOf(args: Args): string | undefined {
  if (args.prefix !== undefined) return parsePrefix(args.prefix)?.text;
  const { network = '', mask = '' } = args;
  return familyOf(network) === 4 ? prefixOfMask(network, mask) : undefined;
}
