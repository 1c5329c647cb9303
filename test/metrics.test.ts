import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { METRICS } from '../src/metrics.ts';

const FILE = 'docs/metrics.md';

test('docs/metrics.md lists exactly the metrics of the code (UPDATE_DOCS=1 writes it)', () => {
  const rows = Object.entries(METRICS).map(
    ([name, { type, labels, help }]) => `| \`${name}\` | ${type} | ${labels.join(', ') || 'none'} | ${help} |`,
  );
  const table = ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n');
  const page = readFileSync(FILE, 'utf8');
  const [intro = ''] = page.split('| metric |');
  if (process.env.UPDATE_DOCS === '1') writeFileSync(FILE, `${intro}${table}\n`);
  expect(readFileSync(FILE, 'utf8')).toBe(`${intro}${table}\n`);
});

test('names are base units with a suffix that fits their type', () => {
  for (const [name, { type }] of Object.entries(METRICS)) {
    expect(name).toMatch(/^anytrack_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
  }
});
