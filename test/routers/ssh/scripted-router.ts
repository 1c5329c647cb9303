/** An SSH server that plays a small command line, with the ways of a terminal that a session must live with. */
import { type AddressInfo, createServer } from 'node:net';
import ssh2, { type AuthContext, type ServerChannel, type ServerConfig } from 'ssh2';
import { Secret } from '../../../src/lib/secret.ts';
import type { RouterSettings } from '../../../src/routers/contract.ts';
import { fingerprint } from '../../../src/routers/ssh/host-keys.ts';

/** What a test changes of a router that behaves. */
export interface Manners {
  readonly hostname?: string;
  /** Printed before the first prompt. */
  readonly banner?: string;
  /** `edge1#`, or `edge1>` until enabled. */
  readonly startsAt?: '#' | '>';
  /** Written after `#`, `>` of a prompt: vtysh has a space. */
  readonly promptEnd?: string;
  readonly enablePassword?: string;
  readonly echo?: 'yes' | 'no';
  /** Turns the echo of a line into what the terminal shows. */
  readonly paintEcho?: (line: string) => string;
  /** Every byte in a packet of its own. */
  readonly byteByByte?: boolean;
  readonly echoDelayMs?: number;
  /**
   * Reply to a line, lines parted by `\n`; `undefined` = silence and no prompt; `hangUp` = the session ends.
   * A form feed stops for `--More--` until a blank is typed.
   */
  readonly reply?: (line: string, mode: 'exec' | 'config') => string | undefined | typeof hangUp;
  /** Written right after the prompt that follows a line. */
  readonly afterPrompt?: (line: string) => string;
  /** In configuration mode only this much of the host name is shown. */
  readonly configHostLength?: number;
  readonly password?: string;
  readonly authentication?: (context: AuthContext) => void;
  readonly algorithms?: ServerConfig['algorithms'];
}

export const hangUp = Symbol('hang up');

export interface ScriptedRouter {
  /** Every line that the client sent, in order; passwords too. */
  readonly lines: string[];
  readonly hostKey: Buffer;
  readonly settings: RouterSettings;
  close(): Promise<void>;
}

const HOST_KEY = ssh2.utils.generateKeyPairSync('ed25519').private;
const MORE = ' --More-- ';
const ERASE_MORE = `${'\b'.repeat(9)}${' '.repeat(8)}${'\b'.repeat(9)}`;
const PASSWORD = 'correct horse';

export async function startScriptedRouter(manners: Manners = {}): Promise<ScriptedRouter> {
  const lines: string[] = [];
  const parsed = ssh2.utils.parseKey(HOST_KEY);
  if (parsed instanceof Error) throw parsed;
  const config = { hostKeys: [HOST_KEY], ...(manners.algorithms ? { algorithms: manners.algorithms } : {}) };
  const server = new ssh2.Server(config, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', manners.authentication ?? ((context) => byPassword(context, manners)));
    client.on('session', (accept) => {
      const echo = manners.echo !== 'no';
      const session = accept();
      session.on('pty', (acceptPty) => acceptPty());
      session.on('shell', (acceptShell) => play(acceptShell(), manners, { echo, lines, end: () => client.end() }));
    });
  });
  // Without Nagle's algorithm, as routers and sshd do it.
  const listener = createServer({ noDelay: true }, (socket) => server.injectSocket(socket));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const hostKey = parsed.getPublicSSH();
  return {
    lines,
    hostKey,
    settings: settingsOf((listener.address() as AddressInfo).port, hostKey),
    close: () => new Promise((resolve) => listener.close(() => resolve())),
  };
}

function settingsOf(port: number, hostKey: Buffer): RouterSettings {
  return {
    name: 'edge1',
    platform: 'ios',
    transport: 'ssh',
    address: '127.0.0.1',
    port,
    username: 'anytrack',
    hostKeys: [fingerprint(hostKey)],
    password: new Secret(PASSWORD, 'test'),
    legacyAlgorithms: false,
    commandTimeoutMs: 3000,
    readyTimeoutMs: 5000,
    keepaliveMs: 10_000,
    driftCheckMs: 60_000,
    save: 'never',
  };
}

function byPassword(context: AuthContext, manners: Manners): void {
  if (context.method === 'password' && context.password === (manners.password ?? PASSWORD)) context.accept();
  else context.reject(['password']);
}

function modeAfter(line: string, reply: string, mode: 'exec' | 'config'): 'exec' | 'config' {
  if (line === 'configure terminal' && reply === '') return 'config';
  return line === 'end' ? 'exec' : mode;
}

interface Stage {
  readonly echo: boolean;
  readonly lines: string[];
  end(): void;
}

function play(channel: ServerChannel, manners: Manners, stage: Stage): void {
  const { hostname = 'edge1', promptEnd = '' } = manners;
  let mode: 'exec' | 'config' = 'exec';
  let sign = manners.startsAt ?? '#';
  let asksPassword = false;
  let typed = '';
  let held: string[] = [];
  let queue = Promise.resolve();
  channel.on('error', () => undefined);
  const send = (text: string, delayMs = 0) => {
    const packets = manners.byteByByte === true ? [...text] : [text];
    queue = queue.then(async () => {
      for (const packet of packets) {
        if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
        else if (packets.length > 1) await new Promise((resolve) => setImmediate(resolve));
        if (channel.writable) channel.write(packet);
      }
    });
  };
  const prompt = () => {
    const shown = mode === 'config' ? hostname.slice(0, manners.configHostLength ?? 63) : hostname;
    return `${shown}${mode === 'config' ? '(config)' : ''}${sign}${promptEnd}`;
  };
  const answer = (line: string) => {
    const reply = manners.reply?.(line, mode);
    if (reply === hangUp) return stage.end();
    mode = modeAfter(line, reply ?? '', mode);
    if (line === 'exit') return stage.end();
    if (manners.reply !== undefined && reply === undefined) return;
    const text = (reply ?? '').replaceAll('\n', '\r\n');
    const [page = '', ...more] =
      `${text}${text === '' ? '' : '\r\n'}${prompt()}${manners.afterPrompt?.(line) ?? ''}`.split('\f');
    held = more;
    send(`${page}${held.length > 0 ? MORE : ''}`);
  };
  const takePassword = (line: string) => {
    asksPassword = false;
    if (line === manners.enablePassword) sign = '#';
    send(`\r\n${sign === '#' ? '' : '% Access denied\r\n\r\n'}${prompt()}`);
  };
  const take = (line: string) => {
    stage.lines.push(line);
    if (asksPassword) return takePassword(line);
    const shown = manners.paintEcho?.(line) ?? line;
    if (stage.echo) send(`${shown}\r\n`, manners.echoDelayMs);
    if (line !== 'enable') return answer(line);
    asksPassword = manners.enablePassword !== undefined;
    if (!asksPassword) sign = '#';
    send(asksPassword ? 'Password: ' : prompt());
  };
  send(`${manners.banner ?? '\r\n'}${prompt()}`);
  channel.on('data', (bytes: Buffer) => {
    typed += bytes.toString('latin1');
    while (held.length > 0 && typed.startsWith(' ')) {
      typed = typed.slice(1);
      const page = held.shift() ?? '';
      send(`${ERASE_MORE}${page}${held.length > 0 ? MORE : ''}`);
    }
    for (let end = typed.indexOf('\n'); end >= 0; end = typed.indexOf('\n')) {
      const line = typed.slice(0, end);
      typed = typed.slice(end + 1);
      take(line);
    }
  });
}
