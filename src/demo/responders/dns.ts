/** An embedded name server on UDP and TCP, with switches for what it does wrong. */
import type { RemoteInfo, Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import dns, { type Answer } from 'dns-packet';
import type { Clock } from '../../lib/clock.ts';
import { codeOf } from '../../lib/errors.ts';
import type { Random } from '../../lib/random.ts';
import { Delays } from './delays.ts';
import { type Rcode, readQuestion, writeAnswer } from './dns-answer.ts';
import { bindUdp, closeTcp, closeUdp, listenTcp, type Place } from './sockets.ts';

export interface DnsSwitches {
  /** Takes queries and answers none; TCP connections are still accepted. */
  silent: boolean;
  /** Answers every query with this code. */
  rcode: Rcode | undefined;
  /** Answers every query with these records, whatever was asked. */
  wrongRecords: readonly Answer[] | undefined;
  /** Answers this much later. */
  delayMs: number;
  /** NSID and `hostname.bind`; undefined = does not tell. */
  identity: string | undefined;
  /** Answers over UDP with the truncation bit and no records. */
  truncated: boolean;
  /** Before each UDP answer: a forged one from another port, one with another id, and noise. */
  garbage: boolean;
}

/** Attempts to find one port that is free for UDP and TCP. */
const PORT_TRIES = 10;

export class DnsResponder {
  readonly switches: DnsSwitches;
  /** Queries that came in, answered or not. */
  requests = 0;
  readonly #place: Place;
  readonly #records: readonly Answer[];
  readonly #delays: Delays;
  readonly #random: Random;
  readonly #connections = new Set<Socket>();
  #udp: UdpSocket | undefined;
  #stranger: UdpSocket | undefined;
  #tcp: Server | undefined;

  constructor(
    options: Place & { readonly records: readonly Answer[]; readonly identity?: string },
    dependencies: { readonly clock: Clock; readonly random: Random },
  ) {
    this.#place = options;
    this.#records = options.records;
    this.#delays = new Delays(dependencies.clock);
    this.#random = dependencies.random;
    this.switches = {
      silent: false,
      rcode: undefined,
      wrongRecords: undefined,
      delayMs: 0,
      identity: options.identity,
      truncated: false,
      garbage: false,
    };
  }

  /** Listens on one port for both transports. */
  async start(): Promise<{ readonly port: number }> {
    const port = await this.#bindBoth();
    this.#stranger = (await bindUdp({ address: this.#place.address })).socket;
    this.#udp?.on('message', (bytes, from) => this.#onDatagram(bytes, from));
    return { port };
  }

  async close(): Promise<void> {
    this.#delays.cancel();
    for (const connection of this.#connections) connection.destroy();
    await Promise.all([closeUdp(this.#udp), closeUdp(this.#stranger), closeTcp(this.#tcp)]);
    this.#udp = undefined;
    this.#stranger = undefined;
    this.#tcp = undefined;
  }

  async #bindBoth(): Promise<number> {
    for (let tries = 1; ; tries++) {
      const { socket, port } = await bindUdp(this.#place);
      const tcp = createServer((connection) => this.#onConnection(connection));
      try {
        await listenTcp(tcp, { address: this.#place.address, port });
        this.#udp = socket;
        this.#tcp = tcp;
        return port;
      } catch (error) {
        await closeUdp(socket);
        const mayTryAnother = this.#place.port === undefined || this.#place.port === 0;
        if (codeOf(error) !== 'EADDRINUSE' || !mayTryAnother || tries >= PORT_TRIES) throw error;
      }
    }
  }

  #onDatagram(bytes: Buffer, from: RemoteInfo): void {
    const reply = this.#answer(bytes, this.switches.truncated);
    if (reply === undefined) return;
    if (this.switches.garbage) this.#sendGarbage(bytes, reply, from);
    this.#delays.later(this.switches.delayMs, () => this.#udp?.send(reply, from.port, from.address));
  }

  #onConnection(connection: Socket): void {
    this.#connections.add(connection);
    connection.on('error', () => {});
    connection.once('close', () => this.#connections.delete(connection));
    let held: Buffer = Buffer.alloc(0);
    connection.on('data', (bytes) => {
      held = Buffer.concat([held, bytes]);
      while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
        const end = 2 + held.readUInt16BE(0);
        this.#onStreamed(connection, held.subarray(2, end));
        held = held.subarray(end);
      }
    });
  }

  #onStreamed(connection: Socket, message: Buffer): void {
    const reply = this.#answer(message, false);
    if (reply === undefined) return;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(reply.length);
    this.#delays.later(this.switches.delayMs, () => connection.write(Buffer.concat([length, reply])));
  }

  /** The reply, or undefined where there is none to give. */
  #answer(bytes: Buffer, truncated: boolean): Buffer | undefined {
    const query = readQuestion(bytes);
    if (query === undefined) return undefined;
    this.requests++;
    if (this.switches.silent) return undefined;
    return writeAnswer(query, { records: this.#records, ...this.switches }, truncated);
  }

  #sendGarbage(query: Buffer, reply: Buffer, { port, address }: RemoteInfo): void {
    const forged = dns.encode({ ...dns.decode(query), type: 'response', answers: [] });
    const otherId = Buffer.from(reply);
    otherId.writeUInt16BE((reply.readUInt16BE(0) + 1) % 65_536, 0);
    this.#stranger?.send(forged, port, address);
    this.#udp?.send(otherId, port, address);
    this.#udp?.send(this.#random.bytes(40), port, address);
  }
}
