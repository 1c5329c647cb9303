/** What a name server answers: question and zone in, message out. Pure and total. */
import dns, { type Answer, type DecodedPacket, type OptAnswer, type PacketOpt } from 'dns-packet';

export type Rcode = 'NOERROR' | 'FORMERR' | 'SERVFAIL' | 'NXDOMAIN' | 'NOTIMP' | 'REFUSED';

const RCODES: Readonly<Record<Rcode, number>> = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
};

const NSID = 3;
/** What a server tells of the largest datagram it takes (DNS flag day 2020). */
const UDP_PAYLOAD_SIZE = 1232;
/** Names of the CHAOS class that ask who answers (RFC 4892). */
const IDENTITY_NAMES = ['hostname.bind', 'id.server'];

/** What an answer is made from. */
export interface Zone {
  readonly records: readonly Answer[];
  /** Sent instead of what the zone says. */
  readonly rcode: Rcode | undefined;
  /** Sent instead of the zone's records, for any question. */
  readonly wrongRecords: readonly Answer[] | undefined;
  /** NSID and `hostname.bind`; undefined = the server does not tell. */
  readonly identity: string | undefined;
}

/** Reads a datagram; undefined where it is not a question. */
export function readQuestion(bytes: Buffer): DecodedPacket | undefined {
  try {
    const packet = dns.decode(bytes);
    return packet.flag_qr || packet.questions?.length !== 1 ? undefined : packet;
  } catch {
    return undefined;
  }
}

/** The reply on the wire. `truncated` leaves the answers out and says so. */
export function writeAnswer(query: DecodedPacket, zone: Zone, truncated: boolean): Buffer {
  const { rcode, answers } = decide(query, zone);
  const flags =
    RCODES[rcode] |
    dns.RECURSION_AVAILABLE |
    (query.flag_rd ? dns.RECURSION_DESIRED : 0) |
    (truncated ? dns.TRUNCATED_RESPONSE : 0);
  return dns.encode({
    type: 'response',
    ...(query.id === undefined ? {} : { id: query.id }),
    flags,
    ...(query.questions === undefined ? {} : { questions: query.questions }),
    answers: truncated ? [] : [...answers],
    additionals: edns(query, zone.identity),
  });
}

function decide(query: DecodedPacket, zone: Zone): { readonly rcode: Rcode; readonly answers: readonly Answer[] } {
  const question = query.questions?.[0];
  const name = question?.name.toLowerCase() ?? '';
  if (question?.class === 'CH') return chaos(name, zone.identity);
  if (zone.rcode !== undefined && zone.rcode !== 'NOERROR') return { rcode: zone.rcode, answers: [] };
  if (zone.wrongRecords !== undefined) return { rcode: 'NOERROR', answers: zone.wrongRecords };
  const ofName = zone.records.filter((record) => record.name.toLowerCase() === name);
  const answers = ofName.filter((record) => record.type === question?.type || record.type === 'CNAME');
  return { rcode: ofName.length === 0 ? 'NXDOMAIN' : 'NOERROR', answers };
}

function chaos(name: string, identity: string | undefined): { rcode: Rcode; answers: readonly Answer[] } {
  if (identity === undefined || !IDENTITY_NAMES.includes(name)) return { rcode: 'REFUSED', answers: [] };
  return { rcode: 'NOERROR', answers: [{ name, type: 'TXT', class: 'CH', ttl: 0, data: [identity] }] };
}

/** An OPT record if the query had one, with the server's name if it asked for that (RFC 5001). */
function edns(query: DecodedPacket, identity: string | undefined): OptAnswer[] {
  const asked = query.additionals?.find((record): record is OptAnswer => record.type === 'OPT');
  if (asked === undefined) return [];
  const wantsIdentity = asked.options.some(({ code }) => NSID === Number(code));
  // The types know only some options; the encoder writes any that has `data`.
  const nsid = { code: NSID, data: Buffer.from(identity ?? '') } as unknown as PacketOpt;
  return [
    {
      type: 'OPT',
      name: '.',
      udpPayloadSize: UDP_PAYLOAD_SIZE,
      extendedRcode: 0,
      ednsVersion: 0,
      flags: asked.flag_do ? dns.DNSSEC_OK : 0,
      flag_do: asked.flag_do,
      options: wantsIdentity && identity !== undefined ? [nsid] : [],
    },
  ];
}
