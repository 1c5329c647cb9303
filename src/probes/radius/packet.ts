/** The RADIUS packet (RFC 2865 section 3): pure and total, any bytes give a packet or the reason why they are none. */
import { InternalError } from '../../lib/errors.ts';

/** One attribute: `type` 1 to 255, `value` 0 to 253 octets as on the wire. */
export interface Attribute {
  readonly type: number;
  readonly value: Buffer;
}

export interface Packet {
  readonly code: number;
  /** 0 to 255; a reply carries that of its request. */
  readonly identifier: number;
  /** 16 octets: random in a request, proof of the secret in a reply. */
  readonly authenticator: Buffer;
  readonly attributes: readonly Attribute[];
  /** The octets that the Length field covers: what signatures are computed over. */
  readonly bytes: Buffer;
}

/** Why a datagram is not a RADIUS packet. */
export interface Malformed {
  readonly problem: string;
}

/** Code, Identifier, Length and Authenticator. */
export const HEADER_LENGTH = 20;
const MAX_PACKET_LENGTH = 4096;
const MAX_VALUE_LENGTH = 253;

/**
 * Writes a packet. The authenticator is put in as it is; signatures are the business of `authentication.ts`.
 * @throws InternalError where the fields are outside their ranges: the option schema keeps them inside
 */
export function encode(packet: Omit<Packet, 'bytes'>): Buffer {
  let length = HEADER_LENGTH;
  for (const { value } of packet.attributes) length += 2 + value.length;
  if (length > MAX_PACKET_LENGTH) throw new InternalError('a RADIUS packet is too long', { facts: { length } });

  const bytes = Buffer.alloc(length);
  bytes.writeUInt8(packet.code, 0);
  bytes.writeUInt8(packet.identifier, 1);
  bytes.writeUInt16BE(length, 2);
  packet.authenticator.copy(bytes, 4, 0, 16);
  let offset = HEADER_LENGTH;
  for (const { type, value } of packet.attributes) {
    if (value.length > MAX_VALUE_LENGTH) throw new InternalError('a RADIUS attribute is too long', { facts: { type } });
    bytes.writeUInt8(type, offset);
    bytes.writeUInt8(value.length + 2, offset + 1);
    value.copy(bytes, offset + 2);
    offset += value.length + 2;
  }
  return bytes;
}

/** Reads a packet. Octets beyond the Length field are padding and ignored (RFC 2865 section 3); values are views, not copies. */
export function decode(datagram: Buffer): Packet | Malformed {
  if (datagram.length < HEADER_LENGTH) return { problem: `${datagram.length} octets, a packet has at least 20` };
  const length = datagram.readUInt16BE(2);
  if (length < HEADER_LENGTH || length > MAX_PACKET_LENGTH)
    return { problem: `Length field ${length}, allowed 20 to 4096` };
  if (length > datagram.length)
    return { problem: `Length field ${length}, but only ${datagram.length} octets arrived` };

  const bytes = datagram.subarray(0, length);
  const attributes: Attribute[] = [];
  for (let offset = HEADER_LENGTH; offset < length; ) {
    const size = bytes[offset + 1] ?? 0;
    if (size < 2 || offset + size > length) return { problem: `attribute at octet ${offset} has length ${size}` };
    attributes.push({ type: bytes.readUInt8(offset), value: bytes.subarray(offset + 2, offset + size) });
    offset += size;
  }
  return {
    code: bytes.readUInt8(0),
    identifier: bytes.readUInt8(1),
    authenticator: bytes.subarray(4, HEADER_LENGTH),
    attributes,
    bytes,
  };
}

/** Values of every attribute of one type, in order. */
export function valuesOf(packet: Packet, type: number): Buffer[] {
  return packet.attributes.filter((attribute) => attribute.type === type).map((attribute) => attribute.value);
}
