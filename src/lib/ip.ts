import ipaddr from 'ipaddr.js';

export type Family = 4 | 6;

/** An IP prefix in canonical text, host bits zero: `10.0.0.0/24`, `2001:db8:ac::/64`. */
export interface Prefix {
  readonly text: string;
  readonly family: Family;
  readonly length: number;
}

/** `text` in canonical form (RFC 5952 for IPv6), or undefined if it is not an IP address. IPv4 needs all four octets. */
export function canonicalAddress(text: string): string | undefined {
  const address = parseAddress(text);
  return address?.kind() === 'ipv6' ? (address as ipaddr.IPv6).toRFC5952String() : address?.toString();
}

export function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4;
}

/** The host route of an address: `10.0.0.1` -> `10.0.0.1/32`. The address must be canonical. */
export function hostPrefix(address: string): string {
  return familyOf(address) === 4 ? `${address}/32` : `${address}/128`;
}

/** Parses `address/length`; undefined if malformed. With host bits set the text is NOT masked but refused. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  if (slash < 0 || !/^\d{1,3}$/.test(text.slice(slash + 1))) return undefined;
  const address = canonicalAddress(text.slice(0, slash));
  if (address === undefined) return undefined;
  const family = familyOf(address);
  const length = Number(text.slice(slash + 1));
  if (length > (family === 4 ? 32 : 128)) return undefined;
  const network = networkOf(address, length);
  return network === address ? { text: `${address}/${length}`, family, length } : undefined;
}

/** Whether `prefix` is a host route (/32 or /128) inside one of `allowed`. Malformed text is never inside. */
export function isHostRouteInside(prefix: string, allowed: readonly string[]): boolean {
  const parsed = parsePrefix(prefix);
  if (parsed === undefined || parsed.length !== (parsed.family === 4 ? 32 : 128)) return false;
  return allowed.some((range) => containsPrefix(range, parsed));
}

/** Whether the canonical `address` lies in `range` (`a.b.c.d/len`). */
export function rangeContains(range: string, address: string): boolean {
  const parsed = parsePrefix(hostPrefix(address));
  return parsed !== undefined && containsPrefix(range, parsed);
}

function containsPrefix(range: string, inner: Prefix): boolean {
  const outer = parsePrefix(range);
  if (outer === undefined || outer.family !== inner.family || outer.length > inner.length) return false;
  const innerAddress = inner.text.slice(0, inner.text.indexOf('/'));
  return networkOf(innerAddress, outer.length) === outer.text.slice(0, outer.text.indexOf('/'));
}

function networkOf(address: string, length: number): string {
  const text =
    familyOf(address) === 4
      ? ipaddr.IPv4.networkAddressFromCIDR(`${address}/${length}`).toString()
      : ipaddr.IPv6.networkAddressFromCIDR(`${address}/${length}`).toRFC5952String();
  return text;
}

function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text)) return ipaddr.IPv6.parse(text);
  return undefined;
}
