import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/promises.md', root), 'utf8');

interface Named {
  readonly promise: number;
  readonly file: string;
  readonly title: string;
}

/** The tests that the page names, by the promise under whose heading they stand. */
function namedTests(): readonly Named[] {
  return page.split(/^## /m).flatMap((section) => {
    const promise = Number(/^(\d+)\. /.exec(section)?.[1] ?? 0);
    const lines = section.matchAll(/^- `(test\/[^`]+)`: (.+)$/gm);
    return [...lines].map(([, file = '', title = '']) => ({ promise, file, title }));
  });
}

/** Titles of the tests of a file that run: neither skipped nor to be written. */
function titlesOf(file: string): readonly string[] {
  const source = readFileSync(new URL(file, root), 'utf8').replaceAll(/\bdescribe\.each\([^)]*\)/g, 'describe');
  const calls = source.matchAll(/(\btest|\brealTest|\)|\])\(\s*('(?:[^'\\\n]|\\.)*'|"[^"\n]*"|`[^`\n]*`),/g);
  return [...calls].map(([, , quoted = '']) => quoted.slice(1, -1).replaceAll("\\'", "'"));
}

const named = namedTests();

describe('docs/promises.md', () => {
  test.each(named)('promise $promise: $title', ({ file, title }) => {
    expect(titlesOf(file)).toContain(title);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 9, 10, 11])('promise %i has a test of its own that tries to break it', (promise) => {
    const prefix = `test/promises/${String(promise).padStart(2, '0')}-`;
    expect(named.filter((entry) => entry.promise === promise && entry.file.startsWith(prefix))).not.toEqual([]);
  });

  test.each([8, 12])('promise %i says that it comes with a later version', (promise) => {
    expect(page).toMatch(new RegExp(`^## ${promise}\\. .*\\n\\nComes with a later version`, 'm'));
  });

  test('names every test of this folder', () => {
    const files = readdirSync(new URL('test/promises', root)).filter((name) => /^\d\d-.*\.test\.ts$/.test(name));
    const known = new Set(named.map(({ file, title }) => `${file}: ${title}`));
    const missing = files
      .map((name) => `test/promises/${name}`)
      .flatMap((file) => titlesOf(file).map((title) => `${file}: ${title}`))
      .filter((entry) => !known.has(entry));
    expect(missing).toEqual([]);
  });
});
