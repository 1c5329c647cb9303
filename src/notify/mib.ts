/**
 * ANYTRACK-MIB as data: object and notification numbers, and what each notification carries.
 * mibs/ANYTRACK-MIB.txt says the same in SMIv2; a test holds the two together.
 */

/** How the value of an object goes over the wire. */
export type Syntax =
  /** SnmpAdminString: UTF-8, at most 255 octets. */
  | 'text'
  /** Unsigned32. */
  | 'unsigned'
  /** DateAndTime in UTC; the value is wall milliseconds. */
  | 'time'
  /** InetAddressType of the address that stands beside it; the value is the address. */
  | 'addressType'
  /** InetAddress. */
  | 'address'
  /** INTEGER with the names of `ENUMS`. */
  | 'state'
  | 'verdict'
  | 'operation';

/** Named numbers; a name that is missing here cannot be sent. */
export const ENUMS = {
  state: { unknown: 1, up: 2, down: 3 },
  verdict: { none: 1, announce: 2, withdraw: 3, hold: 4 },
  operation: { add: 1, remove: 2 },
} as const satisfies Partial<Record<Syntax, Readonly<Record<string, number>>>>;

/** Every object of a notification: its number under `anytrackObjects` and its syntax. */
export const OBJECTS = {
  anytrackSite: { id: 1, syntax: 'text' },
  anytrackSender: { id: 2, syntax: 'text' },
  anytrackSequence: { id: 3, syntax: 'unsigned' },
  anytrackEventTime: { id: 4, syntax: 'time' },
  anytrackPolicy: { id: 5, syntax: 'text' },
  anytrackAddressType: { id: 6, syntax: 'addressType' },
  anytrackAddress: { id: 7, syntax: 'address' },
  anytrackEndpoint: { id: 8, syntax: 'text' },
  anytrackTarget: { id: 9, syntax: 'text' },
  anytrackProbe: { id: 10, syntax: 'text' },
  anytrackRouter: { id: 11, syntax: 'text' },
  anytrackNextHopType: { id: 12, syntax: 'addressType' },
  anytrackNextHop: { id: 13, syntax: 'address' },
  anytrackRoute: { id: 14, syntax: 'text' },
  anytrackRouteOperation: { id: 15, syntax: 'operation' },
  anytrackOldState: { id: 16, syntax: 'state' },
  anytrackNewState: { id: 17, syntax: 'state' },
  anytrackOldVerdict: { id: 18, syntax: 'verdict' },
  anytrackNewVerdict: { id: 19, syntax: 'verdict' },
  anytrackReason: { id: 20, syntax: 'text' },
  anytrackErrorCode: { id: 21, syntax: 'text' },
  anytrackDetail: { id: 22, syntax: 'text' },
  anytrackUpCount: { id: 23, syntax: 'unsigned' },
  anytrackTotalCount: { id: 24, syntax: 'unsigned' },
  anytrackDuration: { id: 25, syntax: 'unsigned' },
  anytrackSpoiledCount: { id: 26, syntax: 'unsigned' },
  anytrackPolicyCount: { id: 27, syntax: 'unsigned' },
  anytrackRouterCount: { id: 28, syntax: 'unsigned' },
  anytrackDroppedCount: { id: 29, syntax: 'unsigned' },
  anytrackProblemCount: { id: 30, syntax: 'unsigned' },
  anytrackVersion: { id: 31, syntax: 'text' },
} as const satisfies Readonly<Record<string, { readonly id: number; readonly syntax: Syntax }>>;

export type ObjectName = keyof typeof OBJECTS;

/** Who speaks, in every notification. */
const COMMON = ['anytrackSite', 'anytrackSender', 'anytrackSequence', 'anytrackEventTime'] as const;
const ENDPOINT = ['anytrackPolicy', 'anytrackAddressType', 'anytrackAddress', 'anytrackEndpoint'] as const;
const ON_ROUTER = ['anytrackRouter', 'anytrackNextHopType', 'anytrackNextHop', 'anytrackRoute'] as const;
const STATES = ['anytrackOldState', 'anytrackNewState'] as const;
const COUNTS = ['anytrackUpCount', 'anytrackTotalCount'] as const;

interface NotificationShape {
  /** Number under `anytrackNotifications`. */
  readonly id: number;
  /** One line for docs/traps.md. */
  readonly summary: string;
  /** What it carries, in the order of the varbinds. */
  readonly objects: readonly ObjectName[];
}

/** Every notification. */
export const NOTIFICATIONS = {
  anytrackTrackChange: {
    id: 1,
    summary: 'The track of an endpoint changed.',
    objects: [...COMMON, ...ENDPOINT, ...STATES, 'anytrackReason', 'anytrackDetail', ...COUNTS],
  },
  anytrackProbeStateChange: {
    id: 2,
    summary: 'The state of one probe on one target changed.',
    objects: [...COMMON, ...ENDPOINT, 'anytrackTarget', 'anytrackProbe', ...STATES, 'anytrackReason', 'anytrackDetail'],
  },
  anytrackVerdictChange: {
    id: 3,
    summary: 'What the policy wants for an endpoint changed; a hold is told too.',
    objects: [
      ...COMMON,
      ...ENDPOINT,
      'anytrackOldVerdict',
      'anytrackNewVerdict',
      'anytrackReason',
      'anytrackDetail',
      ...COUNTS,
    ],
  },
  anytrackRouteChange: {
    id: 4,
    summary: 'A route was added or removed, and the read-back shows it.',
    objects: [
      ...COMMON,
      ...ENDPOINT,
      ...ON_ROUTER,
      'anytrackRouteOperation',
      'anytrackReason',
      'anytrackDetail',
      'anytrackDuration',
    ],
  },
  anytrackRouteFailure: {
    id: 5,
    summary: 'A route could not be added or removed.',
    objects: [
      ...COMMON,
      ...ENDPOINT,
      ...ON_ROUTER,
      'anytrackRouteOperation',
      'anytrackReason',
      'anytrackErrorCode',
      'anytrackDetail',
      'anytrackDuration',
    ],
  },
  anytrackRouteConflict: {
    id: 6,
    summary: 'The route exists without our mark; it is left alone.',
    objects: [...COMMON, ...ENDPOINT, ...ON_ROUTER, 'anytrackDetail'],
  },
  anytrackRouteDrift: {
    id: 7,
    summary: 'The router differs from what was last confirmed; it is repaired.',
    objects: [...COMMON, ...ENDPOINT, ...ON_ROUTER, 'anytrackDetail'],
  },
  anytrackRouteOrphan: {
    id: 8,
    summary: 'A route with our mark that no policy names.',
    objects: [...COMMON, 'anytrackAddressType', 'anytrackAddress', ...ON_ROUTER, 'anytrackDetail'],
  },
  anytrackRouterSessionChange: {
    id: 9,
    summary: 'The session to a router came up or went down.',
    objects: [...COMMON, 'anytrackRouter', 'anytrackNewState', 'anytrackErrorCode', 'anytrackDetail'],
  },
  anytrackRouterReload: {
    id: 10,
    summary: 'A router has restarted; its routes are asserted again.',
    objects: [...COMMON, 'anytrackRouter', 'anytrackDetail'],
  },
  anytrackProberStall: {
    id: 11,
    summary: 'anytrack itself was stalled or suspended; the results of that time do not count.',
    objects: [...COMMON, 'anytrackDuration', 'anytrackSpoiledCount'],
  },
  anytrackStart: {
    id: 12,
    summary: 'anytrack has started.',
    objects: [...COMMON, 'anytrackPolicyCount', 'anytrackRouterCount', 'anytrackVersion'],
  },
  anytrackStop: { id: 13, summary: 'anytrack stops.', objects: [...COMMON, 'anytrackDetail'] },
  anytrackHeartbeat: {
    id: 14,
    summary: 'anytrack is alive; its absence is the alarm.',
    objects: [...COMMON, ...COUNTS, 'anytrackDroppedCount'],
  },
  anytrackConfigReload: {
    id: 15,
    summary: 'A new configuration is in force.',
    objects: [...COMMON, 'anytrackDetail'],
  },
  anytrackConfigReject: {
    id: 16,
    summary: 'A new configuration was refused; the old one stays in force.',
    objects: [...COMMON, 'anytrackProblemCount', 'anytrackDetail'],
  },
} as const satisfies Readonly<Record<string, NotificationShape>>;

export type NotificationName = keyof typeof NOTIFICATIONS;

/** Where ANYTRACK-MIB stands unless the operator has an arc of their own: under netSnmpPlaypen. */
export const DEFAULT_BASE_OID = '1.3.6.1.4.1.8072.9999.9999.4200';

/** The value of snmpTrapOID.0 for a notification. */
export function notificationOid(baseOid: string, name: NotificationName): string {
  return `${baseOid}.0.${NOTIFICATIONS[name].id}`;
}

/** The instance of an object in a varbind. */
export function objectOid(baseOid: string, name: ObjectName): string {
  return `${baseOid}.1.${OBJECTS[name].id}.0`;
}
