/** `show ip route` and `show ipv6 route` -> next hops of static routes. Pure and total. */
import { canonicalAddress, parsePrefix } from '../../../lib/ip.ts';
import type { RouteAttributes } from '../../../model.ts';
import type { InstalledPath } from '../shared/observed.ts';

interface Entry {
  readonly prefix: string;
  readonly attributes: RouteAttributes;
}

/**
 * `show ip route X`, `show ipv6 route P/len`: one entry with its paths. It is a longest match:
 * the prefix of a path is the one that the router named, not the one that was asked for.
 */
export function parseDetail(text: string, vrf: string): InstalledPath[] {
  const lines = text.split(/\r?\n/);
  const prefix = firstMatch(lines, /^\s*Routing entry for ([0-9a-fA-F.:]+\/\d+)/);
  const canonical = parsePrefix(prefix ?? '')?.text;
  if (canonical === undefined || !lines.some((line) => /^\s*Known via "static"/.test(line))) return [];
  const distance = firstMatch(lines, /^\s*Known via "static", distance (\d+)/);
  const tag = firstMatch(lines, /^\s*(?:Route )?[Tt]ag (\d+)/);
  const entry = { prefix: canonical, attributes: attributesOf(distance, tag) };
  const from = lines.findIndex((line) => /Routing (?:Descriptor Blocks|paths):/.test(line));
  return from < 0 ? [] : lines.slice(from + 1).flatMap((line) => pathOf(line.trim().replace(/^\* /, ''), entry, vrf));
}

/** `show ip route static`: where all subnets of a network have one length, only the heading tells it. */
export function parseIpv4Table(text: string, vrf: string): InstalledPath[] {
  const paths: InstalledPath[] = [];
  let headingLength = '';
  let entry: Entry | undefined;
  for (const line of text.split(/\r?\n/)) {
    headingLength = /^\s*[\d.]+(\/\d+) is subnetted/.exec(line)?.[1] ?? headingLength;
    const row = /^\s{0,2}([A-Za-z]\S*)[\s*%+]+(\d+\.\d+\.\d+\.\d+)(\/\d+)?(.*)$/.exec(line);
    if (row !== null) entry = entryOf(row[1], `${row[2]}${row[3] ?? headingLength}`, line);
    else if (!/^\s+\[/.test(line)) entry = undefined;
    const hop = /\[\d+\/\d+\] via (.*)$/.exec(line)?.[1];
    if (entry !== undefined && hop !== undefined) paths.push(...pathOf(hop, entry, vrf));
  }
  return paths;
}

/** `show ipv6 route static`: a row with the prefix, then a row for each path. */
export function parseIpv6Table(text: string, vrf: string): InstalledPath[] {
  const paths: InstalledPath[] = [];
  let entry: Entry | undefined;
  for (const line of text.split(/\r?\n/)) {
    const row = /^\s*([A-Za-z]\w*)\s+([0-9a-fA-F:.]+\/\d+) \[/.exec(line);
    const hop = /^\s+via (.*)$/.exec(line)?.[1];
    if (row !== null) entry = entryOf(row[1], row[2] ?? '', line);
    else if (hop === undefined) entry = undefined;
    else if (entry !== undefined) paths.push(...pathOf(hop, entry, vrf));
  }
  return paths;
}

function entryOf(code: string | undefined, prefixText: string, line: string): Entry | undefined {
  const prefix = parsePrefix(prefixText)?.text;
  if (prefix === undefined || !/^S\*?$/.test(code ?? '')) return undefined;
  return { prefix, attributes: attributesOf(/\[(\d+)\//.exec(line)?.[1], /, tag (\d+)/.exec(line)?.[1]) };
}

/** `10.255.0.2`, `10.255.0.2, via Gi2`, `2001:DB8::2%default, Gi2%default`; a path without an address is left out. */
function pathOf(text: string, { prefix, attributes }: Entry, vrf: string): InstalledPath[] {
  const [hop = '', way = ''] = text.trim().split(/,\s*/);
  const nextHop = canonicalAddress(hop.replace(/%.*$| \(.*$/, ''));
  if (nextHop === undefined) return [];
  const out = /^(?:via )?([A-Z][A-Za-z-]*[\d/.:]+)(?:%\S+)?$/.exec(way)?.[1];
  return [{ key: { vrf, prefix, nextHop, ...(out === undefined ? {} : { interface: out }) }, attributes }];
}

function attributesOf(distance: string | undefined, tag: string | undefined): RouteAttributes {
  return {
    ...(tag === undefined ? {} : { tag: Number(tag) }),
    ...(distance === undefined || distance === '1' ? {} : { distance: Number(distance) }),
  };
}

function firstMatch(lines: readonly string[], pattern: RegExp): string | undefined {
  for (const line of lines) {
    const found = pattern.exec(line)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}
