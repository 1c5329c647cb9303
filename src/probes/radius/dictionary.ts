/** Names of codes and attributes, and how a value is shown. Source: RFC 2865 section 5, 2866, 2869, 3162; IANA radius-types. */
import ipaddr from 'ipaddr.js';

/** Packet codes of this probe. */
export const CODE = {
  accessRequest: 1,
  accessAccept: 2,
  accessReject: 3,
  accountingResponse: 5,
  accessChallenge: 11,
  statusServer: 12,
} as const;

/** Attributes that requests are built from. */
export const TYPE = {
  userName: 1,
  userPassword: 2,
  chapPassword: 3,
  nasIpAddress: 4,
  calledStationId: 30,
  callingStationId: 31,
  nasIdentifier: 32,
  messageAuthenticator: 80,
  nasIpv6Address: 95,
} as const;

/** How the octets of a value are read: the data types of RFC 8044 that we show. */
type ValueType = 'text' | 'octets' | 'integer' | 'ipv4' | 'ipv6';

const ATTRIBUTES: readonly (readonly [number: number, name: string, type: ValueType])[] = [
  [1, 'User-Name', 'text'],
  [4, 'NAS-IP-Address', 'ipv4'],
  [5, 'NAS-Port', 'integer'],
  [6, 'Service-Type', 'integer'],
  [7, 'Framed-Protocol', 'integer'],
  [8, 'Framed-IP-Address', 'ipv4'],
  [9, 'Framed-IP-Netmask', 'ipv4'],
  [10, 'Framed-Routing', 'integer'],
  [11, 'Filter-Id', 'text'],
  [12, 'Framed-MTU', 'integer'],
  [13, 'Framed-Compression', 'integer'],
  [14, 'Login-IP-Host', 'ipv4'],
  [15, 'Login-Service', 'integer'],
  [16, 'Login-TCP-Port', 'integer'],
  [18, 'Reply-Message', 'text'],
  [19, 'Callback-Number', 'text'],
  [22, 'Framed-Route', 'text'],
  [24, 'State', 'octets'],
  [25, 'Class', 'octets'],
  [26, 'Vendor-Specific', 'octets'],
  [27, 'Session-Timeout', 'integer'],
  [28, 'Idle-Timeout', 'integer'],
  [29, 'Termination-Action', 'integer'],
  [30, 'Called-Station-Id', 'text'],
  [31, 'Calling-Station-Id', 'text'],
  [32, 'NAS-Identifier', 'text'],
  [33, 'Proxy-State', 'octets'],
  [44, 'Acct-Session-Id', 'text'],
  [61, 'NAS-Port-Type', 'integer'],
  [62, 'Port-Limit', 'integer'],
  [79, 'EAP-Message', 'octets'],
  [80, 'Message-Authenticator', 'octets'],
  [85, 'Acct-Interim-Interval', 'integer'],
  [87, 'NAS-Port-Id', 'text'],
  [88, 'Framed-Pool', 'text'],
  [95, 'NAS-IPv6-Address', 'ipv6'],
  [101, 'Error-Cause', 'integer'],
];

const BY_NUMBER = new Map(ATTRIBUTES.map(([number, name, type]) => [number, { name, type }]));
const BY_NAME = new Map(ATTRIBUTES.map(([number, name]) => [name, number]));

const CODE_NAMES: Readonly<Record<number, string>> = {
  1: 'Access-Request',
  2: 'Access-Accept',
  3: 'Access-Reject',
  4: 'Accounting-Request',
  5: 'Accounting-Response',
  11: 'Access-Challenge',
  12: 'Status-Server',
  13: 'Status-Client',
  52: 'Protocol-Error',
};

/** Every attribute name that options may use. */
export const attributeNames: readonly string[] = [...BY_NAME.keys()];

/** `Access-Accept`, or `code 99` where we have no name. */
export function codeName(code: number): string {
  return CODE_NAMES[code] ?? `code ${code}`;
}

/** `Reply-Message`, or `attribute 200` where we have no name. */
export function attributeName(type: number): string {
  return BY_NUMBER.get(type)?.name ?? `attribute ${type}`;
}

/** Number of an attribute given by name or number; undefined for an unknown name. */
export function attributeNumber(nameOrNumber: string | number): number | undefined {
  return typeof nameOrNumber === 'number' ? nameOrNumber : BY_NAME.get(nameOrNumber);
}

/** A value as options write it: text, decimal, an address, or lower-case hex; a value of the wrong length is hex. */
export function valueText(type: number, value: Buffer): string {
  const kind = BY_NUMBER.get(type)?.type ?? 'octets';
  if (kind === 'text') return value.toString('utf8');
  if (kind === 'integer' && value.length === 4) return String(value.readUInt32BE(0));
  if (kind === 'ipv4' && value.length === 4) return value.join('.');
  if (kind === 'ipv6' && value.length === 16) return new ipaddr.IPv6([...value]).toRFC5952String();
  return value.toString('hex');
}
