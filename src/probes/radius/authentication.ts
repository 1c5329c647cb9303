/**
 * What the shared secret proves and hides: RFC 2865 sections 3, 5.2 and 5.3, RFC 3579 section 3.2. Pure.
 * MD5 is the protocol's, not our choice; Message-Authenticator (HMAC-MD5) is what still holds, see CVE-2024-3596.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { TYPE } from './dictionary.ts';
import { HEADER_LENGTH, type Packet, valuesOf } from './packet.ts';

/** Room for a Message-Authenticator before it is computed; it is signed over as zeros. */
export const UNSIGNED = Buffer.alloc(16);

/** What a reply proves: `signed` = both proofs hold, `unsigned` = only the Response Authenticator is there, `wrong` = neither can be believed. */
export type Authenticity = 'signed' | 'unsigned' | 'wrong';

/** Fills in the Message-Authenticator, in place. It must be the first attribute, still zero, as `buildRequest` makes it. */
export function signRequest(request: Buffer, secret: string): void {
  createHmac('md5', secret)
    .update(request)
    .digest()
    .copy(request, HEADER_LENGTH + 2);
}

/** Checks a reply against the authenticator of its request. Compares in constant time. */
export function verifyReply(reply: Packet, requestAuthenticator: Buffer, secret: string): Authenticity {
  const bytes = Buffer.from(reply.bytes);
  requestAuthenticator.copy(bytes, 4, 0, 16);
  const expected = createHash('md5').update(bytes).update(secret).digest();
  if (!timingSafeEqual(expected, reply.authenticator)) return 'wrong';

  const [signature, ...more] = valuesOf(reply, TYPE.messageAuthenticator);
  if (signature === undefined) return 'unsigned';
  if (signature.length !== 16 || more.length > 0) return 'wrong';
  // The value is a view into the packet, so its place there is the distance of the two views.
  bytes.fill(0, signature.byteOffset - reply.bytes.byteOffset, signature.byteOffset - reply.bytes.byteOffset + 16);
  const digest = createHmac('md5', secret).update(bytes).digest();
  return timingSafeEqual(digest, signature) ? 'signed' : 'wrong';
}

/**
 * Hides a User-Password (RFC 2865 section 5.2): padded with zeros to a multiple of 16, each block XORed with
 * MD5(secret + the hidden block before it), the first with MD5(secret + Request Authenticator).
 * @param password 0 to 128 octets
 */
export function hidePassword(password: Buffer, secret: string, requestAuthenticator: Buffer): Buffer {
  const hidden = Buffer.alloc(Math.max(16, Math.ceil(password.length / 16) * 16));
  password.copy(hidden);
  let previous = requestAuthenticator;
  for (let start = 0; start < hidden.length; start += 16) {
    const key = createHash('md5').update(secret).update(previous).digest();
    for (let i = 0; i < 16; i++) hidden.writeUInt8(hidden.readUInt8(start + i) ^ key.readUInt8(i), start + i);
    previous = hidden.subarray(start, start + 16);
  }
  return hidden;
}

/** The value of CHAP-Password (RFC 2865 section 5.3): the CHAP identifier and MD5(identifier + password + challenge). */
export function chapPassword(identifier: number, password: Buffer, challenge: Buffer): Buffer {
  const id = Buffer.of(identifier);
  return Buffer.concat([id, createHash('md5').update(id).update(password).update(challenge).digest()]);
}
