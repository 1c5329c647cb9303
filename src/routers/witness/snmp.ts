import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import { familyOfPrefix, type RouteKey, routeId } from '../../model.ts';
import type { RouterSettings } from '../contract.ts';
import type { Presence, Testimony, Witness } from '../witness.ts';
import { INET_CIDR_ROUTES, IP_CIDR_ROUTES, ipForwardRow, isBelow, type RouteTable } from './route-index.ts';
import { INTEGER, SnmpClient, type SnmpValue, TIME_TICKS } from './snmp-client.ts';

const SYS_UPTIME = [1, 3, 6, 1, 2, 1, 1, 3, 0];

/** Rows of one prefix that are read at most: more equal-cost next hops than any router has. */
const MAX_ROWS = 128;

/** Requests that are out at once: enough to fill the way to the router, too few to trouble its agent. */
const CONCURRENCY = 16;

/**
 * A witness that reads the router's route tables and sysUpTime over SNMP v2c (IP-FORWARD-MIB, RFC 4292).
 * Agents may cache their tables (net-snmp for a minute), which is one reason why it never decides.
 */
export function createSnmpWitness(
  agent: NonNullable<RouterSettings['witness']>,
  deps: { clock: Clock; random: Random },
): Witness {
  return {
    async ask(routes, timeoutMs, signal) {
      const expiry = new AbortController();
      const timer = deps.clock.timer(timeoutMs, () => expiry.abort());
      try {
        const client = await SnmpClient.connect(agent, deps);
        try {
          return await testimony(client, routes, AbortSignal.any([signal, expiry.signal]));
        } finally {
          client.close();
        }
      } catch {
        // No socket, no way to the agent: it could not be asked.
        return { routes: new Map(routes.map((key) => [routeId(key), 'unknown'])) };
      } finally {
        timer.cancel();
      }
    },
  };
}

async function testimony(client: SnmpClient, routes: readonly RouteKey[], signal: AbortSignal): Promise<Testimony> {
  const uptime = readUptime(client, signal);
  const found = new Map<string, Presence>();
  for (let at = 0; at < routes.length; at += CONCURRENCY) {
    const batch = routes.slice(at, at + CONCURRENCY);
    const answers = await Promise.all(batch.map(async (key) => [key, await presenceOf(client, key, signal)] as const));
    for (const [key, presence] of answers) found.set(routeId(key), presence);
  }
  const uptimeMs = await uptime;
  return { routes: found, ...(uptimeMs === undefined ? {} : { uptimeMs }) };
}

async function readUptime(client: SnmpClient, signal: AbortSignal): Promise<number | undefined> {
  const answer = await client.get(SYS_UPTIME, signal);
  return answer?.type === TIME_TICKS && typeof answer.value === 'number' ? answer.value * 10 : undefined;
}

/** Only the global table can be asked for: a VRF needs a context, which v2c does not have. */
async function presenceOf(client: SnmpClient, key: RouteKey, signal: AbortSignal): Promise<Presence> {
  if (key.vrf !== 'default') return 'unknown';
  if (await hasForwardRow(client, key, signal)) return 'present';
  const tables = familyOfPrefix(key.prefix) === 4 ? [IP_CIDR_ROUTES, INET_CIDR_ROUTES] : [INET_CIDR_ROUTES];
  for (const table of tables) {
    const presence = await presenceIn(table, client, key, signal);
    if (presence !== 'unknown') return presence;
  }
  return 'unknown';
}

async function hasForwardRow(client: SnmpClient, key: RouteKey, signal: AbortSignal): Promise<boolean> {
  const row = ipForwardRow(key);
  const answer = row === undefined ? undefined : await client.get(row, signal);
  return answer?.type === INTEGER;
}

async function presenceIn(
  table: RouteTable,
  client: SnmpClient,
  key: RouteKey,
  signal: AbortSignal,
): Promise<Presence> {
  const index = table.indexOf(key.prefix);
  if (index === undefined) return 'unknown';
  const root = [...table.column, ...index];
  let last = root;
  for (let row = 0; row < MAX_ROWS; row++) {
    const next = await client.getNext(last, signal);
    if (next === undefined) return 'unknown';
    if (!isRow(next, root)) return isRow(next, table.entry) ? 'absent' : exists(table, client, signal);
    if (table.decode(next.oid.slice(table.column.length))?.nextHop === key.nextHop) return 'present';
    last = [...next.oid];
  }
  return 'unknown';
}

/** Past the end of a table: the route is absent if the router has that table at all. */
async function exists(table: RouteTable, client: SnmpClient, signal: AbortSignal): Promise<Presence> {
  const first = await client.getNext(table.column, signal);
  return first !== undefined && isRow(first, table.entry) ? 'absent' : 'unknown';
}

/** A value below `root`; the end of the MIB repeats what was asked for, with a type of its own. */
function isRow({ oid, type }: SnmpValue, root: readonly number[]): boolean {
  return type === INTEGER && isBelow(oid, root);
}
