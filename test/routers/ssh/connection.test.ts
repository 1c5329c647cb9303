import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type AuthContext } from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { ios } from '../../../src/routers/cli/ios.ts';
import type { RouterSettings } from '../../../src/routers/contract.ts';
import { createSshDriver } from '../../../src/routers/ssh/driver.ts';
import { fingerprint } from '../../../src/routers/ssh/host-keys.ts';
import { freePort } from '../../support/frr.ts';
import { type Manners, type ScriptedRouter, startScriptedRouter } from './scripted-router.ts';

const signal = new AbortController().signal;
let folder: string;
const routers: ScriptedRouter[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'at-ssh-'));
});
afterEach(async () => {
  for (const router of routers.splice(0)) await router.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function start(manners: Manners = {}): Promise<ScriptedRouter> {
  const router = await startScriptedRouter({ reply: () => '', ...manners });
  routers.push(router);
  return router;
}

/** `open`, or the code and message of the error that opening gave. */
async function open(settings: RouterSettings): Promise<string> {
  try {
    const session = await createSshDriver(settings, ios, [], { clock: systemClock }).open(signal);
    await session.close();
    return 'open';
  } catch (error) {
    return error instanceof Error && 'code' in error ? `${error.code}: ${error.message}` : String(error);
  }
}

function without<K extends keyof RouterSettings>(settings: RouterSettings, key: K): Omit<RouterSettings, K> {
  const { [key]: _left, ...rest } = settings;
  return rest;
}

describe('the host key is always verified', () => {
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const strangerKey = (() => {
    const parsed = ssh2.utils.parseKey(stranger.privateKey.export({ type: 'pkcs1', format: 'pem' }));
    if (parsed instanceof Error) throw parsed;
    return parsed.getPublicSSH();
  })();
  const line = (name: string, key: Buffer, type = 'ssh-ed25519') => `${name} ${type} ${key.toString('base64')} comment`;
  const hashed = (name: string) => {
    const salt = Buffer.from('0123456789abcdefghij');
    return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
  };

  test('a pinned fingerprint', async () => {
    const { settings } = await start();
    expect(await open(settings)).toBe('open');
    expect(await open({ ...settings, hostKeys: ['SHA256:other', `${settings.hostKeys[0]}=`] })).toBe('open');
  });

  test('nothing known: refused, and told what was seen and what to add', async () => {
    const { settings, hostKey, lines } = await start();
    const told = await open({ ...settings, hostKeys: [] });
    expect(told).toBe(
      `host-key: edge1 shows the ssh-ed25519 key ${fingerprint(hostKey)}, but no host key is known; if it is the router's own, set hostKey: ${fingerprint(hostKey)} or add a known_hosts line for [127.0.0.1]:${settings.port}`,
    );
    expect(lines).toEqual([]);
  });

  test.each<readonly [string, (name: string, key: Buffer) => string[], string]>([
    ['a plain entry', (name, key) => [line(name, key)], 'open'],
    ['a hashed entry', (name, key) => [line(hashed(name), key)], 'open'],
    ['a wildcard', (name, key) => [line(name.replace('127.0.0', '*'), key)], 'open'],
    ['several names', (name, key) => [line(`other,${name}`, key)], 'open'],
    ['several keys', (name, key) => [line(name, strangerKey, 'ssh-rsa'), line(name, key)], 'open'],
    ['comments and empty lines', (name, key) => ['# comment', '', line(name, key)], 'open'],
    ['another key', (name) => [line(name, strangerKey, 'ssh-rsa')], 'host-key'],
    ['another port', (name, key) => [line(name.replace(/\d+$/, '1'), key)], 'host-key'],
    ['the name without its port', (_name, key) => [line('127.0.0.1', key)], 'host-key'],
    ['a negated name', (name, key) => [line(`${name},!${name}`, key)], 'host-key'],
    ['a certificate authority', (name, key) => [`@cert-authority ${line(name, key)}`], 'host-key'],
    ['a revoked key', (name, key) => [line(name, key), `@revoked ${line('*', key)}`], 'host-key'],
    ['rubbish', () => ['\u0000\u0001', '|1|', '@revoked', 'a b', '|1|a|b ssh-rsa !!!'], 'host-key'],
  ])('known_hosts with %s', async (name, lines, expected) => {
    const { settings, hostKey } = await start();
    const path = join(folder, `known-${name.replaceAll(' ', '-')}`);
    await writeFile(path, `${lines(`[127.0.0.1]:${settings.port}`, hostKey).join('\n')}\n`);
    expect((await open({ ...settings, hostKeys: [], knownHosts: path })).split(':')[0]).toBe(expected);
  });

  test('a revoked key is refused even if it is pinned', async () => {
    const { settings, hostKey } = await start();
    const path = join(folder, 'revoked');
    await writeFile(path, `@revoked ${line('*', hostKey)}\n`);
    expect(await open({ ...settings, knownHosts: path })).toMatch(/^host-key: edge1 shows a revoked host key/);
  });

  test('a known_hosts file that is not there', async () => {
    const { settings } = await start();
    expect(await open({ ...settings, knownHosts: join(folder, 'none') })).toMatch(
      /^host-key: .*the knownHosts file \S+none cannot be read: no such file/,
    );
  });
});

describe('logging in', () => {
  test('a wrong password is refused once, and told without it', async () => {
    let tries = 0;
    const { settings } = await start({
      authentication(context) {
        if (context.method === 'password') tries++;
        context.reject(['password', 'keyboard-interactive']);
      },
    });
    const told = await open({ ...settings, password: new Secret('hunter2', 'test') });
    expect(told).toBe('authentication: edge1: user anytrack was refused; tried password');
    expect(tries).toBe(1);
  });

  test.each([
    ['asked once', 1, 'open'],
    ['asked again and again', 99, 'authentication'],
  ])('keyboard-interactive, %s: the password goes out once', async (_name, accepts, expected) => {
    const answers: string[] = [];
    const ask = (context: AuthContext) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
      const again = (given: string[]) => {
        answers.push(...given);
        if (answers.filter((text) => text === 'hunter2').length >= accepts) return context.accept();
        if (answers.length < 3) return context.prompt([{ prompt: 'Password: ', echo: false }], again);
        context.reject();
      };
      context.prompt([{ prompt: 'Password: ', echo: false }], again);
    };
    const { settings } = await start({ authentication: ask });
    const told = await open({ ...settings, password: new Secret('hunter2', 'test') });
    expect(told.split(':')[0]).toBe(expected);
    expect(answers.filter((text) => text === 'hunter2')).toHaveLength(1);
  });

  test('a private key, in the formats that ssh-keygen writes, with a passphrase or without', async () => {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    const locked = ssh2.utils.generateKeyPairSync('ed25519', { passphrase: 'pass', cipher: 'aes256-cbc', rounds: 16 });
    const { settings } = await start({
      authentication: (context) => (context.method === 'publickey' ? context.accept() : context.reject(['publickey'])),
    });
    const keyed = without(settings, 'password');
    expect(await open({ ...keyed, privateKey: new Secret(pair.private, 'test') })).toBe('open');
    const lockedKey = { ...keyed, privateKey: new Secret(locked.private, 'file:/etc/key') };
    expect(await open({ ...lockedKey, passphrase: new Secret('pass', 'test') })).toBe('open');
    expect(await open(lockedKey)).toMatch(/^authentication: edge1: the private key from file:\/etc\/key can't be read/);
  });

  test('no credential at all', async () => {
    const { settings } = await start();
    expect(await open(without(settings, 'password') as RouterSettings)).toMatch(
      /^authentication: .*neither privateKey/,
    );
  });
});

describe('getting there', () => {
  test('an old router: refused with a hint, reached with legacyAlgorithms', async () => {
    const { settings } = await start({
      algorithms: { kex: ['diffie-hellman-group14-sha1'], cipher: ['aes128-cbc'] },
    });
    expect(await open(settings)).toMatch(/^negotiation: .*no matching.*legacyAlgorithms: true/);
    expect(await open({ ...settings, legacyAlgorithms: true })).toBe('open');
  });

  test('nobody listens', async () => {
    const { settings } = await start();
    expect(await open({ ...settings, port: await freePort() })).toMatch(/^refused: edge1: .*ECONNREFUSED/);
  });

  test('no prompt within readyTimeoutMs, after one key', async () => {
    const { settings, lines } = await start({ banner: 'please wait', hostname: ' \u001b' });
    expect(await open({ ...settings, readyTimeoutMs: 1500 })).toMatch(/^deadline: .*no prompt of platform ios/);
    expect(lines).toEqual(['']);
  });

  test('given up by the caller', async () => {
    const { settings } = await start();
    const gone = AbortSignal.abort();
    await expect(createSshDriver(settings, ios, [], { clock: systemClock }).open(gone)).rejects.toMatchObject({
      code: 'aborted',
    });
  });
});
