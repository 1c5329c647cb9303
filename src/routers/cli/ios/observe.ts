/** What is asked of an IOS router, and what its answers say. Pure and total. */
import type { Family } from '../../../lib/ip.ts';
import type { Exchange, Observation, Scope } from '../../contract.ts';
import { asksPerPrefix, type InstalledPath, observedRoutes, prefixesOf } from '../shared/observed.ts';
import { parseConfiguration } from './configuration.ts';
import { parseDetail, parseIpv4Table, parseIpv6Table } from './rib.ts';

/** Above this many questions one list of all static routes is cheaper. */
const MOST_QUESTIONS = 8;

/** `?` is the help key on the command line, so the two families are told apart by `|`. */
const CONFIGURATION = 'show running-config | include ^ip route|^ipv6 route';

interface Question {
  readonly command: string;
  readonly vrf: string;
  read(text: string): InstalledPath[];
}

/** Configuration, uptime, and the static routes of the scope's tables; or the configuration alone. */
export function observeCommands(scope: Scope): readonly string[] {
  if (scope.configurationOnly === true) return [CONFIGURATION];
  return [CONFIGURATION, 'show version | include uptime', ...questions(scope).map(({ command }) => command)];
}

/** Reads the replies to `observeCommands(scope)`. */
export function parse(replies: readonly Exchange[], scope: Scope): Omit<Observation, 'exchanges'> {
  const [configuration, version, ...rib] = replies.map(({ received }) => received);
  const installed = questions(scope).flatMap((question, index) => question.read(rib[index] ?? ''));
  const routes = observedRoutes(parseConfiguration(configuration ?? ''), installed, scope);
  const uptimeMs = parseUptime(version ?? '');
  return uptimeMs === undefined ? { routes } : { routes, uptimeMs };
}

function questions(scope: Scope): Question[] {
  return scope.vrfs.flatMap((vrf) => scope.families.flatMap((family) => questionsOf(vrf, family, scope)));
}

function questionsOf(vrf: string, family: Family, scope: Scope): Question[] {
  const table = `show ${family === 4 ? 'ip' : 'ipv6'} route${vrf === 'default' ? '' : ` vrf ${vrf}`}`;
  if (!asksPerPrefix(scope, MOST_QUESTIONS)) {
    const read = family === 4 ? parseIpv4Table : parseIpv6Table;
    return [{ command: `${table} static`, vrf, read: (text) => read(text, vrf) }];
  }
  return prefixesOf(scope, family).map((prefix) => ({
    // IPv4 by address is a longest match; the prefix that came back is compared.
    command: `${table} ${family === 4 ? prefix.replace('/32', '') : prefix}`,
    vrf,
    read: (text) => parseDetail(text, vrf).filter(({ key }) => key.prefix === prefix),
  }));
}

const UNIT_MS: Readonly<Record<string, number>> = {
  year: 365 * 86_400_000,
  week: 7 * 86_400_000,
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
};

/** `edge1 uptime is 1 week, 2 days, 3 hours, 4 minutes` -> milliseconds. */
export function parseUptime(text: string): number | undefined {
  const said = /uptime is ([^\r\n]+)/.exec(text)?.[1];
  if (said === undefined) return undefined;
  const parts = [...said.matchAll(/(\d{1,6}) (year|week|day|hour|minute)s?\b/g)];
  if (parts.length === 0) return undefined;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ''] ?? 0), 0);
}
