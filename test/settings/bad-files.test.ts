/**
 * Every file of fixtures/settings/bad is a valid one with one thing (or many) done wrong.
 * Its first lines say exactly what is printed about it. `UPDATE_FIXTURES=1` writes them anew, for review.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compile, POLICY } from './world.ts';

const folder = new URL('../fixtures/settings/bad/', import.meta.url);
const files = readdirSync(folder).sort();

/** The file's role is the first word of its name. */
function messagesOf(file: string, text: string): string[] {
  if (file.startsWith('site-')) return compile({ site: text }).messages;
  if (file.startsWith('template-')) return compile({ templates: { bad: text } }).messages;
  return compile({ policies: { bad: text } }).messages;
}

/** A comment per problem stands before the first line of YAML. */
function split(text: string): { readonly expected: string[]; readonly body: string } {
  const lines = text.split('\n');
  const count = lines.findIndex((line) => !line.startsWith('# '));
  return { expected: lines.slice(0, count).map((line) => line.slice(2)), body: lines.slice(count).join('\n') };
}

if (process.env.UPDATE_FIXTURES !== undefined) {
  for (const file of files) {
    const { body } = split(readFileSync(new URL(file, folder), 'utf8'));
    const count = messagesOf(file, body).length;
    const messages = messagesOf(file, `${'# \n'.repeat(count)}${body}`);
    writeFileSync(new URL(file, folder), `${messages.map((message) => `# ${message}\n`).join('')}${body}`);
  }
}

describe('bad files', () => {
  test('there are many', () => expect(files.length).toBeGreaterThanOrEqual(30));

  test.each(files)('%s', (file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const { expected } = split(text);
    expect(expected).not.toEqual([]);
    expect(messagesOf(file, text)).toEqual(expected);
  });

  test('a good one has no problem', () => expect(compile({ policies: { bad: POLICY } }).messages).toEqual([]));
});
