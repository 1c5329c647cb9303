/** The command table: what the router understands in each mode. Pure; `execute` never throws, whatever the line. */
import { canonicalAddress, parsePrefix } from '../../lib/ip.ts';
import type { Context, Effect, Handler, Mode } from './context.ts';
import { addRoute, hasVrf, isOwnAddress, removeRoute, save } from './device.ts';
import { applyFilter, cutPipe } from './filter.ts';
import { type Args, type ArgumentTypes, type Command, compile, type Grammar, parse } from './grammar.ts';
import { routeOf, selectorOf } from './route-text.ts';
import * as show from './show.ts';
import { showIpv6Route, showIpv6RouteTo } from './show-ipv6-routes.ts';
import { showIpRoute, showIpRouteTo, showIpStaticRoute } from './show-routes.ts';

function between(low: number, high: number): (word: string) => boolean {
  return (word) => /^\d{1,10}$/.test(word) && Number(word) >= low && Number(word) <= high;
}

const TYPES: ArgumentTypes = {
  ipv4: (word) => !word.includes(':') && canonicalAddress(word) !== undefined,
  ipv6: (word) => word.includes(':') && canonicalAddress(word) !== undefined,
  prefix: (word) => word.includes(':') && parsePrefix(word.toLowerCase()) !== undefined,
  interface: (word) => /^[A-Za-z]{2,}\d[\d/.:]*$/.test(word),
  distance: between(1, 255),
  tag: between(1, 4_294_967_295),
  // IOS 12 and 15 take 1 to 500, IOS-XE 1 to 1000.
  track: between(1, 1000),
  lines: between(0, 512),
  columns: between(0, 512),
  word: (word) => word.length <= 63,
  flag: (word) => 'permanent'.startsWith(word.toLowerCase()),
};

const ROUTE_OPTIONS = [
  '<distance:distance>',
  'tag <tag:tag>',
  'name <name:word>',
  'track <track:track>',
  '<permanent:flag>',
];

function routePatterns(start: string, run: Handler): Command<Handler>[] {
  const family = start.includes('ipv6') ? 'ipv6' : 'ipv4';
  const target = family === 'ipv6' ? '<prefix:prefix>' : '<network:ipv4> <mask:ipv4>';
  const paths = ['<interface:interface>', `<interface:interface> <nextHop:${family}>`, `<nextHop:${family}>`];
  return ['', ' vrf <vrf:word>'].flatMap((vrf) =>
    paths.map((path) => ({ pattern: `${start}${vrf} ${target} ${path}`, run, options: ROUTE_OPTIONS })),
  );
}

const USER: readonly Command<Handler>[] = [
  { pattern: 'enable', run: enable },
  { pattern: 'exit', run: () => ({ close: true }) },
  { pattern: 'logout', run: () => ({ close: true }) },
  { pattern: 'terminal length <length:lines>', run: (_, { length }) => ({ terminal: { length: Number(length) } }) },
  { pattern: 'terminal width <width:columns>', run: (_, { width }) => ({ terminal: { width: Number(width) } }) },
  { pattern: 'terminal no monitor', run: () => ({ terminal: { monitor: false } }) },
  { pattern: 'terminal monitor', run: () => ({ terminal: { monitor: true } }) },
  { pattern: 'show clock', run: show.showClock },
  { pattern: 'show privilege', run: show.showPrivilege },
  { pattern: 'show users', run: show.showUsers },
  { pattern: 'show version', run: show.showVersion },
  { pattern: 'show track', run: show.showTrack },
  { pattern: 'show track <track:track>', run: show.showTrack },
  ...['', ' vrf <vrf:word>'].flatMap((vrf) => [
    { pattern: `show ip route${vrf}`, run: showIpRoute('all') },
    { pattern: `show ip route${vrf} static`, run: showIpRoute('static') },
    { pattern: `show ip route${vrf} <address:ipv4>`, run: showIpRouteTo },
    { pattern: `show ip route${vrf} <address:ipv4> <mask:ipv4>`, run: showIpRouteTo },
    { pattern: `show ip static route${vrf}`, run: showIpStaticRoute },
    { pattern: `show ipv6 route${vrf}`, run: showIpv6Route('all') },
    { pattern: `show ipv6 route${vrf} static`, run: showIpv6Route('static') },
    { pattern: `show ipv6 route${vrf} <address:ipv6>`, run: showIpv6RouteTo },
    { pattern: `show ipv6 route${vrf} <prefix:prefix>`, run: showIpv6RouteTo },
  ]),
];

const PRIVILEGED: readonly Command<Handler>[] = [
  ...USER,
  { pattern: 'disable', run: () => ({ mode: 'user' }) },
  { pattern: 'configure terminal', run: configureTerminal },
  { pattern: 'show running-config', run: show.showRunningConfig },
  { pattern: 'write', run: writeMemory },
  { pattern: 'write memory', run: writeMemory },
  { pattern: 'copy running-config startup-config', run: () => ({ ask: 'copyDestination' }) },
];

const CONFIG: readonly Command<Handler>[] = [
  { pattern: 'end', run: () => ({ mode: 'privileged' }) },
  { pattern: 'exit', run: () => ({ mode: 'privileged' }) },
  {
    pattern: 'hostname <hostname:word>',
    run: ({ device }, { hostname }) => ({ device: { ...device, hostname: hostname ?? device.hostname } }),
  },
  ...['ip route', 'ipv6 route'].flatMap((start) => routePatterns(start, addStatic)),
  ...['no ip route', 'no ipv6 route'].flatMap((start) => routePatterns(start, removeStatic)),
  ...['', ' vrf <vrf:word>'].flatMap((vrf) => [
    { pattern: `no ip route${vrf} <network:ipv4> <mask:ipv4>`, run: removeStatic },
    { pattern: `no ipv6 route${vrf} <prefix:prefix>`, run: removeStatic },
  ]),
];

const GRAMMARS: Readonly<Record<Mode, Grammar<Handler>>> = {
  user: compile(USER, TYPES),
  privileged: compile(PRIVILEGED, TYPES),
  config: compile(CONFIG, TYPES),
};

/**
 * Runs one line.
 * @param promptLength characters before the line on the screen: IOS draws its caret under the screen column
 */
export function execute(line: string, context: Context, promptLength: number): Effect {
  if (/^\s*!/.test(line)) return {};
  const does = context.mode === 'config' ? /^(\s*do\s+)(\S.*)$/i.exec(line) : null;
  if (does?.[1] !== undefined && does[2] !== undefined) {
    return execute(does[2], { ...context, mode: 'privileged' }, promptLength + does[1].length);
  }
  const piped = context.mode === 'config' ? ({ kind: 'plain', command: line } as const) : cutPipe(line);
  if (piped.kind === 'incomplete') return incomplete();
  if (piped.kind === 'badPattern') return { output: ['% Failed to compile regular expression.', ''] }; // wording unverified
  if (piped.kind === 'invalid') return invalid(promptLength + piped.column);
  const parsed = parse(GRAMMARS[context.mode], piped.command);
  if (parsed.kind === 'empty') return {};
  if (parsed.kind === 'incomplete') return incomplete();
  if (parsed.kind === 'ambiguous') return { output: [`% Ambiguous command:  "${line.trim()}"`] };
  if (parsed.kind === 'invalid') return refuse(line, context.mode, parsed, promptLength);
  const effect = parsed.run(context, parsed.args);
  const filter = 'filter' in piped ? piped.filter : undefined;
  return effect.output === undefined ? effect : { ...effect, output: applyFilter(effect.output, filter) };
}

function refuse(line: string, mode: Mode, at: { column: number; word: number }, promptLength: number): Effect {
  // An unknown first word in exec mode could be a host to telnet to; this is the answer with name look-up off.
  if (mode !== 'config' && at.word === 0 && !/\s/.test(line.trim())) {
    return { output: ['% Unknown command or computer name, or unable to find computer address'] };
  }
  return invalid(promptLength + at.column);
}

function invalid(column: number): Effect {
  return { output: [`${' '.repeat(column)}^`, "% Invalid input detected at '^' marker.", ''] };
}

function incomplete(): Effect {
  return { output: ['% Incomplete command.', ''] };
}

function enable({ mode, enablePassword }: Context): Effect {
  if (mode !== 'user') return {};
  return enablePassword === undefined ? { output: ['% No password set'] } : { ask: 'enable' };
}

function configureTerminal({ lock }: Context): Effect {
  if (lock !== undefined) return { output: [lock] };
  return { mode: 'config', output: ['Enter configuration commands, one per line.  End with CNTL/Z.'] };
}

function writeMemory({ device }: Context): Effect {
  return { device: save(device), output: ['Building configuration...', '[OK]'] };
}

function addStatic({ device, nowMono }: Context, args: Args): Effect {
  const route = routeOf(lowered(args), nowMono);
  if (route === undefined) return { output: ['%Inconsistent address and mask'] };
  if (!hasVrf(device, route.vrf)) return { output: [noVrf(route.vrf)] };
  if (route.nextHop !== undefined && isOwnAddress(device, route.vrf, route.nextHop)) {
    return { output: ["%Invalid next hop address (it's this router)"] };
  }
  return { device: addRoute(device, route) };
}

function removeStatic({ device }: Context, args: Args): Effect {
  const selector = selectorOf(lowered(args));
  if (selector === undefined) return { output: ['%Inconsistent address and mask'] };
  if (!hasVrf(device, selector.vrf)) return { output: [noVrf(selector.vrf)] };
  const removed = removeRoute(device, selector);
  return removed === undefined ? { output: ['%No matching route to delete'] } : { device: removed };
}

function noVrf(vrf: string): string {
  return `%IP routing table VRF ${vrf} does not exist. Create first`;
}

/** Addresses in canonical small letters; names and VRFs keep theirs. */
function lowered(args: Args): Args {
  return args.prefix === undefined ? args : { ...args, prefix: args.prefix.toLowerCase() };
}
