import { describe, expect, test } from 'vitest';
import { RouterError, type RouterErrorCode } from '../../src/routers/contract.ts';
import { readText, unionMembers } from './sources.ts';

const model = readText('src/model.ts');
const routers = readText('src/routers/contract.ts');
const text = readText('docs/reasons.md');

/** The cells of a table of docs/reasons.md, without its head. */
function tableOf(union: string): readonly (readonly string[])[] {
  const section = text.split(`<!-- codes: ${union} -->\n`)[1]?.split('<!-- /codes -->')[0] ?? '';
  const rows = section.trimEnd().split('\n').slice(2);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The codes that only a RouteChange has. */
const ownReasons = [...(/reason: VerdictReason \| (.*);/.exec(model)?.[1] ?? '').matchAll(/'([^']+)'/g)].map(
  ([, code = '']) => code,
);

describe('docs/reasons.md', () => {
  test.each([
    ['FailCause', unionMembers(model, 'FailCause')],
    ['ErrorCause', unionMembers(model, 'ErrorCause')],
    ['TrackReason', unionMembers(model, 'TrackReason')],
    ['VerdictReason', unionMembers(model, 'VerdictReason')],
    ['RouteChange', ownReasons],
    ['RouterErrorCode', unionMembers(routers, 'RouterErrorCode')],
  ])('has every code of %s, in the order of the code', (union, codes) => {
    expect(codes.length).toBeGreaterThan(1);
    expect(tableOf(union).map(([code]) => code)).toEqual(codes.map((code) => `\`${code}\``));
  });

  test('says of each router code whether it is terminal', () => {
    for (const [code = '', kind] of tableOf('RouterErrorCode')) {
      const { terminal } = new RouterError(code.replaceAll('`', '') as RouterErrorCode, '');
      expect([code, kind]).toEqual([code, terminal ? 'terminal' : 'transient']);
    }
  });

  test('explains each code', () => {
    for (const union of ['FailCause', 'ErrorCause', 'TrackReason', 'RouteChange']) {
      for (const [code, meaning] of tableOf(union))
        expect([code, meaning]).toEqual([code, expect.stringMatching(/\.$/)]);
    }
  });
});
