/**
 * FRRouting through vtysh, as login shell or ForceCommand. Verified live on 8.4.4; the read of mgmtd's configuration
 * for 9 and later follows FRRouting/frr#15812 and has not been run.
 */
import { parsePrefix } from '../../lib/ip.ts';
import type { CliPlatform, Scope } from '../contract.ts';
import { parseConfiguration, parseRib } from './frr/parse.ts';
import { render } from './frr/render.ts';
import { asksPerPrefix, observedRoutes, prefixesOf } from './shared/observed.ts';

/** Above this many questions one list of all static routes is cheaper. */
const MOST_QUESTIONS = 16;

export const frr: CliPlatform = {
  name: 'frr',
  capabilities: { routeNames: false, maxNameLength: 0, tagScope: 'prefix', tracks: false, pipelining: true },
  prompts: { exec: /> /, privileged: /# /, config: /\(config[\w.\-/:+]{0,32}\)# / },
  // A pager costs a process per command, even for commands that print nothing.
  setUp: ['terminal length 0', 'no terminal paginate'],
  enable: { command: 'enable', ask: /^Password:/ },
  echoOff: true,
  // `[OK]` for one integrated file; with a file per daemon, the one that keeps the static routes.
  save: { command: 'write memory', done: /^\[OK\]|^Configuration saved to \S*(?:staticd|mgmtd)\S*$/m },
  optional: [/^show running-config mgmtd$/],
  harmless: [
    // Somebody else removed it: the read-back decides.
    /^% Refusing to remove a non-existent route$/,
  ],
  replies: [
    {
      pattern: /^% (?:Unknown|Ambiguous) command|^% Command incomplete|^% There is no matched command/m,
      code: 'rejected',
    },
    { pattern: /not installed currently because dependent config not fully available/, code: 'not-applied' },
    { pattern: /configuration is locked|locked by (?:an)?other (?:vty|client)/i, code: 'locked' },
    { pattern: /is not running$/m, code: 'in-use' },
    { pattern: /^% Malformed|^% Invalid|^% Configuration failed/m, code: 'rejected' },
  ],
  noise: [/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d+)? [A-Z0-9]+: /],
  observeCommands: (scope) => ['show running-config staticd', 'show running-config mgmtd', ...ribCommands(scope)],
  parse(replies, scope) {
    const [staticd, mgmtd, ...rib] = replies;
    const configured = parseConfiguration(`${staticd?.received ?? ''}\n${mgmtd?.received ?? ''}`);
    return {
      routes: observedRoutes(
        configured,
        rib.flatMap(({ received }) => parseRib(received)),
        scope,
      ),
    };
  },
  render,
  classify,
};

function ribCommands(scope: Scope): string[] {
  if (scope.configurationOnly === true) return [];
  return scope.vrfs.flatMap((vrf) =>
    scope.families.flatMap((family) => {
      const table = `show ${family === 4 ? 'ip' : 'ipv6'} route${vrf === 'default' ? '' : ` vrf ${vrf}`}`;
      if (!asksPerPrefix(scope, MOST_QUESTIONS)) return [`${table} static json`];
      return prefixesOf(scope, family).map((prefix) => `${table} ${prefix} json`);
    }),
  );
}

const MODE_LINES = new Set(['configure terminal', 'end', 'XFRR_start_configuration', 'XFRR_end_configuration']);
const ROUTE_LINE = /^(?:no )?(ip|ipv6) route (\S+) [0-9a-fA-F.:]+(?: [\w.:@/+-]+){0,6}$/;

function classify(line: string): { readonly prefix: string } | 'mode' | undefined {
  if (MODE_LINES.has(line)) return 'mode';
  const match = ROUTE_LINE.exec(line);
  const prefix = parsePrefix(match?.[2] ?? '');
  if (match === null || prefix === undefined) return undefined;
  return prefix.family === (match[1] === 'ip' ? 4 : 6) ? { prefix: prefix.text } : undefined;
}
