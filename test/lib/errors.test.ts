import { expect, test } from 'vitest';
import { codeOf, InternalError, messageOf, OperatorError, unreachable } from '../../src/lib/errors.ts';

test('an error says for whom it is, with code, facts and cause', () => {
  const cause = new Error('below');
  const error = new OperatorError('configuration', 'wrong', { facts: { file: 'a.yaml' }, cause });
  expect([error.name, error.audience, error.code, error.facts, error.cause]).toEqual([
    'OperatorError',
    'operator',
    'configuration',
    { file: 'a.yaml' },
    cause,
  ]);
});

test.each([
  [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED', 'x'],
  [{ code: 7 }, undefined, '[object Object]'],
  ['text', undefined, 'text'],
  [null, undefined, 'null'],
])('code and message of %s', (thrown, code, message) => {
  expect(codeOf(thrown)).toBe(code);
  expect(messageOf(thrown)).toBe(message);
});

test('a value outside its union is a bug', () => {
  expect(() => unreachable('other' as never)).toThrow(InternalError);
});
