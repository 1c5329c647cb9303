/** The part of snmp-native that is used: its codec. The package brings no types. */
declare module 'snmp-native' {
  interface VarBind {
    oid: number[];
    /** ASN.1 type byte; 0x43 is TimeTicks, 0x80 to 0x82 are noSuchObject, noSuchInstance and endOfMibView. */
    type: number;
    value: unknown;
  }
  export class Packet {
    version: number;
    community: string;
    pdu: { type: number; reqid: number; error: number; errorIndex: number; varbinds: VarBind[] };
  }
  export function encode(packet: Packet): Buffer;
  /** Throws on anything malformed. */
  export function parse(message: Buffer): Packet;
}
