import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DRILLS, routesWhileBroken } from '../../lab/drills.ts';
import { healthyRoutes } from '../../lab/lab.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

describe('drills', () => {
  test('have names of their own', () => {
    expect(new Set(DRILLS.map(({ name }) => name)).size).toBe(DRILLS.length);
  });

  test.each(DRILLS)('$name takes away only routes that the healthy lab has', ({ without }) => {
    expect(healthyRoutes('a')).toEqual(expect.arrayContaining([...without]));
  });

  test.each(DRILLS)('$name expects notifications that the MIB defines', ({ traps }) => {
    const mib = read('mibs/ANYTRACK-MIB.txt');
    for (const trap of traps) expect(mib).toMatch(new RegExp(`^${trap} NOTIFICATION-TYPE`, 'm'));
  });

  test.each(DRILLS)('$name is documented', ({ name }) => {
    expect(read('docs/lab.md')).toContain(`\`${name}\``);
  });

  test('the backup takes over where a backup is configured', () => {
    const stopped = DRILLS.find(({ name }) => name === 'radius-stopped');
    expect(stopped && routesWhileBroken(stopped)).toContain('10.0.0.3 via 10.10.10.2');
  });
});
