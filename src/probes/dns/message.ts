/** A reply on the wire -> message. Total: any bytes give a result, never a throw. */
import dnsPacket, { type Answer } from 'dns-packet';
import { messageOf } from '../../lib/errors.ts';
import { RCODES } from './options.ts';
import { NSID, type Query } from './query.ts';
import { canonicalName, rdataText } from './rdata.ts';

/** One record of the answer section. */
export interface DnsRecord {
  /** Owner in lower case, without the trailing dot. */
  readonly name: string;
  readonly class: string;
  readonly type: string;
  /** Seconds. */
  readonly ttl: number;
  /** Data in the canonical text of `rdataText`. */
  readonly text: string;
}

export interface DnsMessage {
  /** Name of the response code, extended by EDNS; `RCODE_11` where IANA has none. */
  readonly rcode: string;
  /** The 16 bits of the header. */
  readonly flags: number;
  readonly answers: readonly DnsRecord[];
  /** NSID option (RFC 5001), if the server sent one. */
  readonly nsid: Buffer | undefined;
}

/** What a message is to the query that waits. */
export type Reply =
  | { readonly kind: 'message'; readonly message: DnsMessage }
  /** The answer has TC set: the whole one is to be asked for over TCP (RFC 7766). */
  | { readonly kind: 'truncated' }
  /** The peer's, but not DNS. */
  | { readonly kind: 'malformed'; readonly why: string }
  /** Not an answer to this query: to be ignored, the wait goes on. */
  | { readonly kind: 'foreign'; readonly why: string };

/**
 * Most records that are decoded. A probe's answer has a few; the bound keeps a message made of compression
 * pointers (each record can walk thousands) from stalling the loop.
 */
const MAX_ANSWERS = 1000;

const HEADER = 12;
const TRUNCATED = 0x0200;
const TYPE_A = 1;
const TYPE_AAAA = 28;
const TYPE_OPT = 41;

/** dns-packet decodes single records too, which its types leave out. */
const recordCodec = (
  dnsPacket as unknown as { answer: { decode: ((bytes: Buffer, offset: number) => Answer) & { bytes: number } } }
).answer;

/** Reads `bytes` as the reply to `query` that was sent with `id`. */
export function readReply(bytes: Buffer, query: Query, id: number): Reply {
  if (bytes.length < 2 || bytes.readUInt16BE(0) !== id) return foreign('its id is another');
  if (bytes.length < HEADER) return malformed('shorter than a DNS header');
  const flags = bytes.readUInt16BE(2);
  if ((flags & 0xf800) !== 0x8000) return foreign('it is not a response to a query');
  const questions = bytes.readUInt16BE(4);
  // A server that cannot read the query (an EDNS of which it knows nothing) may send the header alone.
  if (questions === 0 && (flags & 0xf) === RCODES.FORMERR)
    return message({ rcode: 'FORMERR', flags, answers: [], nsid: undefined });
  if (questions !== 1) return foreign(`it has ${questions} questions`);
  if (bytes.length < query.questionEnd) return malformed('its question is cut off');
  if (!sameQuestion(bytes, query)) return foreign('its question is another');
  if ((flags & TRUNCATED) !== 0) return { kind: 'truncated' };
  try {
    return decode(bytes, query.questionEnd, flags);
  } catch (error) {
    return malformed(messageOf(error));
  }
}

const foreign = (why: string): Reply => ({ kind: 'foreign', why });
const malformed = (why: string): Reply => ({ kind: 'malformed', why });
const message = (content: DnsMessage): Reply => ({ kind: 'message', message: content });

/** Compares the octets, letters without case: the question is never compressed. */
function sameQuestion(bytes: Buffer, query: Query): boolean {
  for (let i = HEADER; i < query.questionEnd; i++) {
    if (lower(bytes[i] ?? 0) !== lower(query.bytes[i] ?? 0)) return false;
  }
  return true;
}

function lower(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
}

function decode(bytes: Buffer, start: number, flags: number): Reply {
  const answerCount = bytes.readUInt16BE(6);
  if (answerCount > MAX_ANSWERS) return malformed(`${answerCount} answers; at most ${MAX_ANSWERS} are read`);
  const others = bytes.readUInt16BE(8) + bytes.readUInt16BE(10);
  const answers: DnsRecord[] = [];
  let rcode = flags & 0xf;
  let nsid: Buffer | undefined;
  let offset = start;
  for (let i = 0; i < answerCount + others; i++) {
    const layout = layoutOf(bytes, offset);
    if (i < answerCount) answers.push(decodeAnswer(bytes, offset, layout));
    else if (layout.type === TYPE_OPT) {
      rcode |= (bytes[layout.fixed + 4] ?? 0) << 4;
      nsid = optionOf(bytes.subarray(layout.data, layout.end), NSID);
    }
    offset = layout.end;
  }
  return message({ rcode: nameOfRcode(rcode), flags, answers, nsid });
}

interface Layout {
  readonly type: number;
  /** Offsets: of type, class, TTL and length; of the data; of the next record. */
  readonly fixed: number;
  readonly data: number;
  readonly end: number;
}

/** Where the parts of the record at `offset` are. Throws where it leaves the message: dns-packet does not look. */
function layoutOf(bytes: Buffer, offset: number): Layout {
  const fixed = endOfName(bytes, offset);
  const data = fixed + 10;
  const type = bytes.readUInt16BE(fixed);
  const length = bytes.readUInt16BE(fixed + 8);
  const end = data + length;
  if (end > bytes.length) throw new Error('a record is cut off');
  if ((type === TYPE_A && length !== 4) || (type === TYPE_AAAA && length !== 16))
    throw new Error(`an address of ${length} octets`);
  return { type, fixed, data, end };
}

function endOfName(bytes: Buffer, start: number): number {
  let offset = start;
  for (;;) {
    const length = bytes[offset];
    if (length === undefined) throw new Error('a name is cut off');
    if (length === 0) return offset + 1;
    if (length >= 0xc0) return offset + 2;
    if (length > 63) throw new Error('a label of an unknown kind');
    offset += length + 1;
  }
}

function decodeAnswer(bytes: Buffer, offset: number, layout: Layout): DnsRecord {
  const record = recordCodec.decode(bytes, offset);
  if (recordCodec.decode.bytes !== layout.end - offset) throw new Error(`the data of a ${record.type} is malformed`);
  const { ttl = 0, class: named = 'IN' } = record.type === 'OPT' ? {} : record;
  const code = bytes.readUInt16BE(layout.fixed + 2);
  return {
    name: canonicalName(record.name),
    // dns-packet drops the topmost bit, which belongs to the class everywhere but in mDNS.
    class: code > 0x7fff ? `CLASS${code}` : named,
    type: record.type,
    // RFC 2181 section 8.
    ttl: ttl > 0x7fff_ffff ? 0 : ttl,
    text: rdataText(record),
  };
}

/** The data of EDNS option `code`, if present (RFC 6891 6.1.2). Throws where an option leaves the record. */
function optionOf(options: Buffer, code: number): Buffer | undefined {
  for (let offset = 0; offset < options.length; ) {
    const end = offset + 4 + options.readUInt16BE(offset + 2);
    if (end > options.length) throw new Error('an EDNS option is cut off');
    if (options.readUInt16BE(offset) === code) return options.subarray(offset + 4, end);
    offset = end;
  }
  return undefined;
}

const NAME_OF_RCODE: ReadonlyMap<number, string> = new Map(Object.entries(RCODES).map(([name, code]) => [code, name]));

function nameOfRcode(code: number): string {
  return NAME_OF_RCODE.get(code) ?? `RCODE_${code}`;
}
