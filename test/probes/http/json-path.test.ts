import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJsonPath, valueAt } from '../../../src/probes/http/json-path.ts';

describe('JSON path', () => {
  test.each([
    ['$', []],
    ['$.status', ['status']],
    ['$.a.b[0]', ['a', 'b', 0]],
    ['$[0][-1]', [0, -1]],
    ["$['a name'].b", ['a name', 'b']],
    ['$["it\'s"]', ["it's"]],
    ['$.größe.x-y_1', ['größe', 'x-y_1']],
  ])('%s is read', (text, steps) => {
    expect(parseJsonPath(text)).toEqual(steps);
  });

  test.each(['', 'status', '.a', '$a', '$.', '$..a', '$.*', '$[*]', '$[1:2]', '$[01]', '$[a]', '$.a ', "$['a]", '$.1'])(
    '"%s" is refused',
    (text) => {
      expect(parseJsonPath(text)).toBeUndefined();
    },
  );

  test.each<[string, unknown]>([
    ['$.a.b[0]', 1],
    ['$.a.b[-1]', 3],
    ['$.a.b[9]', undefined],
    ['$.a.none', undefined],
    ['$.none.b', undefined],
    ['$.a[0]', undefined],
    ['$.a.b.length', undefined],
    ['$.null', null],
    ['$.null.x', undefined],
    ['$.toString', undefined],
    ['$.__proto__', undefined],
  ])('%s gives %j', (path, expected) => {
    const root: unknown = { a: { b: [1, 2, 3] }, null: null };
    expect(valueAt(root, parseJsonPath(path) ?? ['not a path'])).toEqual(expected);
  });

  test('any text gives steps or nothing, any value is walked', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (text, value) => {
        valueAt(value, parseJsonPath(`$${text}`) ?? []);
      }),
    );
  });
});
