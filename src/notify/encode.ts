/** From a notification in the MIB's words to the varbinds of an SNMP message. */
import ipaddr from 'ipaddr.js';
import { canonicalAddress, familyOf } from '../lib/ip.ts';
import { ENUMS, notificationOid, OBJECTS, objectOid, type Syntax } from './mib.ts';
import type { Notification, Value } from './notification.ts';

/** Types of SMIv2 values by their BER tags (RFC 3416 section 3). */
const TAG = { integer: 2, octetString: 4, unsigned32: 66 } as const;

/** A varbind as the net-snmp package takes it. */
interface WireVarbind {
  readonly oid: string;
  readonly type: number;
  readonly value: number | Buffer;
}

export interface WireNotification {
  /** The value of snmpTrapOID.0. */
  readonly oid: string;
  readonly varbinds: readonly WireVarbind[];
}

/** SnmpAdminString and InetAddress hold at most this many octets. */
const MAX_OCTETS = 255;

/** The end of the year 9999. */
const LATEST_MS = 253_402_300_799_999;

/**
 * Encodes a notification. Total: a value that its syntax cannot carry becomes the nearest one that it can,
 * because a notification with one odd field is worth more than none.
 */
export function encode(notification: Notification, baseOid: string): WireNotification {
  return {
    oid: notificationOid(baseOid, notification.name),
    varbinds: notification.varbinds.map(({ object, value }) => ({
      oid: objectOid(baseOid, object),
      ...wireValue(OBJECTS[object].syntax, value),
    })),
  };
}

function wireValue(syntax: Syntax, value: Value): Omit<WireVarbind, 'oid'> {
  switch (syntax) {
    case 'text':
      return { type: TAG.octetString, value: cutUtf8(String(value)) };
    case 'unsigned':
      return { type: TAG.unsigned32, value: unsigned32(Number(value)) };
    case 'time':
      return { type: TAG.octetString, value: dateAndTime(Number(value)) };
    case 'addressType':
      return { type: TAG.integer, value: addressType(String(value)) };
    case 'address':
      return { type: TAG.octetString, value: addressOctets(String(value)) };
    case 'state':
    case 'verdict':
    case 'operation':
      return { type: TAG.integer, value: named(ENUMS[syntax], String(value)) };
  }
}

/** UTF-8 of a text, cut before a character that would not fit. */
function cutUtf8(text: string): Buffer {
  const octets = Buffer.from(text, 'utf8');
  if (octets.length <= MAX_OCTETS) return octets;
  let end = MAX_OCTETS;
  // 10xxxxxx continues a character.
  while (end > 0 && ((octets[end] ?? 0) & 0xc0) === 0x80) end--;
  return octets.subarray(0, end);
}

function unsigned32(value: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(0, Math.round(value)), 0xffff_ffff) : 0;
}

/** DateAndTime of SNMPv2-TC (RFC 2579) in UTC, 11 octets. */
function dateAndTime(wallMs: number): Buffer {
  const time = new Date(Number.isFinite(wallMs) ? Math.min(Math.max(0, wallMs), LATEST_MS) : 0);
  const octets = Buffer.alloc(11);
  octets.writeUInt16BE(time.getUTCFullYear(), 0);
  octets[2] = time.getUTCMonth() + 1;
  octets[3] = time.getUTCDate();
  octets[4] = time.getUTCHours();
  octets[5] = time.getUTCMinutes();
  octets[6] = time.getUTCSeconds();
  octets[7] = Math.floor(time.getUTCMilliseconds() / 100);
  octets.write('+', 8, 'latin1');
  return octets;
}

/** InetAddressType: unknown(0), ipv4(1), ipv6(2) (RFC 4001). */
function addressType(address: string): number {
  if (canonicalAddress(address) === undefined) return 0;
  return familyOf(address) === 4 ? 1 : 2;
}

function addressOctets(address: string): Buffer {
  const canonical = canonicalAddress(address);
  return Buffer.from(canonical === undefined ? [] : ipaddr.parse(canonical).toByteArray());
}

function named(names: Readonly<Record<string, number>>, name: string): number {
  // `valueOf` is a property of every object, and no name of ours.
  const number = Object.hasOwn(names, name) ? names[name] : undefined;
  return number ?? Math.min(...Object.values(names));
}
