import { z } from 'zod';
import { canonicalAddress, familyOf, parsePrefix } from '../../lib/ip.ts';
import { patternSchema } from '../text-rule.ts';

/** Record types that can be asked for: those whose data we can print and compare. ANY is left to RFC 8482. */
const TYPES = [
  ...['A', 'AAAA', 'CAA', 'CNAME', 'DNAME', 'DNSKEY', 'DS', 'HINFO', 'MX', 'NAPTR', 'NS', 'NSEC', 'NSEC3'],
  ...['NSEC3PARAM', 'PTR', 'RP', 'RRSIG', 'SOA', 'SRV', 'SSHFP', 'TLSA', 'TXT', 'CDNSKEY', 'CDS', 'CERT'],
  ...['AFSDB', 'LOC', 'ANY'],
] as const;

/** IANA DNS RCODEs of queries; above 15 they need EDNS (RFC 6891). */
export const RCODES = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  BADVERS: 16,
  BADCOOKIE: 23,
} as const;

/** Header flags that an answer can be asked to have or not to have (RFC 1035 4.1.1, RFC 4035 3.2). TC is none of them: it sends the probe to TCP. */
export const FLAGS = { AA: 0x0400, RD: 0x0100, RA: 0x0080, AD: 0x0020, CD: 0x0010 } as const;

const RCODE = z.enum(Object.keys(RCODES) as (keyof typeof RCODES)[]);
const FLAG = z.enum(Object.keys(FLAGS) as (keyof typeof FLAGS)[]);

/** RFC 1035 2.3.4: labels of at most 63 octets, 253 characters in all; letters outside ASCII are written as xn--. */
const NAME = z
  .string()
  .refine((text) => text === '.' || (/^[!-~]+$/.test(text) && !text.includes('\\') && isName(text)), {
    error: 'a DNS name is allowed: labels of 1 to 63 ASCII characters, at most 253 in all (IDN as xn--)',
  });

function isName(text: string): boolean {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  return name.length <= 253 && name.split('.').every((label) => label.length > 0 && label.length <= 63);
}

const PREFIX = z.string().refine((text) => parsePrefix(text) !== undefined, {
  error: 'a prefix with its host bits zero is allowed, such as 192.0.2.0/24',
});

const ANSWERS = z.strictObject({
  exact: z.array(z.string()).min(1).optional().describe('The answers, all of them and no other, in any order.'),
  include: z.array(z.string()).min(1).optional().describe('Answers that must be among those returned.'),
  match: patternSchema
    .optional()
    .describe('Regular expression that at least one answer must match (first 512 characters).'),
  within: z.array(PREFIX).min(1).optional().describe('Prefixes: every returned address must lie in one (A, AAAA).'),
  min: z.int().min(0).default(1).describe('Fewest answers of the asked type.'),
  max: z.int().min(0).optional().describe('Most answers of the asked type.'),
});

const EXPECT = z.strictObject({
  rcode: z
    .union([RCODE.transform((one) => [one]), z.array(RCODE).min(1)])
    .default(['NOERROR'])
    .describe('Response code, or a list of those that are right.'),
  answers: ANSWERS.prefault({}).describe('What the answers must be; looked at when the response code is NOERROR.'),
  flags: z
    .strictObject({
      require: z.array(FLAG).default([]).describe('Header flags that must be set: AA, RD, RA, AD, CD.'),
      forbid: z.array(FLAG).default([]).describe('Header flags that must not be set.'),
    })
    .prefault({})
    .describe('Header flags of the answer. Requiring AD also sets AD in the query (RFC 6840 5.7).'),
  minTtl: z.int().min(0).optional().describe('Lowest TTL that an answer may have, seconds.'),
  identity: z
    .enum(['nsid', 'hostname.bind', 'id.server'])
    .optional()
    .describe(
      "How the server says who it is, compared with the endpoint's identity: NSID in the same query (RFC 5001), or a second query CH TXT (RFC 4892).",
    ),
});

/** Options of `dns:` as written in YAML, with defaults. Plain data: patterns and prefixes stay text. */
export const dnsOptions = z
  .strictObject({
    name: NAME.describe('Name to ask for, from a zone that this server answers for or can resolve.'),
    type: z.enum(TYPES).default('A').describe('Record type to ask for.'),
    class: z.enum(['IN', 'CH']).default('IN').describe('Class to ask in; CH is where servers describe themselves.'),
    port: z.int().min(1).max(65_535).default(53).describe('Port of the server, UDP and TCP.'),
    transport: z
      .enum(['udp', 'tcp'])
      .default('udp')
      .describe('udp falls back to TCP when the answer is truncated; tcp asks over TCP only.'),
    recursionDesired: z.boolean().default(true).describe('Sets RD: ask a resolver to resolve.'),
    dnssecOk: z.boolean().default(false).describe('Sets DO: ask for DNSSEC records (RFC 3225). Needs EDNS.'),
    checkingDisabled: z.boolean().default(false).describe('Sets CD: ask a validator not to validate (RFC 4035).'),
    ednsSize: z
      .union([z.literal(0), z.int().min(512).max(4096)])
      .default(1232)
      .describe('UDP payload size offered by EDNS, 512 to 4096 octets; 0 = no EDNS.'),
    expect: EXPECT.prefault({}).describe('What a healthy server answers.'),
  })
  .superRefine((options, context) => {
    for (const [path, message] of contradictions(options)) context.addIssue({ code: 'custom', path, message });
  });

export type DnsOptions = z.output<typeof dnsOptions>;

type Contradiction = readonly [path: string[], message: string];

function contradictions(options: DnsOptions): Contradiction[] {
  return [...ednsContradictions(options), ...answerContradictions(options)];
}

function ednsContradictions({ ednsSize, dnssecOk, expect }: DnsOptions): Contradiction[] {
  if (ednsSize !== 0) return [];
  const found: Contradiction[] = [];
  if (dnssecOk) found.push([['dnssecOk'], 'needs EDNS: ednsSize must not be 0']);
  if (expect.identity === 'nsid') found.push([['expect', 'identity'], 'nsid needs EDNS: ednsSize must not be 0']);
  return found;
}

function answerContradictions({ type, expect }: DnsOptions): Contradiction[] {
  const { exact, include, match, within, min, max } = expect.answers;
  const found: Contradiction[] = [];
  if (max !== undefined && max < min) found.push([['expect', 'answers', 'max'], `must be at least min (${min})`]);
  if (!expect.rcode.includes('NOERROR') && (exact ?? include ?? match ?? within) !== undefined)
    found.push([['expect', 'answers'], 'are looked at only with NOERROR, which expect.rcode does not allow']);
  if (within !== undefined && type !== 'A' && type !== 'AAAA')
    found.push([['expect', 'answers', 'within'], 'is for the types A and AAAA']);
  for (const [list, texts] of Object.entries({ exact, include }))
    for (const text of texts ?? [])
      if (!isAnswerOf(type, text))
        found.push([['expect', 'answers', list], `${text} is not an address that an ${type} record can hold`]);
  return found;
}

function isAnswerOf(type: DnsOptions['type'], text: string): boolean {
  if (type !== 'A' && type !== 'AAAA') return true;
  const address = canonicalAddress(text);
  return address !== undefined && familyOf(address) === (type === 'A' ? 4 : 6);
}
