/** Queries, encoded once per options: a run only copies the bytes and sets its id. */
import dnsPacket from 'dns-packet';
import { type DnsOptions, FLAGS } from './options.ts';

/** A query ready to send, id zero. */
export interface Query {
  readonly bytes: Buffer;
  /** Where the question section ends; it starts at octet 12. */
  readonly questionEnd: number;
  /** For the transcript: `anycast.example.com IN A`. */
  readonly label: string;
  /** In lower case, without the trailing dot. */
  readonly name: string;
  readonly type: string;
  readonly class: string;
}

/** Option code of NSID (RFC 5001). */
export const NSID = 3;

/** The query that the options describe, with NSID asked for where they want it. */
export function mainQuery(options: DnsOptions): Query {
  return encode(options, options.name, options.type, options.class);
}

/** The CH TXT query by which the server says who it is (RFC 4892), or undefined if the options ask for none. */
export function identityQuery(options: DnsOptions): Query | undefined {
  const { identity } = options.expect;
  if (identity === undefined || identity === 'nsid') return undefined;
  return encode(options, identity, 'TXT', 'CH');
}

function encode(options: DnsOptions, name: string, type: DnsOptions['type'], recordClass: 'IN' | 'CH'): Query {
  const bytes = dnsPacket.encode({
    type: 'query',
    id: 0,
    flags: flagsOf(options),
    // The types of dns-packet leave out ANY, which its code knows.
    questions: [{ name, type: type as Exclude<typeof type, 'ANY'>, class: recordClass }],
    additionals: options.ednsSize === 0 ? [] : [opt(options)],
  });
  const plainName = name === '.' ? '' : name.replace(/\.$/, '');
  const nameLength = plainName === '' ? 1 : plainName.length + 2;
  return {
    bytes,
    questionEnd: 12 + nameLength + 4,
    label: `${name} ${recordClass} ${type}`,
    name: plainName === '' ? '.' : plainName.toLowerCase(),
    type,
    class: recordClass,
  };
}

function flagsOf(options: DnsOptions): number {
  let flags = 0;
  if (options.recursionDesired) flags |= FLAGS.RD;
  if (options.checkingDisabled) flags |= FLAGS.CD;
  // RFC 6840 5.7: without DO, a resolver sets AD only for a client that shows by AD that it understands it.
  if (options.expect.flags.require.includes('AD')) flags |= FLAGS.AD;
  return flags;
}

function opt(options: DnsOptions): dnsPacket.OptAnswer {
  const wantsNsid = options.expect.identity === 'nsid';
  return {
    name: '.',
    type: 'OPT',
    udpPayloadSize: options.ednsSize,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: options.dnssecOk ? dnsPacket.DNSSEC_OK : 0,
    flag_do: options.dnssecOk,
    // The types know no bare option; the code takes a code with data.
    options: wantsNsid ? [{ code: NSID, data: Buffer.alloc(0) } as unknown as dnsPacket.PacketOpt] : [],
  };
}
