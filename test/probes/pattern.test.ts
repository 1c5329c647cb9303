import { expect, test } from 'vitest';
import { compilePattern, matchesPattern, SlowPattern, search } from '../../src/probes/pattern.ts';

test.each([
  '^v=spf1 ',
  'ns[0-9]+\\.example\\.(com|net)$',
  '(a+b)?c',
  '[(+*]+',
  '\\(a+\\)+',
  '(?:ab){3}x*',
  '(a|b)?c+',
  '(?:\\d\\.){3}',
  '.*a.*b',
])('allowed: %s', (text) => expect(compilePattern(text)).toBeInstanceOf(RegExp));

test.each([
  '(a+)+$',
  '((a|b)*c)*',
  '(?:x{2,})+',
  '(a*){10}',
  '((a+)b?)*',
  '(a|aa)+$',
  '^(\\w|\\d)+$',
  '(a?a)*$',
  '((a|ab)c?)*',
  '(a{0,1}a)+',
])('refused, may run for hours: %s', (text) =>
  expect(compilePattern(text)).toBe(
    'a repetition of what itself repeats or chooses, such as (a+)+, (a|b)+ or (a?b)+, is not allowed',
  ),
);

test('bad syntax is a sentence', () => {
  expect(compilePattern('(')).toMatch(/^not a regular expression: /);
  expect(compilePattern('x'.repeat(201))).toBe('a pattern of at most 200 characters is allowed');
});

test('only the beginning of a long text is looked at', () => {
  const pattern = compilePattern('z$') as RegExp;
  expect(matchesPattern(pattern, `${'a'.repeat(511)}z`)).toBe(true);
  expect(matchesPattern(pattern, `${'a'.repeat(600)}z`)).toBe(false);
});

test.each([
  ['.*a.*a.*b', 'a'.repeat(8192)],
  ['\\w*x\\w*y\\w*z', 'x'.repeat(8192)],
])('%s is stopped on a long line instead of stopping the program', (pattern, text) => {
  expect(() => search(new RegExp(pattern, 'u'), text)).toThrow(SlowPattern);
});

test.each([
  ['status.*ok', `status: ${'.'.repeat(500)} ok`, true],
  ['status.*ok', 'status: down and nothing else, for more than 32 characters', false],
  ['^v=spf1', 'v=spf1 -all', true],
])('%s on an ordinary text is found or not: %#', (pattern, text, found) => {
  expect(search(new RegExp(pattern, 'u'), text) !== null).toBe(found);
});
