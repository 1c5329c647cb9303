/** One request on one fresh connection, and its response. */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { codeOf } from '../../lib/errors.ts';
import type { ProbeResult } from '../../model.ts';
import type { ProbeContext, ProbeTarget } from '../contract.ts';
import type { Run } from '../run.ts';
import { type Head, looksAtBody } from './judge.ts';
import type { HttpOptions } from './options.ts';
import type { HttpRequest } from './request.ts';
import { expiryNote, type TlsContexts, tlsOptions } from './tls.ts';
import { noteHead } from './transcript.ts';

/** A response as far as it was read. */
export interface Reply {
  readonly head: Head;
  /** Bytes of the body, read or not. */
  readonly size: number;
  /** As UTF-8; the whole of it only where the options look at it, else its beginning. */
  readonly body: string;
  /** Something to tell beside the verdict: a certificate that ends soon. */
  readonly warning: string | undefined;
}

interface VisitOptions {
  readonly request: HttpRequest;
  readonly options: HttpOptions;
  readonly target: ProbeTarget;
  readonly context: ProbeContext;
  readonly run: Run;
  readonly contexts: TlsContexts;
  /** Whether the whole body is needed for the verdict; if not, the reply has what came along with the head. */
  readonly wantsBody: (head: Head) => boolean;
}

/** Bytes of status line and headers that are read at most: more is `malformed`. */
const MAX_HEAD_BYTES = 16_384;

export class Visit {
  readonly #with: VisitOptions;
  #socket: Socket | undefined;
  #tls: TLSSocket | undefined;
  #asked = false;
  #closed = false;
  #warning: string | undefined;
  #resolve: ((end: Reply | ProbeResult) => void) | undefined;

  constructor(options: VisitOptions) {
    this.#with = options;
  }

  /** The reply, or the result of the run where there is none. After `close` it never settles and opens nothing. */
  end(): Promise<Reply | ProbeResult> {
    return new Promise((resolve) => {
      if (this.#closed) return;
      this.#resolve = resolve;
      this.#guard(() => this.#connect());
    });
  }

  /** Destroys the connection. */
  close(): void {
    this.#closed = true;
    this.#resolve = undefined;
    this.#socket?.destroy();
  }

  /** Runs a step; what it throws ends the run. Sockets call back outside of any promise. */
  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#settle(this.#with.run.thrown(error));
    }
  }

  #settle(end: Reply | ProbeResult): void {
    const resolve = this.#resolve;
    if (resolve === undefined) return;
    this.close();
    resolve(end);
  }

  #connect(): void {
    const { request, target, context, options, contexts } = this.#with;
    const { sourcePorts } = target;
    const where = {
      host: target.address,
      port: request.port,
      noDelay: true,
      ...(target.source !== undefined && { localAddress: target.source }),
      ...(sourcePorts !== undefined && {
        localPort: sourcePorts.first + context.random.integer(sourcePorts.last - sourcePorts.first + 1),
      }),
    };
    if (request.scheme === 'http') {
      const socket = context.sockets.connectTcp(where);
      this.#watch(socket);
      socket.once('connect', () => this.#guard(() => this.#ask(socket)));
    } else {
      const socket = context.sockets.connectTls({ ...where, ...tlsOptions(request, options, contexts) });
      this.#tls = socket;
      this.#watch(socket);
      socket.once('secureConnect', () => this.#guard(() => this.#secure(socket)));
    }
  }

  #watch(socket: Socket): void {
    const { run } = this.#with;
    this.#socket = socket;
    if (this.#closed) socket.destroy();
    socket.on('error', (error) => this.#settle(this.#resultOf(error)));
    socket.once('connect', () => run.reached('connect'));
    socket.once('data', () => run.reached('firstByte'));
    socket.once('close', () => {
      // Afterwards request and response tell it themselves, and better: the end of a connection can be the end of a body.
      if (!this.#asked) this.#settle(run.fail('closed', 'the server closed the connection'));
    });
  }

  #secure(socket: TLSSocket): void {
    const { run, options, context } = this.#with;
    run.reached('tls');
    run.note(`  ${socket.getProtocol() ?? 'TLS'}, ${socket.getCipher().name}`);
    this.#warning = expiryNote(socket, options, context.clock.wall());
    if (this.#warning === undefined || options.tls.onExpiring === 'warn') this.#ask(socket);
    else this.#settle(run.fail('tls-expiring', this.#warning));
  }

  /** Sent only now that the far side has proved who it is: headers may hold secrets. */
  #ask(socket: Socket): void {
    const { run, request } = this.#with;
    const { method, path, host, headers, body } = request;
    this.#asked = true;
    run.note(`> ${method} ${path} HTTP/1.1, Host: ${host}`);
    const asked: ClientRequest = httpRequest({
      createConnection: () => socket,
      method,
      path,
      headers: {
        ...{ Host: host, 'User-Agent': 'anytrack', Accept: '*/*' },
        ...headers,
        Connection: 'close',
        // Node writes it for POST and PUT only; without it the body of another method would be no part of the request.
        ...(body !== undefined && { 'Content-Length': Buffer.byteLength(body) }),
      },
      maxHeaderSize: MAX_HEAD_BYTES,
      insecureHTTPParser: false,
    });
    asked.on('error', (error) => this.#settle(this.#resultOf(error)));
    asked.on('response', (response) => this.#read(response));
    // 101: Node hands over the connection; for us it is a status like any other, without a body.
    asked.on('upgrade', (response) => this.#settle(this.#reply(response, 0, [])));
    asked.end(body);
  }

  #read(response: IncomingMessage): void {
    const { run, request, options, wantsBody } = this.#with;
    const { maxBytes } = options.expect;
    const chunks: Buffer[] = [];
    let size = 0;
    const head = headOf(response);
    // What Content-Length tells of HEAD and 304 is the length of a body that does not come (RFC 9110 section 8.6).
    const bodiless = request.method === 'HEAD' || head.status === 304;
    const announced = bodiless ? 0 : Number(response.headers['content-length'] ?? 0);
    const wanted = wantsBody(head);
    noteHead(head, options, run);
    if (wanted && announced > maxBytes) {
      this.#settle(run.fail('body-too-large', `Content-Length ${announced}, allowed ${maxBytes} bytes`));
      return;
    }
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (chunks.length === 0 || looksAtBody(options)) chunks.push(chunk);
      if (wanted && size > maxBytes) this.#settle(run.fail('body-too-large', `more than ${maxBytes} bytes`));
    });
    response.once('end', () => this.#settle(this.#reply(response, size, chunks)));
    response.on('error', (error) => this.#settle(this.#resultOf(error)));
    // The verdict is known: one more turn of the event loop brings what came along with the head, for the transcript.
    if (!wanted) setImmediate(() => this.#settle(this.#reply(response, size, chunks)));
  }

  #reply(response: IncomingMessage, size: number, chunks: readonly Buffer[]): Reply {
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    return { head: headOf(response), size, body: body?.toString('utf8') ?? '', warning: this.#warning };
  }

  /** What an error of the socket, the TLS layer or the HTTP parser says about whom. */
  #resultOf(error: Error): ProbeResult {
    const { run } = this.#with;
    const code = codeOf(error) ?? '';
    const refused = this.#tls && this.#tlsResult(this.#tls, error, code);
    if (refused !== undefined) return refused;
    if (code === 'HPE_INVALID_EOF_STATE') return run.fail('closed', 'the connection ended within the response');
    if (code.startsWith('HPE_')) return run.fail('malformed', `not an HTTP/1 response: ${error.message}`);
    if (code.startsWith('ERR_STREAM_')) return run.fail('closed', 'the server closed the connection');
    return run.thrown(error);
  }

  #tlsResult(socket: TLSSocket, error: Error, code: string): ProbeResult | undefined {
    const { run, options } = this.#with;
    if (options.tls.verify && socket.authorizationError) {
      return run.fail('tls-certificate', `${error.message} (${code})`);
    }
    if (code.startsWith('ERR_SSL_') || code === 'EPROTO') {
      // OpenSSL's whole message names its source files; its reason is what a person needs.
      const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message;
      return run.fail('tls-handshake', `${reason} (${code})`);
    }
    if (this.#asked || code !== 'ECONNRESET') return undefined;
    return run.fail('tls-handshake', 'the server closed the connection during the TLS handshake');
  }
}

function headOf(response: IncomingMessage): Head {
  return {
    status: response.statusCode ?? 0,
    reason: response.statusMessage ?? '',
    rawHeaders: response.rawHeaders,
  };
}
