/** Changes -> IOS configuration lines. Pure. */
import { familyOfPrefix, type RouteAttributes, type RouteChange } from '../../../model.ts';
import type { Script } from '../../contract.ts';
import { checkedKey, number, word } from '../shared/words.ts';

/** The script for a set of changes, words in the order of the running configuration. */
export function render(changes: readonly RouteChange[]): Script {
  return {
    enter: ['configure terminal'],
    lines: changes.map((change) => ({ text: lineOf(change), change })),
    leave: ['end'],
  };
}

function lineOf(change: RouteChange): string {
  const { vrf, prefix, nextHop, interface: out } = checkedKey(change.key);
  const ipv4 = familyOfPrefix(prefix) === 4;
  const words = [ipv4 ? 'ip' : 'ipv6', 'route'];
  if (vrf !== 'default') words.push('vrf', vrf);
  words.push(ipv4 ? prefix.replace('/32', ' 255.255.255.255') : prefix);
  if (out !== undefined) words.push(out);
  words.push(nextHop);
  if (change.op === 'remove') words.unshift('no');
  else words.push(...attributeWords(change.attributes, ipv4));
  return words.join(' ');
}

function attributeWords({ tag, distance, name, track }: RouteAttributes, ipv4: boolean): string[] {
  const nameWords = name === undefined ? [] : ['name', word('route name', name, 50)];
  const trackWords = track === undefined ? [] : ['track', number('track object', track, 1, 1000)];
  return [
    ...(distance === undefined || distance === 1 ? [] : [number('distance', distance, 1, 255)]),
    ...(tag === undefined ? [] : ['tag', number('tag', tag, 1, 4_294_967_295)]),
    ...(ipv4 ? [...nameWords, ...trackWords] : [...trackWords, ...nameWords]),
  ];
}
