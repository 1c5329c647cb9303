/** Fields of a route as words of a command line. Pure. */
import { canonicalAddress, parsePrefix } from '../../../lib/ip.ts';
import type { RouteChange, RouteKey } from '../../../model.ts';
import { RouterError } from '../../contract.ts';

const WORD = /^[A-Za-z0-9_.:@/+-]{1,63}$/;

/** The fields of a key, proved to be single words. Throws `rejected` where one is not (never a line break on the wire). */
export function checkedKey(key: RouteKey): RouteKey {
  return {
    vrf: word('VRF', key.vrf),
    prefix: parsePrefix(key.prefix)?.text ?? refuse('prefix', key.prefix),
    nextHop: canonicalAddress(key.nextHop) ?? refuse('next hop', key.nextHop),
    ...(key.interface === undefined ? {} : { interface: word('interface', key.interface) }),
  };
}

/** `text` if it is one word that a command line may carry. Throws `rejected`. */
export function word(field: string, text: string, maxLength = 63): string {
  return WORD.test(text) && text.length <= maxLength ? text : refuse(field, text);
}

/** `value` as digits if it is an integer in the range. Throws `rejected`. */
export function number(field: string, value: number, low: number, high: number): string {
  return Number.isInteger(value) && value >= low && value <= high ? String(value) : refuse(field, value);
}

/** Throws `rejected`: the platform cannot write this attribute. */
export function unsupported(platform: string, attribute: string, change: RouteChange): never {
  throw new RouterError('rejected', `${platform} has no ${attribute} on a static route (${change.key.prefix})`);
}

function refuse(field: string, value: string | number): never {
  throw new RouterError('rejected', `not a ${field} that can be written: ${JSON.stringify(value).slice(0, 100)}`);
}
