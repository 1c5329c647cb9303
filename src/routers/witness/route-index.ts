/** Indices of the two route tables of IP-FORWARD-MIB (RFC 4292; the older one as in RFC 2096). Pure; decoding is total. */
import ipaddr from 'ipaddr.js';
import { canonicalAddress, parsePrefix } from '../../lib/ip.ts';

/** What the index of a route's row says. Addresses in canonical text. */
export interface RouteIndex {
  readonly prefix: string;
  readonly nextHop: string;
}

/** A route table that can be searched by prefix. */
export interface RouteTable {
  /** The table with all its columns, to see whether the router has it. */
  readonly entry: readonly number[];
  /** The column that is read: the protocol, which both FRR and IOS fill in. */
  readonly column: readonly number[];
  /** The part of the index that names a prefix; undefined where the table cannot hold it. */
  indexOf(prefix: string): readonly number[] | undefined;
  /** Reads a whole index; undefined where it is not one. */
  decode(index: readonly number[]): RouteIndex | undefined;
}

const IP_FORWARD = [1, 3, 6, 1, 2, 1, 4, 24];

/** How the MIB calls the protocol of static routes. */
const NETMGMT = 3;

/**
 * The row of ipForwardTable (RFC 1354) that a static route has, or undefined for IPv6: destination, protocol, policy, next hop.
 * It has no mask, so a host route shares it with a wider prefix of the same address; and it can only be asked for
 * exactly. FRR's zebra answers in no other table (its CIDR table is empty, and walks end early, FRRouting/frr#16918),
 * and there for the first next hop of a prefix only: a missing row is no evidence.
 */
export function ipForwardRow({ prefix, nextHop }: RouteIndex): readonly number[] | undefined {
  const parsed = parsePrefix(prefix);
  if (parsed === undefined || parsed.family !== 4 || !ipaddr.IPv4.isValidFourPartDecimal(nextHop)) return undefined;
  return [...IP_FORWARD, 2, 1, 7, ...bytesOf(addressPart(parsed.text)), NETMGMT, 0, ...bytesOf(nextHop)];
}

/** ipCidrRouteTable, IPv4 only: destination, mask, TOS, next hop. Superseded, and still what many routers have. */
export const IP_CIDR_ROUTES: RouteTable = {
  entry: [...IP_FORWARD, 4, 1],
  column: [...IP_FORWARD, 4, 1, 7],
  indexOf(prefix) {
    const parsed = parsePrefix(prefix);
    if (parsed === undefined || parsed.family !== 4) return undefined;
    return [...bytesOf(addressPart(parsed.text)), ...maskOf(parsed.length)];
  },
  decode(index) {
    if (index.length !== 13) return undefined;
    const length = lengthOfMask(index.slice(4, 8));
    return length === undefined ? undefined : routeIndex(index.slice(0, 4), length, index.slice(9));
  },
};

/** InetAddressType (RFC 4001): `z` types carry a zone of four bytes after the address. */
const ADDRESS_BYTES: Readonly<Record<number, { readonly address: number; readonly all: number }>> = {
  1: { address: 4, all: 4 },
  2: { address: 16, all: 16 },
  3: { address: 4, all: 8 },
  4: { address: 16, all: 20 },
};

/** inetCidrRouteTable, both families: type and destination, prefix length, policy (an OID), type and next hop. */
export const INET_CIDR_ROUTES: RouteTable = {
  entry: [...IP_FORWARD, 7, 1],
  column: [...IP_FORWARD, 7, 1, 9],
  indexOf(prefix) {
    const parsed = parsePrefix(prefix);
    if (parsed === undefined) return undefined;
    const bytes = bytesOf(addressPart(parsed.text));
    return [parsed.family === 4 ? 1 : 2, bytes.length, ...bytes, parsed.length];
  },
  decode(index) {
    const destination = takeAddress(index);
    if (destination === undefined) return undefined;
    const [length, policyLength, ...afterLengths] = destination.rest;
    if (length === undefined || policyLength === undefined || policyLength > afterLengths.length) return undefined;
    const nextHop = takeAddress(afterLengths.slice(policyLength));
    if (nextHop === undefined || nextHop.rest.length > 0) return undefined;
    return routeIndex(destination.bytes, length, nextHop.bytes);
  },
};

/** Whether `oid` stands below `root`. */
export function isBelow(oid: readonly number[], root: readonly number[]): boolean {
  return oid.length > root.length && root.every((arc, i) => oid[i] === arc);
}

function takeAddress(index: readonly number[]): { bytes: readonly number[]; rest: readonly number[] } | undefined {
  const [type, length, ...rest] = index;
  const size = type === undefined ? undefined : ADDRESS_BYTES[type];
  if (size === undefined || length !== size.all || rest.length < length) return undefined;
  return { bytes: rest.slice(0, size.address), rest: rest.slice(length) };
}

function routeIndex(destination: readonly number[], length: number, hop: readonly number[]): RouteIndex | undefined {
  const address = textOf(destination);
  const nextHop = textOf(hop);
  const prefix = address === undefined ? undefined : parsePrefix(`${address}/${length}`)?.text;
  return prefix === undefined || nextHop === undefined ? undefined : { prefix, nextHop };
}

function textOf(bytes: readonly number[]): string | undefined {
  if (bytes.some((byte) => !Number.isInteger(byte) || byte < 0 || byte > 255)) return undefined;
  if (bytes.length !== 4 && bytes.length !== 16) return undefined;
  return canonicalAddress(ipaddr.fromByteArray([...bytes]).toString());
}

function bytesOf(address: string): number[] {
  return ipaddr.parse(address).toByteArray();
}

function addressPart(prefix: string): string {
  return prefix.slice(0, prefix.indexOf('/'));
}

function maskOf(length: number): number[] {
  return [0, 8, 16, 24].map((bits) => 256 - 2 ** (8 - Math.min(8, Math.max(0, length - bits))));
}

function lengthOfMask(mask: readonly number[]): number | undefined {
  for (let length = 0; length <= 32; length++) {
    if (maskOf(length).every((byte, i) => byte === mask[i])) return length;
  }
  return undefined;
}
