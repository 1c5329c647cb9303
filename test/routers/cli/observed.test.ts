import { describe, expect, test } from 'vitest';
import type { RouteKey } from '../../../src/model.ts';
import { observedRoutes } from '../../../src/routers/cli/shared/observed.ts';

const SCOPE = { vrfs: ['default'], families: [6 as const], prefixes: 'all' as const };
const key = (out?: string): RouteKey => ({
  vrf: 'default',
  prefix: '2001:db8:ac::1/128',
  nextHop: 'fe80::1',
  ...(out === undefined ? {} : { interface: out }),
});
const line = (out?: string) => ({ key: key(out), attributes: { tag: 4200 } });

/** Lines in the configuration and paths in the RIB, by interface; what is seen as `interface: configured installed`. */
function seen(configured: readonly (string | undefined)[], installed: readonly string[]) {
  return observedRoutes(configured.map(line), installed.map(line), SCOPE).map(
    (route) =>
      `${route.key.interface ?? 'any'}: ${route.configured ? 'line' : 'no line'}, ${route.installed ? 'path' : 'no path'}`,
  );
}

describe('configuration and RIB joined, one next hop on several interfaces', () => {
  test.each([
    ['a line and its path', ['eth0'], ['eth0'], ['eth0: line, path']],
    ['a line that is not in the RIB', ['eth0'], [], ['eth0: line, no path']],
    ['a line without interface takes every path', [undefined], ['eth0', 'eth1'], ['any: line, path']],
    ['a path that nobody configured', [], ['eth0'], ['any: no line, path']],
    [
      'a path that is left beside a line for another interface',
      ['eth1'],
      ['eth0', 'eth1'],
      ['eth1: line, path', 'eth0: no line, path'],
    ],
    ['the wrong interface only', ['eth1'], ['eth0'], ['eth1: line, no path', 'eth0: no line, path']],
  ])('%s', (_, configured, installed, routes) => {
    expect(seen(configured, installed)).toEqual(routes);
  });
});
