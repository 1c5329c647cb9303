import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { Secret } from '../../src/lib/secret.ts';
import { secretReader } from '../../src/settings/read.ts';
import { compile, POLICY, SECRET_TEXT, SITE, settingsOf } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'anytrack-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(text: string, mode: number): string {
  const path = join(folder, `secret-${mode.toString(8)}-${text.length}`);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const env = { TOKEN: 's3cret', EMPTY: '', CREDENTIALS_DIRECTORY: folder };
const read = secretReader({ cwd: folder, env });
const reveal = (found: Secret | string) => (found instanceof Secret ? found.reveal() : `refused: ${found}`);

describe('a secret file', () => {
  test.each([0o600, 0o400, 0o640, 0o440])('of mode %o is read', (mode) => {
    expect(reveal(read({ from: 'file', name: fileWith('s3cret', mode) }))).toBe('s3cret');
  });

  test.each([
    [0o644, 'is open to everyone (mode 644); run: chmod o= '],
    [0o604, 'is open to everyone (mode 604); run: chmod o= '],
    [0o602, 'is open to everyone (mode 602); run: chmod o= '],
    [0o660, 'can be written by its group (mode 660); run: chmod g-w '],
    [0o666, 'is open to everyone (mode 666); run: chmod o= '],
  ])('of mode %o is refused', (mode, reason) => {
    const path = fileWith('s3cret', mode);
    expect(read({ from: 'file', name: path })).toBe(`secret file ${path.slice(folder.length + 1)} ${reason}${path}`);
  });

  test.each([
    ['s3cret\n', 's3cret'],
    ['s3cret\r\n', 's3cret'],
    ['s3cret\n\n', 's3cret\n'],
    [' s3cret ', ' s3cret '],
  ])('%j loses one line break at its end', (text, secret) => {
    expect(reveal(read({ from: 'file', name: fileWith(text, 0o600) }))).toBe(secret);
  });

  test.each(['', '\n'])('that is empty (%j) is refused', (text) => {
    expect(read({ from: 'file', name: fileWith(text, 0o600) })).toMatch(/ is empty$/);
  });

  test('that is missing is told plainly', () => {
    expect(read({ from: 'file', name: join(folder, 'none') })).toBe(
      'secret file none cannot be read: no such file or folder; create it with mode 600',
    );
  });

  test('must be a file, of the size of a secret', () => {
    mkdirSync(join(folder, 'sub'));
    expect(read({ from: 'file', name: join(folder, 'sub') })).toBe('secret file sub is not a regular file');
    expect(read({ from: 'file', name: '/dev/zero' })).toBe('secret file /dev/zero is not a regular file');
    expect(read({ from: 'file', name: fileWith('x'.repeat(65_537), 0o600) })).toMatch(/ is larger than 65536 bytes$/);
  });

  test('is found relative to the file that names it', () => {
    const asked: string[] = [];
    const readSecret = (reference: { name: string }) => {
      asked.push(reference.name);
      return new Secret('x', 'file:x');
    };
    const templates = { base: 'probes: { ask: { echo: { secret: { file: ../keys/a } } } }\n' };
    const policy = `extends: base\n${POLICY.replace('text: hello', 'text: hello, headers: { h: { file: b } }')}`;
    compile({ readSecret, policies: { good: policy }, templates });
    expect(asked).toContain('/etc/anytrack/keys/a');
    expect(asked).toContain('/etc/anytrack/policies/b');
  });
});

describe('other places', () => {
  test.each([
    ['env', 'TOKEN', 's3cret'],
    ['env', 'EMPTY', 'refused: environment variable EMPTY is empty'],
    ['env', 'NONE', 'refused: environment variable NONE is not set'],
    ['credential', 'none', 'refused: credential none cannot be read: no such file or folder; create it with mode 600'],
    ['credential', '../x', 'refused: `../x` is not a name of a systemd credential'],
    ['credential', '..', 'refused: `..` is not a name of a systemd credential'],
  ] as const)('%s %s', (from, name, expected) => expect(reveal(read({ from, name }))).toBe(expected));

  test('a credential is a file of its folder', () => {
    fileWith('c', 0o400);
    expect(reveal(read({ from: 'credential', name: 'secret-400-1' }))).toBe('c');
  });

  test('without systemd there are none', () => {
    expect(secretReader({ cwd: folder, env: {} })({ from: 'credential', name: 'x' })).toBe(
      'credential x: $CREDENTIALS_DIRECTORY is not set; add LoadCredential=x:PATH to the systemd unit',
    );
  });
});

describe('promise 10: secrets stay secret', () => {
  const policy = POLICY.replace('text: hello', 'text: hello, secret: { env: A }, login: { bearer: { file: b } }');
  const world = { policies: { good: policy } };

  test('the schema gets Secrets', () => {
    const [probe] = settingsOf(world).policies[0]?.probes ?? [];
    expect(probe?.options).toMatchObject({ secret: expect.any(Secret), login: { bearer: expect.any(Secret) } });
    expect(settingsOf(world).routers[0]?.password?.reveal()).toBe(SECRET_TEXT);
  });

  test('nothing that is printed holds one', () => {
    const loaded = compile({ ...world, policies: { good: `${policy}onStop: ${SECRET_TEXT}x\n`, fine: policy } });
    for (const text of [JSON.stringify(loaded), inspect(loaded, { depth: 20 }), ...loaded.expanded.values()]) {
      expect(text.replaceAll(`${SECRET_TEXT}x`, '')).not.toContain(SECRET_TEXT);
    }
    const { settings } = compile(world);
    expect(settings).toBeDefined();
    expect(`${JSON.stringify(settings)}${inspect(settings, { depth: 20 })}`).not.toContain(SECRET_TEXT);
  });

  test.each([
    ['a plain password', SITE.replace('{ env: PASSWORD }', SECRET_TEXT), POLICY],
    ['a password under a mistyped key', SITE.replace('password: { env: PASSWORD }', `pasword: ${SECRET_TEXT}`), POLICY],
    ['a plain secret of a probe', SITE, POLICY.replace('text: hello', `text: hello, secret: ${SECRET_TEXT}`)],
    ['a plain secret in a union', SITE, POLICY.replace('text: hello', `text: x, login: { bearer: ${SECRET_TEXT} }`)],
    ['a secret instead of a mapping', SITE, POLICY.replace('text: hello', `text: x, login: ${SECRET_TEXT}`)],
  ])('the problem about %s does not repeat it', (_, site, policy) => {
    const { messages } = compile({ site, policies: { good: policy } });
    expect(messages).not.toEqual([]);
    expect(messages.join('\n')).not.toContain(SECRET_TEXT);
  });
});
