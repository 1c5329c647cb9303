/** Addresses the way IOS writes them: dotted masks for IPv4, capitals for IPv6. Pure and total. */
import { canonicalAddress, familyOf, parsePrefix } from '../../lib/ip.ts';

/** Prefix length of a dotted mask, or undefined if it is not one (its ones are not contiguous). */
export function lengthOfMask(mask: string): number | undefined {
  const value = numberOf(mask);
  if (value === undefined) return undefined;
  const length = value.toString(2).replace(/0+$/, '').length;
  return maskOfLength(value === 0 ? 0 : length) === mask ? (value === 0 ? 0 : length) : undefined;
}

/** `255.255.255.0` for 24. */
export function maskOfLength(length: number): string {
  const octets = [0, 8, 16, 24].map((bit) => 256 - 2 ** (8 - Math.min(8, Math.max(0, length - bit))));
  return octets.join('.');
}

/** The canonical prefix of an IPv4 network and mask, or undefined where host bits are set. */
export function prefixOfMask(network: string, mask: string): string | undefined {
  const length = lengthOfMask(mask);
  return length === undefined ? undefined : parsePrefix(`${network}/${length}`)?.text;
}

/** `10.0.0.0 255.255.255.0` for `10.0.0.0/24`. */
export function dotted(prefix: string): string {
  const { address, length } = split(prefix);
  return `${address} ${maskOfLength(length)}`;
}

/** Address and length of a canonical prefix. */
export function split(prefix: string): { readonly address: string; readonly length: number } {
  const slash = prefix.indexOf('/');
  return { address: prefix.slice(0, slash), length: Number(prefix.slice(slash + 1)) };
}

/** The prefix of the network an interface address (`10.10.10.254/24`) lies in. */
export function networkOf(interfaceAddress: string): string {
  const { address, length } = split(interfaceAddress);
  const bits = familyOf(address) === 4 ? ipv4Bits(address) : ipv6Bits(address);
  const masked = bits.slice(0, length).padEnd(bits.length, '0');
  const text = bits.length === 32 ? groups(masked, 8, 10).join('.') : groups(masked, 16, 16).join(':');
  return `${canonicalAddress(text) ?? text}/${length}`;
}

/** The class A, B or C network of an IPv4 address, under which `show ip route` groups subnets. */
export function majorNetwork(address: string): { readonly prefix: string; readonly length: number } {
  const first = Number(address.split('.')[0]);
  const length = first < 128 ? 8 : first < 192 ? 16 : 24;
  return { prefix: networkOf(`${address}/${length}`), length };
}

/** IOS shows IPv6 in capitals. */
export function iosText(addressOrPrefix: string): string {
  return addressOrPrefix.includes(':') ? addressOrPrefix.toUpperCase() : addressOrPrefix;
}

/** A key that sorts prefixes by address, then by length. */
export function sortKey(prefix: string): string {
  const { address, length } = split(prefix);
  return `${familyOf(address) === 4 ? ipv4Bits(address) : ipv6Bits(address)} ${String(length).padStart(3, '0')}`;
}

function numberOf(dottedQuad: string): number | undefined {
  if (canonicalAddress(dottedQuad) !== dottedQuad || dottedQuad.includes(':')) return undefined;
  return Number.parseInt(ipv4Bits(dottedQuad), 2);
}

function ipv4Bits(address: string): string {
  return address
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('');
}

function ipv6Bits(address: string): string {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...middle, ...right]
    .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0'))
    .join('');
}

function groups(bits: string, size: number, radix: number): string[] {
  return Array.from({ length: bits.length / size }, (_, index) =>
    Number.parseInt(bits.slice(index * size, (index + 1) * size), 2).toString(radix),
  );
}
