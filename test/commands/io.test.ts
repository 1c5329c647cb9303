import { expect, test } from 'vitest';
import { ageText, EXIT, explain, table } from '../../src/commands/io.ts';
import { AbortedError, InternalError, OperatorError } from '../../src/lib/errors.ts';
import { RouterError } from '../../src/routers/contract.ts';

test.each([
  [
    'a mistake in the configuration',
    new OperatorError('configuration', 'no such policy'),
    EXIT.operator,
    'anytrack: no such policy',
  ],
  ['a wrong argument', new OperatorError('usage', 'what?'), EXIT.operator, 'anytrack: what?'],
  ['no daemon', new OperatorError('environment', 'is it running?'), EXIT.unreachable, 'anytrack: is it running?'],
  ['a router out of reach', new RouterError('refused', 'edge1 refuses'), EXIT.unreachable, 'anytrack: edge1 refuses'],
])('%s: one sentence and its exit code', (_, error, code, line) => {
  expect(explain(error)).toEqual({ lines: [line], code });
});

test('our own defect shows its stack and asks for a report', () => {
  const { lines, code } = explain(new InternalError('broken invariant'));
  expect(code).toBe(EXIT.internal);
  expect(lines[0]).toMatch(/please report it: InternalError: broken invariant\n\s+at /);
});

test('an interrupted command is not an error', () => {
  expect(explain(new AbortedError())).toEqual({ lines: [], code: EXIT.ok });
});

test('a table is aligned', () => {
  expect(
    table(
      ['NAME', 'STATE'],
      [
        ['edge1', 'up'],
        ['a', 'down'],
      ],
    ),
  ).toEqual(['NAME   STATE', 'edge1  up', 'a      down']);
});

test.each([
  [0, '0s'],
  [45_400, '45s'],
  [90_000, '1m 30s'],
  [7_200_000, '2h'],
  [1_051_200_000, '12d 4h'],
])('%i ms is %s', (ms, text) => {
  expect(ageText(ms)).toBe(text);
});
