/** An embedded web server with switches for what it does wrong. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../../lib/clock.ts';
import { Delays } from './delays.ts';
import { closeTcp, listenTcp, type Place } from './sockets.ts';

export interface HttpSwitches {
  status: number;
  body: string;
  headers: Readonly<Record<string, string>>;
  /** Answers this much later. */
  delayMs: number;
  /** Takes requests and answers none; connections are still accepted. */
  hang: boolean;
}

export class HttpResponder {
  readonly switches: HttpSwitches = { status: 200, body: 'ok\n', headers: {}, delayMs: 0, hang: false };
  /** Requests that came in, answered or not. */
  requests = 0;
  readonly #place: Place;
  readonly #delays: Delays;
  #server: Server | undefined;

  constructor(options: Place & Partial<HttpSwitches>, dependencies: { readonly clock: Clock }) {
    const { address, port, ...switches } = options;
    this.#place = { address, ...(port === undefined ? {} : { port }) };
    Object.assign(this.switches, switches);
    this.#delays = new Delays(dependencies.clock);
  }

  async start(): Promise<{ readonly port: number }> {
    this.#server = createServer((request, response) => this.#onRequest(request, response));
    return { port: await listenTcp(this.#server, this.#place) };
  }

  async close(): Promise<void> {
    this.#delays.cancel();
    this.#server?.closeAllConnections();
    await closeTcp(this.#server);
    this.#server = undefined;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    this.requests++;
    request.resume();
    response.on('error', () => {});
    if (this.switches.hang) return;
    this.#delays.later(this.switches.delayMs, () => this.#answer(response));
  }

  #answer(response: ServerResponse): void {
    const { status, headers, body } = this.switches;
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
    response.end(body);
  }
}
