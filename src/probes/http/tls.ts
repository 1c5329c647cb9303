/** What https needs beside the request: trust, our own certificate, and what the server's says. */
import { X509Certificate } from 'node:crypto';
import {
  type ConnectionOptions,
  checkServerIdentity,
  createSecureContext,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { formatDuration, parseDuration } from '../../lib/duration.ts';
import { messageOf, OperatorError } from '../../lib/errors.ts';
import type { HttpOptions } from './options.ts';
import { bareHost, type HttpRequest } from './request.ts';

/** Reads a certificate file as text; throws as `readFileSync` does. */
export type ReadFile = (path: string) => string;

/** Keeps what is expensive to build, once per options object: a new configuration has new ones, and its files are read anew. */
export class TlsContexts {
  readonly #readFile: ReadFile;
  readonly #contexts = new WeakMap<HttpOptions, SecureContext>();

  constructor(readFile: ReadFile) {
    this.#readFile = readFile;
  }

  /** @throws what the reader or OpenSSL throws: a missing file, a broken PEM, a key that does not fit */
  of(options: HttpOptions): SecureContext {
    const known = this.#contexts.get(options);
    if (known !== undefined) return known;
    const { ca, caFile, clientCertFile, clientKey, minVersion } = options.tls;
    const trusted = caFile === undefined ? ca : this.#readFile(caFile);
    if (trusted !== undefined) checkPem(trusted, caFile ?? 'ca');
    const context = createSecureContext({
      minVersion,
      ...(trusted !== undefined && { ca: trusted }),
      ...(clientCertFile !== undefined && { cert: this.#readFile(clientCertFile), key: clientKey?.reveal() }),
    });
    this.#contexts.set(options, context);
    return context;
  }
}

/** OpenSSL would skip a broken CA, and then our mistake would look like a bad certificate of every server. */
function checkPem(text: string, where: string): void {
  const blocks = text.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END [^-]*-----/g);
  if (blocks === null) throw new OperatorError('environment', `${where}: no PEM certificate in it`);
  for (const block of blocks) {
    try {
      new X509Certificate(block);
    } catch (error) {
      throw new OperatorError('environment', `${where}: a broken certificate: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** How the server is greeted and checked. No session is offered, so that each run does the whole handshake. */
export function tlsOptions(request: HttpRequest, options: HttpOptions, contexts: TlsContexts): ConnectionOptions {
  const name = request.serverName ?? bareHost(request.host);
  return {
    secureContext: contexts.of(options),
    servername: request.serverName ?? '',
    rejectUnauthorized: options.tls.verify,
    checkServerIdentity: (_name, certificate) => checkServerIdentity(name, certificate),
    ALPNProtocols: ['http/1.1'],
  };
}

/** A sentence if the server's certificate ends within the margin, else undefined. */
export function expiryNote(socket: TLSSocket, options: HttpOptions, wallMs: number): string | undefined {
  const marginMs = parseDuration(options.tls.expiryMargin ?? '');
  const ends = marginMs === undefined ? undefined : socket.getPeerX509Certificate()?.validToDate;
  if (marginMs === undefined || ends === undefined || ends.getTime() - wallMs >= marginMs) return undefined;
  return `the certificate ends ${ends.toISOString()}, within the margin of ${formatDuration(marginMs)}`;
}
