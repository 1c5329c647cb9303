import { describe, expect, test } from 'vitest';
import { identityOf, judgeBody, judgeHead } from '../../../src/probes/http/judge.ts';
import { httpOptionsSchema } from '../../../src/probes/http/options.ts';

const head = (status: number, ...rawHeaders: string[]) => ({ status, reason: '', rawHeaders });
const options = (expected: object, more: object = {}) => httpOptionsSchema.parse({ expect: expected, ...more });

describe('status', () => {
  test.each<[number, unknown, boolean]>([
    // status, expect.status, good
    [200, undefined, true],
    [299, undefined, true],
    [199, undefined, false],
    [301, undefined, false],
    [404, undefined, false],
    [301, '300-399', true],
    [204, 200, false],
    [503, [200, '500-503'], true],
    [504, [200, '500-503'], false],
  ])('%i with %j', (status, expected, good) => {
    const complaint = judgeHead(head(status), options(expected === undefined ? {} : { status: expected }));
    expect(complaint?.cause).toBe(good ? undefined : 'http-status');
  });

  test('the detail says what was expected', () => {
    const found = { ...head(404), reason: 'Not Found' };
    expect(judgeHead(found, options({ status: [200, '300-399'] }))?.detail).toBe(
      '404 Not Found, expected 200, 300-399',
    );
  });
});

describe('headers', () => {
  const found = head(200, 'Server', 'nginx', 'X-Site', 'ams1', 'x-site', 'ams2', 'Set-Cookie', 'id=hidden');
  test.each<[string, object, string | undefined]>([
    ['server', { equals: 'nginx' }, undefined],
    ['Server', { equals: 'apache' }, 'header Server is "nginx", expected "apache"'],
    ['x-site', { equals: 'ams2' }, undefined],
    ['x-site', { match: '^fra' }, 'header x-site is "ams1", "ams2", expected to match /^fra/'],
    ['x-site', { notMatch: '2$' }, 'header x-site is "ams1", "ams2", which matches /2$/'],
    ['x-other', { notMatch: 'x' }, undefined],
    ['x-other', { absent: true }, undefined],
    ['x-other', { match: 'x' }, 'header x-other is missing, expected to match /x/'],
    ['server', { absent: true }, 'header server is "nginx", expected to be absent'],
    ['set-cookie', { equals: 'id=other' }, 'header set-cookie is not as expected'],
  ])('%s %j', (name, rule, detail) => {
    const complaint = judgeHead(found, options({ headers: { [name]: rule } }));
    expect(complaint).toEqual(detail === undefined ? undefined : { cause: 'header-mismatch', detail });
  });
});

describe('body', () => {
  const json = '{"status":"ok","checks":[{"ok":true},{"ok":false}],"count":1,"none":null}';
  test.each<[string, object, string, string | undefined]>([
    ['a byte order mark', { json: [{ path: '$.a', equals: 1 }] }, '\ufeff{"a":1}', undefined],
    ['include', { include: 'ready' }, 'all ready', undefined],
    ['include', { include: 'ready' }, 'starting', 'the body does not include "ready"'],
    ['exclude', { exclude: 'ERROR' }, 'fine', undefined],
    ['exclude', { exclude: 'ERROR' }, 'an ERROR', 'the body includes "ERROR"'],
    ['match', { match: '^all' }, 'all ready', undefined],
    ['match', { match: '^ready' }, 'all ready', 'the body does not match /^ready/'],
    ['notMatch', { notMatch: 'err.r' }, 'an error', 'the body matches /err.r/'],
    ['a match beyond its reach', { match: 'end' }, `${' '.repeat(8192)}end`, 'the body does not match /end/'],
    ['json equals', { json: [{ path: '$.status', equals: 'ok' }] }, json, undefined],
    ['json of a list', { json: [{ path: '$.checks[-1].ok', equals: false }] }, json, undefined],
    ['json null', { json: [{ path: '$.none', equals: null }] }, json, undefined],
    ['json type', { json: [{ path: '$.count', equals: '1' }] }, json, '$.count is 1, expected "1"'],
    ['json match', { json: [{ path: '$.count', match: '^[1-9]' }] }, json, undefined],
    [
      'json of an object',
      { json: [{ path: '$.checks', match: '.' }] },
      json,
      '$.checks is a list, expected to match /./',
    ],
    ['json absent', { json: [{ path: '$.error', absent: true }] }, json, undefined],
    ['json there', { json: [{ path: '$.none', absent: true }] }, json, '$.none is null, expected to be absent'],
    ['json missing', { json: [{ path: '$.x', equals: 1 }] }, json, '$.x is missing, expected 1'],
    ['no json', { json: [{ path: '$.x', equals: 1 }] }, '<html>', 'the body is not JSON'],
  ])('%s', (_name, rules, body, detail) => {
    const complaint = judgeBody(body, options({ body: rules }));
    expect(complaint).toEqual(detail === undefined ? undefined : { cause: 'body-mismatch', detail });
  });
});

describe('identity', () => {
  test.each<[object, string | undefined]>([
    [{ header: 'x-served-by' }, 'web1'],
    [{ header: 'x-other' }, undefined],
    [{ body: 'host=(\\w+)' }, 'web2'],
    [{ body: 'node=(\\w+)' }, undefined],
  ])('%j', (identity, expected) => {
    expect(identityOf(head(200, 'X-Served-By', 'web1'), 'host=web2;', options({}, { identity }))).toBe(expected);
  });
});
