import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cliPlatform, cliPlatforms } from '../../src/routers/registry.ts';

const folder = new URL('../../src/routers/cli/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
const docs = readFileSync(new URL('../../docs/routers.md', import.meta.url), 'utf8');

test.each(files)('%s is registered, tested and documented', (file) => {
  const name = file.replace('.ts', '');
  expect(cliPlatforms[name]?.name).toBe(name);
  expect(readdirSync(new URL('cli/', import.meta.url))).toContain(`${name}.test.ts`);
  expect(docs).toContain(`| \`${name}\` |`);
});

test('an unknown platform is told with those there are', () => {
  expect(() => cliPlatform('toString')).toThrow('platform "toString" is not known; there are: frr, ios, ios-xe');
});
