/** Any text gives problems or settings, never a throw. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseText } from '../../src/settings/parse.ts';
import { compile, POLICY, SITE } from './world.ts';

const bad = new URL('../fixtures/settings/bad/', import.meta.url);
const seeds = [SITE, POLICY, ...readdirSync(bad).map((file) => readFileSync(new URL(file, bad), 'utf8'))];

/** A real file with some of its text replaced by pieces of YAML or noise: near enough to reach deep. */
const damaged = fc
  .record({
    seed: fc.constantFrom(...seeds),
    cuts: fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        length: fc.nat(20),
        piece: fc.oneof(
          fc.constantFrom(
            '{',
            '}',
            '[',
            ']',
            ': ',
            '- ',
            '\n',
            '\t',
            '&a ',
            '*a',
            '!!x ',
            '? ',
            '---\n',
            '"',
            '|\n',
            '<<: ',
            '0x',
            '~',
          ),
          fc.constantFrom(
            '__proto__: 1\n',
            'constructor: {}\n',
            'extends: good\n',
            '{ file: x }',
            '1e999',
            '.nan',
            '\0',
          ),
          fc.string({ maxLength: 8 }),
        ),
      }),
      { maxLength: 6 },
    ),
  })
  .map(({ seed, cuts }) =>
    cuts.reduce((text, { at, length, piece }) => {
      const start = Math.floor(at * text.length);
      return text.slice(0, start) + piece + text.slice(start + length);
    }, seed),
  );

const anyText = fc.oneof(
  { weight: 5, arbitrary: damaged },
  { weight: 1, arbitrary: fc.string({ maxLength: 200, unit: 'binary' }) },
);

describe('any text', () => {
  test('as any file gives settings or problems', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom('site', 'policy', 'template'), (text, role) => {
        const loaded = compile({
          ...(role === 'site' && { site: text }),
          ...(role === 'policy' && { policies: { good: text, other: `extends: base\n${POLICY}` } }),
          ...(role === 'template' && { policies: { good: `extends: base\n${POLICY}` } }),
          templates: { base: role === 'template' ? text : 'onStop: hold\n' },
        });
        expect(loaded.settings === undefined).toBe(loaded.problems.length > 0);
        for (const problem of loaded.problems)
          expect(problem).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
        expect(loaded.messages.every((message) => /^\S+\.yaml:[1-9]\d*:[1-9]\d*[: ]/.test(message))).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  test.each([
    ['deep flow lists', '['.repeat(100_000)],
    ['deep flow mappings', 'a: {'.repeat(50_000)],
    ['deep block mappings', Array.from({ length: 200 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')],
    ['a bomb of aliases', `a: &a [x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [*a, *a]\n`).join('')}`],
    ['a huge file', 'a'.repeat(2_000_000)],
  ])('%s are refused in good time', (_, text) => {
    const started = performance.now();
    expect(parseText('x.yaml', text).problems).not.toEqual([]);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('inherited names of objects are unknown keys like any other', () => {
    expect(compile({ policies: { good: `${POLICY}constructor: 1\ntoString: 2\n__proto__: 3\n` } }).messages).toEqual([
      expect.stringContaining('9:1 constructor: unknown key `constructor`'),
      expect.stringContaining('10:1 toString: unknown key `toString`'),
      'policies/good.yaml:11:1: a key must be a plain word',
    ]);
  });
});
