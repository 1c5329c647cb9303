/** The SSH front: connections, host key, log-in. Hands an open shell to the router and knows nothing of IOS. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ServerChannel, type Session } from 'ssh2';
import { InternalError } from '../../lib/errors.ts';

/** An account of the router. */
export interface User {
  readonly name: string;
  /** For password and keyboard-interactive log-in. */
  readonly password?: string;
  /** One line of OpenSSH public key. */
  readonly publicKey?: string;
  /** 15, the default, lands in privileged exec, 1 in user exec. */
  readonly privilege?: 1 | 15;
}

/** A user's shell: write to it, listen to it, close it. */
export interface OpenShell {
  readonly user: User;
  readonly from: string;
  readonly channel: ServerChannel;
  /** The terminal that the client asked for. */
  readonly size: { readonly columns: number; readonly lines: number } | undefined;
  /** Ends the TCP connection at once, without the farewell of SSH. */
  cut(): void;
  /** Ends the channel in order: the user typed `exit`. */
  end(): void;
}

export interface FrontHandlers {
  /** What happens to a new TCP connection. */
  admit(): 'serve' | 'reset' | 'silent';
  /** Whether any log-in may succeed. */
  permitLogin(): boolean;
  onShell(shell: OpenShell): void;
}

export interface FrontOptions {
  readonly address: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly users: readonly User[];
  /** What the server calls itself; `Cisco-1.25` makes ssh2 clients drop group exchange, as with the real one. */
  readonly ident: string;
}

/** Where the router can be reached, and how it is known to be the right one. */
export interface Listening {
  readonly port: number;
  /** `SHA256:...`, as `ssh-keygen -l` prints it. */
  readonly hostKeyFingerprint: string;
  /** A line for a known_hosts file. */
  readonly knownHostsLine: string;
}

interface HostKey {
  readonly private: string;
  readonly blob: Buffer;
}

const METHODS = ['publickey', 'keyboard-interactive', 'password'] as const;

export class SshFront {
  readonly #options: FrontOptions;
  readonly #handlers: FrontHandlers;
  readonly #sockets = new Set<Socket>();
  #listener: NetServer | undefined;
  #hostKey: HostKey | undefined;
  #port = 0;

  constructor(options: FrontOptions, handlers: FrontHandlers) {
    this.#options = options;
    this.#handlers = handlers;
  }

  /** Listens; after `stop` again on the same port. Rejects with the system's error if the port is taken. */
  async listen(): Promise<Listening> {
    this.#hostKey ??= generateHostKey();
    const { ident, address } = this.#options;
    const ssh = new ssh2.Server({ hostKeys: [this.#hostKey.private], ident }, (client, { port }) =>
      this.#serve(client, port),
    );
    const listener = createServer((socket) => this.#accept(ssh, socket));
    this.#listener = listener;
    const port = this.#port === 0 ? this.#options.port : this.#port;
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject).listen(port, address, resolve);
    });
    const bound = listener.address();
    this.#port = typeof bound === 'object' && bound !== null ? bound.port : port;
    return listening(address, this.#port, this.#hostKey);
  }

  /** Cuts every connection and refuses new ones until `listen`. */
  async stop(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (listener !== undefined) await new Promise<void>((resolve) => listener.close(() => resolve()));
  }

  #accept(ssh: ssh2.Server, socket: Socket): void {
    const verdict = this.#handlers.admit();
    socket.on('error', () => {});
    if (verdict === 'reset') {
      socket.resetAndDestroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.setNoDelay(true);
    if (verdict === 'serve') ssh.injectSocket(socket);
  }

  #serve(client: Connection, remotePort: number): void {
    let user: User | undefined;
    const socket = [...this.#sockets].find((other) => other.remotePort === remotePort);
    client.on('error', () => {});
    client.on('authentication', (context) => {
      user = this.#options.users.find(({ name }) => name === context.username);
      void this.#authenticate(context, user);
    });
    client.on('session', (accept) => {
      if (user !== undefined && socket !== undefined) this.#openSession(client, accept(), { user, socket });
    });
  }

  #openSession(client: Connection, session: Session, { user, socket }: { user: User; socket: Socket }): void {
    let size: OpenShell['size'];
    session.on('pty', (accept, _reject, { cols, rows }) => {
      size = { columns: cols, lines: rows };
      accept?.();
    });
    session.on('shell', (accept) => {
      const channel = accept();
      channel.on('error', () => {});
      this.#handlers.onShell({
        user,
        from: socket.remoteAddress ?? '',
        channel,
        size,
        cut: () => void socket.destroy(),
        end: () => {
          channel.exit(0);
          channel.end();
          client.end();
        },
      });
    });
  }

  async #authenticate(context: AuthContext, user: User | undefined): Promise<void> {
    const right = user !== undefined && (await proves(user, context));
    if (right && this.#handlers.permitLogin()) context.accept();
    else context.reject([...METHODS]);
  }
}

async function proves(user: User, context: AuthContext): Promise<boolean> {
  switch (context.method) {
    case 'password':
      return isPassword(user, context.password);
    case 'publickey':
      return isKey(user, context);
    case 'keyboard-interactive':
      return isPassword(user, await ask(context));
    default:
      return false;
  }
}

/** The answer to one hidden question; never settles if the client goes away, and neither does the log-in. */
function ask(context: Extract<AuthContext, { method: 'keyboard-interactive' }>): Promise<string> {
  return new Promise((resolve) => {
    context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => resolve(answers[0] ?? ''));
  });
}

function isPassword(user: User, given: string): boolean {
  if (user.password === undefined) return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(user.password));
}

function isKey(user: User, context: Extract<AuthContext, { method: 'publickey' }>): boolean {
  if (user.publicKey === undefined) return false;
  const key = ssh2.utils.parseKey(user.publicKey);
  if (key instanceof Error || Array.isArray(key)) return false;
  if (context.key.algo !== key.type && !key.type.startsWith('ssh-rsa')) return false;
  if (!context.key.data.equals(key.getPublicSSH())) return false;
  // Without a signature the client only asks whether this key would do.
  if (context.signature === undefined || context.blob === undefined) return true;
  return key.verify(context.blob, context.signature, context.hashAlgo) === true;
}

function listening(address: string, port: number, { blob }: HostKey): Listening {
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return {
    port,
    hostKeyFingerprint: `SHA256:${digest}`,
    knownHostsLine: `[${address}]:${port} ssh-ed25519 ${blob.toString('base64')}`,
  };
}

/** ssh2 1.17 writes about 1 in 256 of its ed25519 keys in a form that it cannot read itself, so each is tried. */
const KEY_TRIES = 20;

function generateHostKey(): HostKey {
  for (let tries = 0; tries < KEY_TRIES; tries++) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    const parsed = ssh2.utils.parseKey(pair.private);
    if (parsed instanceof Error || Array.isArray(parsed)) continue;
    const sample = Buffer.from('host key');
    const signature = parsed.sign(sample);
    if (Buffer.isBuffer(signature) && parsed.verify(sample, signature) === true) {
      return { private: pair.private, blob: parsed.getPublicSSH() };
    }
  }
  throw new InternalError('no usable ed25519 host key could be generated');
}
