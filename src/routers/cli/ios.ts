/**
 * Cisco IOS and IOS-XE. Commands and replies follow recorded sessions (CSR 1000v 16.12.3 and the samples of genie,
 * ntc-templates and NAPALM); nothing here has been sent to a device by us. Marked lines are unverified.
 */
import { parsePrefix } from '../../lib/ip.ts';
import type { CliPlatform } from '../contract.ts';
import { prefixOfMask } from './ios/masks.ts';
import { observeCommands, parse } from './ios/observe.ts';
import { render } from './ios/render.ts';

export const ios: CliPlatform = {
  name: 'ios',
  capabilities: { routeNames: true, maxNameLength: 50, tagScope: 'route', tracks: true, pipelining: false },
  prompts: { exec: />/, privileged: /#/, config: /\(config[\w.\-@/:+]{0,32}\)#/ },
  // First the width, in its short form: with a host name of 63 characters it just fits into 80 columns.
  setUp: ['term width 512', 'terminal length 0', 'terminal no monitor'],
  enable: { command: 'enable', ask: /[Pp]assword: ?$/ },
  save: { command: 'write memory', done: /^\[OK\]/m },
  harmless: [
    /^Enter configuration commands, one per line\. {2}End with CNTL\/Z\.?$/,
    // Somebody else removed it: the read-back decides.
    /^% ?No matching route to delete$/,
  ],
  replies: [
    {
      pattern: /Command authorization failed|% ?Authorization failed|not authorized|Permission denied/i,
      code: 'authorization',
    },
    { pattern: /Config(?:uration)? (?:mode |session )?(?:is )?locked|Config mode cannot be entered/i, code: 'locked' },
    {
      pattern: /is in use|wait for it to complete|is currently being deconfigured|is being deleted, please try later/i,
      code: 'in-use',
    },
    // A table that is not there: nothing to read, and for a write somebody has to make it first.
    {
      pattern: /routing table (?:VRF )?\S+ does not exist|VRF \S+ (?:not configured|does not exist)/i,
      code: 'not-applied',
    },
    {
      pattern: /^% ?(?:Ambiguous command|Incomplete command|Invalid input detected|Unknown command)/m,
      code: 'rejected',
    },
    { pattern: /^\s*\^\s*$/m, code: 'rejected' },
    {
      pattern: /^% ?(?:Error|Invalid|Bad mask|Inconsistent address and mask)|Bad mask|overlaps with/m,
      code: 'rejected',
    },
    {
      pattern: /Command rejected|IPv6 routing not enabled|is linked to a VRF|is an invalid network/i,
      code: 'rejected',
    },
  ],
  noise: [
    /^(?:\d+: )?[*.]?[A-Z][a-z]{2} +\d+ (?:\d{4} )?[\d:.]+.*?%[A-Z0-9_]+(?:-\w+)*-\d-\w+:/,
    /^%[A-Z0-9_]+(?:-\w+)*-\d-[A-Z0-9_]+:/,
  ],
  observeCommands,
  parse,
  render,
  classify,
};

const PATH = String.raw`(?: [A-Za-z][\w./:-]*)? [0-9a-fA-F.:]+`;
const OPTIONS = String.raw`(?: \d{1,3})?(?: (?:tag|name|track) [A-Za-z0-9_.:@/+-]+){0,3}`;
const IPV4_LINE = new RegExp(String.raw`^(?:no )?ip route(?: vrf [^ ]+)? ([\d.]+) ([\d.]+)${PATH}${OPTIONS}$`);
const IPV6_LINE = new RegExp(String.raw`^(?:no )?ipv6 route(?: vrf [^ ]+)? ([0-9a-fA-F:.]+/\d+)${PATH}${OPTIONS}$`);

function classify(line: string): { readonly prefix: string } | 'mode' | undefined {
  if (line === 'configure terminal' || line === 'end') return 'mode';
  const [, address, mask] = IPV4_LINE.exec(line) ?? [];
  const prefix = address === undefined ? IPV6_LINE.exec(line)?.[1] : prefixOfMask(address, mask ?? '');
  const canonical = prefix === undefined ? undefined : parsePrefix(prefix)?.text;
  return canonical === undefined ? undefined : { prefix: canonical };
}
