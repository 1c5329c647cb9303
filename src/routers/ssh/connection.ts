/** One SSH connection with one shell on it, ready to be talked to. */
import { readFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import ssh2, { type Client, type ClientChannel, type PseudoTtyOptions } from 'ssh2';
import { withDeadline } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { codeOf, messageOf } from '../../lib/errors.ts';
import { RouterError, type RouterSettings } from '../contract.ts';
import { offeredAlgorithms } from './algorithms.ts';
import { createLogin } from './authentication.ts';
import { translateError } from './errors.ts';
import { listedTypes, refusalOfKey, type Trust } from './host-keys.ts';

/** An open shell and the connection under it. */
export interface Shell {
  readonly client: Client;
  readonly channel: ClientChannel;
}

export interface ShellOptions {
  readonly echoOff: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Wide and high enough that no router repaints a long line or asks for `--More--`. */
const TERMINAL = { term: 'dumb', cols: 511, rows: 1000, width: 0, height: 0 };

/** Connects, verifies the host key, logs in and opens a shell. Throws RouterError or AbortedError. */
export async function openShell(settings: RouterSettings, options: ShellOptions): Promise<Shell> {
  const { clock, signal } = options;
  const trust = await readTrust(settings);
  const client = new ssh2.Client();
  // ssh2 may report more than one error; one that nobody waits for must not end the process.
  client.on('error', () => undefined);
  const expired = () => new RouterError('deadline', `${settings.name}: no shell within ${settings.readyTimeoutMs} ms`);
  try {
    const opening = openOn(client, settings, trust, options.echoOff);
    // After a deadline or an abort nobody waits for it any more.
    opening.catch(() => undefined);
    const channel = await withDeadline(opening, settings.readyTimeoutMs, { signal, clock, expired });
    return { client, channel };
  } catch (error) {
    client.destroy();
    throw error;
  }
}

async function openOn(
  client: Client,
  settings: RouterSettings,
  trust: Trust,
  echoOff: boolean,
): Promise<ClientChannel> {
  const login = createLogin(settings);
  let refusal: string | undefined;
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    client.once('error', (error) => reject(failureOf(error, settings, login.tried, refusal)));
    client.once('close', () => reject(new RouterError('refused', `${settings.name}: closed before the login`)));
    client.connect({
      sock: connectTcp({ host: settings.address, port: settings.port, noDelay: true }),
      username: settings.username,
      algorithms: offeredAlgorithms(settings.legacyAlgorithms, listedTypes(trust)),
      hostVerifier: (key: Buffer) => {
        refusal = refusalOfKey(key, trust);
        return refusal === undefined;
      },
      authHandler: login.handler,
      keepaliveInterval: settings.keepaliveMs,
      // The deadline of this module covers the shell too.
      readyTimeout: 0,
    });
  });
  return await requestShell(client, settings, echoOff);
}

function requestShell(client: Client, settings: RouterSettings, echoOff: boolean): Promise<ClientChannel> {
  const terminal: PseudoTtyOptions = echoOff ? { ...TERMINAL, modes: { ECHO: 0 } } : TERMINAL;
  return new Promise((resolve, reject) => {
    client.once('error', (error) => reject(translateError(error, settings.name)));
    client.once('close', () => reject(new RouterError('lost', `${settings.name}: closed before the shell`)));
    client.shell(terminal, (error, channel) => {
      // Out of vty lines, or shells not permitted: the login worked, so it may work later.
      if (error) reject(new RouterError('in-use', `${settings.name}: no shell: ${error.message}`, { cause: error }));
      else resolve(channel);
    });
  });
}

function failureOf(
  error: Error,
  settings: RouterSettings,
  tried: readonly string[],
  refusal: string | undefined,
): RouterError {
  if (refusal !== undefined) return new RouterError('host-key', `${settings.name} ${refusal}`);
  const translated = translateError(error, settings.name);
  if (translated.code !== 'authentication' || !/All configured/.test(error.message)) return translated;
  const how = tried.length === 0 ? 'no method that the router offers is configured' : `tried ${tried.join(', ')}`;
  return new RouterError('authentication', `${settings.name}: user ${settings.username} was refused; ${how}`);
}

async function readTrust(settings: RouterSettings): Promise<Trust> {
  const { address: host, port, hostKeys: pins, knownHosts: path } = settings;
  if (path === undefined) return { host, port, pins, knownHosts: undefined };
  try {
    return { host, port, pins, knownHosts: await readFile(path, 'utf8') };
  } catch (error) {
    const reason = codeOf(error) === 'ENOENT' ? 'no such file' : messageOf(error);
    throw new RouterError('host-key', `${settings.name}: the knownHosts file ${path} cannot be read: ${reason}`, {
      cause: error,
    });
  }
}
