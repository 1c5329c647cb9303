/** DNS over TCP: each message is preceded by its length in two octets (RFC 1035 4.2.2, RFC 7766). */

/** `message` with its length in front, as one buffer so that it leaves in one segment (RFC 7766 8). */
export function frame(message: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(message.length + 2);
  framed.writeUInt16BE(message.length, 0);
  message.copy(framed, 2);
  return framed;
}

/** Cuts a stream into messages, however it was split. Holds at most one message of 65,535 octets and one chunk. */
export class Deframer {
  #rest: Buffer = Buffer.alloc(0);

  /** The messages that `chunk` completes, in order. */
  push(chunk: Buffer): Buffer[] {
    let rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const messages: Buffer[] = [];
    while (rest.length >= 2) {
      const end = 2 + rest.readUInt16BE(0);
      if (rest.length < end) break;
      messages.push(rest.subarray(2, end));
      rest = rest.subarray(end);
    }
    this.#rest = rest;
    return messages;
  }
}
