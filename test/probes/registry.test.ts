import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ProbeKind } from '../../src/probes/contract.ts';
import { probeKinds } from '../../src/probes/registry.ts';
import { withProbeTables } from './registry/tables.ts';

/** What stands in src/probes beside the kinds. */
const SHARED = ['contract', 'pattern', 'registry', 'run', 'scheduler', 'secret-schema', 'sockets', 'text-rule'];

const at = (path: string) => new URL(`../../${path}`, import.meta.url);

test('the registry holds what the folder shows', () => {
  const files = readdirSync(at('src/probes'), { withFileTypes: true }).filter((entry) => entry.isFile());
  const kinds = files.map((file) => file.name.replace(/\.ts$/, '')).filter((name) => !SHARED.includes(name));
  expect([...probeKinds.keys()].sort()).toEqual(kinds.sort());
});

test.each([...probeKinds])(
  '%s: one file, one entry, one test, one section in the docs',
  (name, kind: ProbeKind<unknown>) => {
    expect(kind.kind).toBe(name);
    expect(existsSync(at(`src/probes/${name}.ts`))).toBe(true);
    expect(existsSync(at(`test/probes/${name}.test.ts`))).toBe(true);
    expect(readFileSync(at('docs/probes.md'), 'utf8')).toContain(`\n## ${name}\n`);
  },
);

test('docs/probes.md says what the schemas say; UPDATE_DOCS=1 writes it', () => {
  const written = readFileSync(at('docs/probes.md'), 'utf8');
  const { text, undescribed } = withProbeTables(written, probeKinds);
  expect(undescribed, 'options without a description').toEqual([]);
  if (process.env.UPDATE_DOCS === '1') writeFileSync(at('docs/probes.md'), text);
  else expect(text).toBe(written);
});
