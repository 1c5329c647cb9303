import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseExplanation } from './explanation.ts';
import { Endpoint } from './world.ts';

const text = readFileSync(new URL('../../docs/tracks.md', import.meta.url), 'utf8');

function cells(row: string): string[] {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`| ${row} |`)) ?? '';
  return line
    .split('|')
    .slice(2, -1)
    .map((cell) => cell.trim());
}

test('the timeline of consecutive in docs/tracks.md is what happens', () => {
  const letters = cells('result').map((word) => word.charAt(0).toUpperCase());
  const states = new Endpoint().play(letters.join(''));
  const words = { '?': 'unknown', U: 'up', D: 'down' } as const;
  expect(letters.length).toBeGreaterThan(5);
  expect([...states].map((state) => words[state as keyof typeof words])).toEqual(cells('track'));
});

test('the explanations in docs/tracks.md follow the grammar', () => {
  const block = /brackets the members[^`]*```\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
  const lines = block.trim().split('\n');
  expect(lines).toHaveLength(5);
  for (const line of lines) expect(() => parseExplanation(line)).not.toThrow();
});
