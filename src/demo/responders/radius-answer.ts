/**
 * What a RADIUS server answers (RFC 2865, 2866, 2869, 5997). Pure and total.
 * Written apart from the probe's codec on purpose: two readings of the RFCs that must agree.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const CODE = {
  accessRequest: 1,
  accessAccept: 2,
  accessReject: 3,
  accountingRequest: 4,
  accountingResponse: 5,
  statusServer: 12,
} as const;

const TYPE = {
  userName: 1,
  userPassword: 2,
  chapPassword: 3,
  chapChallenge: 60,
  replyMessage: 18,
  signature: 80,
} as const;

const HEADER = 20;

export interface RadiusServer {
  readonly secret: string;
  /** Name and password of the accounts. */
  readonly users: Readonly<Record<string, string>>;
  /** Text of Reply-Message in every answer. */
  readonly replyMessage: string | undefined;
  /** Refuses right passwords too. */
  readonly reject: boolean;
  /** Leaves Message-Authenticator out, as a server that was never hardened against BlastRADIUS. */
  readonly unsigned: boolean;
  /** Signs its answers with this instead of the secret. */
  readonly answerSecret: string | undefined;
}

interface Request {
  readonly code: number;
  readonly identifier: number;
  readonly authenticator: Buffer;
  readonly attributes: readonly { readonly type: number; readonly value: Buffer; readonly at: number }[];
  readonly bytes: Buffer;
}

/** The answer to a datagram, or undefined where a server stays silent: malformed or not signed with the secret. */
export function answerRadius(datagram: Buffer, server: RadiusServer): Buffer | undefined {
  const request = read(datagram);
  if (request === undefined || !isGenuine(request, server.secret)) return undefined;
  const code = replyCode(request, server);
  return code === undefined ? undefined : write(code, request, server);
}

function replyCode(request: Request, server: RadiusServer): number | undefined {
  switch (request.code) {
    case CODE.statusServer:
      return CODE.accessAccept;
    case CODE.accountingRequest:
      return CODE.accountingResponse;
    case CODE.accessRequest:
      return !server.reject && knowsPassword(request, server) ? CODE.accessAccept : CODE.accessReject;
    default:
      return undefined;
  }
}

function read(datagram: Buffer): Request | undefined {
  if (datagram.length < HEADER) return undefined;
  const length = datagram.readUInt16BE(2);
  if (length < HEADER || length > datagram.length) return undefined;
  const bytes = datagram.subarray(0, length);
  const attributes: { type: number; value: Buffer; at: number }[] = [];
  for (let at = HEADER; at < length; ) {
    const size = at + 1 < length ? bytes.readUInt8(at + 1) : 0;
    if (size < 2 || at + size > length) return undefined;
    attributes.push({ type: bytes.readUInt8(at), value: bytes.subarray(at + 2, at + size), at });
    at += size;
  }
  const identifier = bytes.readUInt8(1);
  return { code: bytes.readUInt8(0), identifier, authenticator: bytes.subarray(4, HEADER), attributes, bytes };
}

/** Access-Request and Status-Server must carry a right Message-Authenticator; accounting proves itself by its header. */
function isGenuine(request: Request, secret: string): boolean {
  if (request.code === CODE.accountingRequest) {
    const zeroed = Buffer.from(request.bytes).fill(0, 4, HEADER);
    return timingSafeEqual(md5(zeroed, Buffer.from(secret)), request.authenticator);
  }
  const signatures = request.attributes.filter(({ type }) => type === TYPE.signature);
  const [signature] = signatures;
  if (signature === undefined || signatures.length > 1 || signature.value.length !== 16) return false;
  const zeroed = Buffer.from(request.bytes).fill(0, signature.at + 2, signature.at + 18);
  return timingSafeEqual(hmac(secret, zeroed), signature.value);
}

function knowsPassword(request: Request, { users, secret }: RadiusServer): boolean {
  const wanted = Object.entries(users).find(([name]) => name === firstValue(request, TYPE.userName)?.toString())?.[1];
  if (wanted === undefined) return false;
  const hidden = firstValue(request, TYPE.userPassword);
  if (hidden !== undefined) return reveal(hidden, secret, request.authenticator) === wanted;
  const chap = firstValue(request, TYPE.chapPassword);
  if (chap?.length !== 17) return false;
  const challenge = firstValue(request, TYPE.chapChallenge) ?? request.authenticator;
  return timingSafeEqual(md5(chap.subarray(0, 1), Buffer.from(wanted), challenge), chap.subarray(1));
}

/** User-Password in clear (RFC 2865 section 5.2): each 16 octets XOR MD5(secret + what stood before). */
function reveal(hidden: Buffer, secret: string, authenticator: Buffer): string | undefined {
  if (hidden.length === 0 || hidden.length % 16 !== 0) return undefined;
  const clear = Buffer.alloc(hidden.length);
  for (let start = 0; start < hidden.length; start += 16) {
    const before = start === 0 ? authenticator : hidden.subarray(start - 16, start);
    const pad = md5(Buffer.from(secret), before);
    for (let index = 0; index < 16; index++) clear[start + index] = (hidden[start + index] ?? 0) ^ (pad[index] ?? 0);
  }
  const end = clear.indexOf(0);
  return clear.subarray(0, end < 0 ? clear.length : end).toString();
}

/** The signature stands first: nothing an attacker can put in front of it (CVE-2024-3596). */
function write(code: number, request: Request, server: RadiusServer): Buffer {
  const secret = server.answerSecret ?? server.secret;
  const message =
    server.replyMessage === undefined ? [] : [attribute(TYPE.replyMessage, Buffer.from(server.replyMessage))];
  // Message-Authenticator is not for accounting (RFC 3579 section 3.3).
  const unsigned = server.unsigned || code === CODE.accountingResponse;
  const signature = unsigned ? [] : [attribute(TYPE.signature, Buffer.alloc(16))];
  const body = Buffer.concat([...signature, ...message]);
  const header = Buffer.alloc(4);
  header.writeUInt8(code, 0);
  header.writeUInt8(request.identifier, 1);
  header.writeUInt16BE(HEADER + body.length, 2);
  const reply = Buffer.concat([header, request.authenticator, body]);
  if (!unsigned) hmac(secret, reply).copy(reply, HEADER + 2);
  md5(reply, Buffer.from(secret)).copy(reply, 4);
  return reply;
}

function attribute(type: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.of(type, value.length + 2), value]);
}

function firstValue(request: Request, type: number): Buffer | undefined {
  return request.attributes.find((one) => one.type === type)?.value;
}

function md5(...parts: readonly Buffer[]): Buffer {
  return createHash('md5').update(Buffer.concat(parts)).digest();
}

function hmac(secret: string, bytes: Buffer): Buffer {
  return createHmac('md5', secret).update(bytes).digest();
}
