/** Addresses with a dotted mask, as IOS writes IPv4 prefixes. Pure. */
import { canonicalAddress, parsePrefix } from '../../../lib/ip.ts';

/** `10.0.0.1` `255.255.255.255` -> `10.0.0.1/32`; undefined where one is malformed or they disagree. */
export function prefixOfMask(address: string, mask: string): string | undefined {
  const length = lengthOfMask(mask);
  return length === undefined ? undefined : parsePrefix(`${address}/${length}`)?.text;
}

/** Length of a contiguous dotted mask. */
export function lengthOfMask(mask: string): number | undefined {
  if (mask.includes(':') || canonicalAddress(mask) === undefined) return undefined;
  const bits = mask
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}
