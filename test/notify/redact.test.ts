import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/lib/secret.ts';
import { createLogger } from '../../src/notify/log.ts';
import { redactedJson, redactor, SECRET_KEYS, secretsIn } from '../../src/notify/redact.ts';

const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n-----END OPENSSH PRIVATE KEY-----\n';
const redact = redactor([new Secret('hunter2!', 'env:P'), new Secret('say "hi"', 'env:Q'), new Secret(KEY, 'file:k')]);

describe('known secrets are taken out of any text', () => {
  test.each([
    ['enable hunter2! ok', 'enable [secret] ok'],
    ['twice hunter2!hunter2!', 'twice [secret][secret]'],
    ['{"a":"say \\"hi\\""}', '{"a":"[secret]"}'],
    ['line b3BlbnNzaC1rZXktdjEAAAAABG5vbmU of a key', 'line [secret] of a key'],
    ['nothing here', 'nothing here'],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  test('a secret is never in the JSON, wherever it stands', () => {
    const key = fc.oneof(fc.string(), fc.constant('a hunter2! key'));
    const anything = fc.anything({
      key,
      values: [fc.string(), fc.constant('x hunter2! y'), fc.integer()],
      maxDepth: 4,
    });
    fc.assert(
      fc.property(anything, (value) => {
        const text = redactedJson({ value, password: value, secret: new Secret('hunter2!', 'env:P') }, redact);
        expect(text).not.toContain('hunter2!');
        expect(text).not.toContain('\n');
      }),
    );
  });

  test('a text that is too short to hide anything is left alone', () => {
    expect(redactor([new Secret('on', 'env:P')])('connection')).toBe('connection');
  });
});

test.each(SECRET_KEYS)('what stands under %s is not written', (key) => {
  expect(redactedJson({ a: [{ [key]: 'abc' }] }, redact)).toBe(`{"a":[{"${key}":"[secret]"}]}`);
});

test('the secrets of the settings are found wherever they stand', () => {
  const [a, b] = [new Secret('aaaa', 'env:A'), new Secret('bbbb', 'env:B')];
  const settings = { routers: [{ password: a }], policies: [{ probes: [{ options: { secret: b } }] }], site: 'ams1' };
  expect(secretsIn(settings)).toEqual([a, b]);
});

describe('the logger', () => {
  function logged(write: (log: ReturnType<typeof createLogger>) => void, level: 'info' | 'debug' = 'info') {
    const lines: string[] = [];
    write(createLogger({ level }, { redact, destination: { write: (line) => lines.push(line) } }));
    return lines;
  }

  test('writes JSON lines: level, time, message and fields', () => {
    const [line = ''] = logged((log) => log.info({ router: 'edge1' }, 'router session up'));
    expect(JSON.parse(line)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      router: 'edge1',
      msg: 'router session up',
    });
  });

  test('lets no secret through: by key, by value, in an error, in a Secret', () => {
    const lines = logged((log) => {
      log.info({ password: 'abc', router: { community: 'abc', witness: { token: 'abc' } } }, 'keys');
      log.info({ sent: 'enable hunter2!' }, 'value hunter2!');
      log.error({ err: new Error('login with hunter2! failed') }, 'error');
      log.info({ secret: new Secret('hunter2!', 'env:P'), nested: [new Secret('hunter2!', 'env:P')] }, 'objects');
    });
    expect(lines).toHaveLength(4);
    expect(lines.join('')).not.toMatch(/hunter2!|abc/);
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  });

  test('a secret of digits does not break a number', () => {
    const lines: string[] = [];
    const digits = redactor([new Secret('1812', 'env:P')]);
    createLogger({ level: 'info' }, { redact: digits, destination: { write: (line) => lines.push(line) } }).info(
      { port: 18120, text: '1812' },
      'x',
    );
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ port: 18120, text: '[secret]' });
  });

  test('keeps to its level', () => {
    expect(logged((log) => log.debug('x'))).toEqual([]);
    expect(logged((log) => log.debug('x'), 'debug')).toHaveLength(1);
  });
});
