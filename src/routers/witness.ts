/** An independent witness of what a router has: it is asked, shown in reports, and never decides. */
import type { RouteKey } from '../model.ts';

/** What the witness says of one route. Silence, another VRF or a table it does not have are `unknown`, never evidence. */
export type Presence = 'present' | 'absent' | 'unknown';

/** One answer of the witness. */
export interface Testimony {
  /** By `routeId`, one for each route that was asked for. */
  readonly routes: ReadonlyMap<string, Presence>;
  /** Uptime as the witness tells it (sysUpTime), milliseconds; left out where it does not. */
  readonly uptimeMs?: number;
}

/** Somebody who can be asked. Never throws; what it cannot find out in time is `unknown`. */
export interface Witness {
  /** @param timeoutMs after which the rest is `unknown` */
  ask(routes: readonly RouteKey[], timeoutMs: number, signal: AbortSignal): Promise<Testimony>;
}

/** sysUpTime is TimeTicks: hundredths of a second in 32 bits, which start again after 497 days (RFC 3418). */
export const SYS_UPTIME_WRAP_MS = 2 ** 32 * 10;
export { createSnmpWitness } from './witness/snmp.ts';
