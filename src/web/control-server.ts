import { chmod, lstat, stat, unlink } from 'node:fs/promises';
import { createServer, request, type Server, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { codeOf, messageOf, OperatorError } from '../lib/errors.ts';
import { type Redact, redactedJson } from '../notify/redact.ts';
import type { Status } from './status.ts';

/**
 * The daemon's local door: HTTP over a UNIX socket, readable by its owner and group only.
 * `GET /api/v1/status` answers a Status as JSON; anything else is 404 with a sentence.
 */
export class ControlServer {
  readonly #path: string;
  readonly #status: () => Status;
  readonly #redact: Redact;
  #server: Server | undefined;

  constructor(options: { path: string }, dependencies: { status: () => Status; redact: Redact }) {
    this.#path = options.path;
    this.#status = dependencies.status;
    this.#redact = dependencies.redact;
  }

  /** @throws OperatorError if another daemon listens there, or the folder cannot be written */
  async start(): Promise<void> {
    await this.#requireFolder();
    await this.#removeStaleSocket();
    const server = createServer((incoming, response) => this.#answer(incoming.method, incoming.url, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) =>
        reject(new OperatorError('environment', `cannot listen on ${this.#path}: ${listenTrouble(error)}`)),
      );
      server.listen(this.#path, resolve);
    });
    await chmod(this.#path, 0o660);
    this.#server = server;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #answer(method: string | undefined, url: string | undefined, response: ServerResponse): void {
    const found = method === 'GET' && url === '/api/v1/status';
    const body = found ? this.#status() : { error: `no ${method} ${url} here; allowed: GET /api/v1/status` };
    response
      .writeHead(found ? 200 : 404, { 'content-type': 'application/json' })
      .end(`${redactedJson(body, this.#redact)}\n`);
  }

  /** The kernel says "permission denied" of a folder that is not there. */
  async #requireFolder(): Promise<void> {
    const folder = dirname(this.#path);
    const found = await stat(folder).catch(() => undefined);
    if (found?.isDirectory()) return;
    throw new OperatorError(
      'environment',
      `cannot listen on ${this.#path}: there is no folder ${folder}; make it, or set \`controlSocket\` in the configuration`,
    );
  }

  /** A socket that nobody answers on is left from a daemon that was killed; any other file is not ours to remove. */
  async #removeStaleSocket(): Promise<void> {
    const found = await lstat(this.#path).catch(() => undefined);
    if (found === undefined) return;
    if (!found.isSocket()) throw new OperatorError('environment', `${this.#path} exists and is not a socket`);
    const answers = await fetchStatus(this.#path).then(
      () => true,
      () => false,
    );
    if (answers) throw new OperatorError('environment', `another anytrack already runs: it answers on ${this.#path}`);
    await unlink(this.#path);
  }
}

function listenTrouble(error: unknown): string {
  return codeOf(error) === 'EACCES' ? 'its folder cannot be written by this user' : messageOf(error);
}

/**
 * Asks the running daemon for its status.
 * @throws OperatorError (`environment`) if no daemon answers on the socket
 */
export function fetchStatus(socketPath: string): Promise<Status> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) =>
      reject(
        new OperatorError('environment', `no anytrack answers on ${socketPath}: ${askTrouble(error)}`, {
          cause: error,
        }),
      );
    const call = request({ socketPath, path: '/api/v1/status', method: 'GET', timeout: 5000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        try {
          // The daemon is this program: its answer has the shape of Status.
          resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Status);
        } catch (error) {
          fail(error);
        }
      });
    });
    call.on('timeout', () => call.destroy(new Error('no answer within 5 s')));
    call.on('error', fail);
    call.end();
  });
}

function askTrouble(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'there is no such socket; is it running?';
    case 'ECONNREFUSED':
      return 'nobody listens there; is it running?';
    case 'EACCES':
      return 'permission denied; ask as the user or a member of the group that it runs as';
    default:
      return messageOf(error);
  }
}
