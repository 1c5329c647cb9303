/** Replies of vtysh -> routes. Pure and total: what is not understood is left out. */
import { canonicalAddress, parsePrefix } from '../../../lib/ip.ts';
import type { RouteAttributes } from '../../../model.ts';
import type { ConfiguredRoute, InstalledPath } from '../shared/observed.ts';

/** Static routes of `show running-config`, those in `vrf X` blocks too. A route given twice counts once. */
export function parseConfiguration(text: string): ConfiguredRoute[] {
  const routes = new Map<string, ConfiguredRoute>();
  let vrf = 'default';
  for (const line of text.split(/\r?\n/)) {
    const block = /^vrf (\S+)\s*$/.exec(line);
    if (block?.[1] !== undefined) vrf = block[1];
    else if (/^(?:exit-vrf|end|!)\s*$/.test(line)) vrf = line.startsWith('!') ? vrf : 'default';
    const route = parseRoute(line.trim(), vrf);
    if (route !== undefined) routes.set(JSON.stringify(route.key), route);
  }
  return [...routes.values()];
}

/** Routes through another VRF or in another table are other routes than ours, even with the same next hop. */
const ELSEWHERE = new Set(['nexthop-vrf', 'table']);
const VALUED = new Set(['tag', 'label', 'color', 'vrf', 'profile', 'source', 'segments']);
const FLAGS = new Set(['onlink', 'bfd', 'multi-hop']);

function parseRoute(line: string, block: string): ConfiguredRoute | undefined {
  const [family, keyword, prefixText = '', hop = '', ...rest] = line.split(/\s+/);
  if ((family !== 'ip' && family !== 'ipv6') || keyword !== 'route') return undefined;
  const prefix = parsePrefix(prefixText)?.text;
  const nextHop = canonicalAddress(hop);
  if (prefix === undefined || nextHop === undefined || rest.some((word) => ELSEWHERE.has(word))) return undefined;
  const { values, plain } = splitWords(rest);
  const distance = plain.find((word, index) => /^\d{1,3}$/.test(word) && (index > 0 || plain.length === 1));
  const out = plain[0] === distance ? undefined : plain[0];
  return {
    key: { vrf: values.get('vrf') ?? block, prefix, nextHop, ...(out === undefined ? {} : { interface: out }) },
    attributes: attributesOf(values.get('tag'), distance),
  };
}

/** Words with a value by name, and the plain ones (interface, distance) in order. */
function splitWords(words: readonly string[]): { values: Map<string, string>; plain: string[] } {
  const values = new Map<string, string>();
  const plain: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (VALUED.has(word)) values.set(word, words[++i] ?? '');
    else if (!FLAGS.has(word)) plain.push(word);
  }
  return { values, plain };
}

function attributesOf(tag: string | undefined, distance: string | undefined): RouteAttributes {
  return {
    ...(tag !== undefined && /^\d{1,10}$/.test(tag) && tag !== '0' ? { tag: Number(tag) } : {}),
    ...(distance === undefined || distance === '1' ? {} : { distance: Number(distance) }),
  };
}

/**
 * Next hops of static routes that are in the FIB, from `show ip route ... json`.
 * The key of the reply is the prefix that *matched*: asking for a missing host route shows its covering route.
 */
export function parseRib(text: string): InstalledPath[] {
  const tables = parseJson(text);
  return Object.values(tables).flatMap((entries) => list(entries).flatMap(pathsOf));
}

function pathsOf(entry: Json): InstalledPath[] {
  const prefix = typeof entry.prefix === 'string' ? parsePrefix(entry.prefix)?.text : undefined;
  if (prefix === undefined || entry.protocol !== 'static' || entry.installed !== true) return [];
  const vrf = typeof entry.vrfName === 'string' ? entry.vrfName : 'default';
  const attributes = attributesOf(numberText(entry.tag), numberText(entry.distance));
  return list(entry.nexthops).flatMap((hop) => {
    const nextHop = typeof hop.ip === 'string' ? canonicalAddress(hop.ip) : undefined;
    // What a recursive next hop resolves to is not a next hop of ours.
    if (nextHop === undefined || hop.active !== true || hop.resolver === true) return [];
    const out = typeof hop.interfaceName === 'string' ? { interface: hop.interfaceName } : {};
    return [{ key: { vrf, prefix, nextHop, ...out }, attributes }];
  });
}

type Json = Readonly<Record<string, unknown>>;

function parseJson(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function numberText(value: unknown): string | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? String(value) : undefined;
}
