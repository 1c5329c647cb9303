/** The way to one server for the length of one run: asks queries one after the other. */
import { codeOf } from '../../lib/errors.ts';
import type { ProbeContext, ProbeTarget } from '../contract.ts';
import type { Run } from '../run.ts';
import { type Channel, openTcp, openUdp } from './channel.ts';
import { type Reply, readReply } from './message.ts';
import type { Query } from './query.ts';

/** What came back: a message, or something of the peer's that is none. */
export type Answer = Extract<Reply, { kind: 'message' | 'malformed' }>;

/** How many source ports of a configured range are tried when the one drawn is taken. */
const PORT_TRIES = 8;

/** Where a line goes and what it works with. */
export interface LineOptions {
  readonly target: ProbeTarget;
  readonly port: number;
  readonly transport: 'udp' | 'tcp';
  readonly context: ProbeContext;
  readonly run: Run;
}

interface Pending {
  readonly query: Query;
  readonly id: number;
  readonly bytes: Buffer;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Both queries of a run go over one socket, so that a balancer which spreads by source port sends them
 * to the same server. Once an answer was truncated, the line is TCP.
 */
export class Line {
  readonly #options: LineOptions;
  #transport: 'udp' | 'tcp';
  #channel: Channel | undefined;
  #portTries = 0;
  #pending: Pending | undefined;
  #closed = false;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#transport = options.transport;
  }

  /**
   * Sends `query` with a new random id and waits for its answer; one query at a time.
   * @throws the socket's error. After `close` the promise stays open: the run is over.
   */
  ask(query: Query): Promise<Answer> {
    const id = this.#options.context.random.integer(0x1_0000);
    const bytes = Buffer.from(query.bytes);
    bytes.writeUInt16BE(id, 0);
    return new Promise((resolve, reject) => {
      if (this.#closed) return;
      this.#pending = { query, id, bytes, resolve, reject };
      this.#send(bytes);
    });
  }

  close(): void {
    this.#closed = true;
    this.#pending = undefined;
    this.#channel?.close();
    this.#channel = undefined;
  }

  #send(bytes: Buffer): void {
    try {
      this.#channel ??= this.#open();
      this.#channel.send(bytes);
    } catch (error) {
      this.onError(error as Error);
    }
  }

  #open(): Channel {
    const { target, port, context } = this.#options;
    const range = target.sourcePorts;
    const sourcePort = range && range.first + context.random.integer(range.last - range.first + 1);
    const channelOptions = { target, port, sourcePort, sockets: context.sockets };
    return this.#transport === 'udp' ? openUdp(channelOptions, this) : openTcp(channelOptions, this);
  }

  onConnect(): void {
    this.#options.run.reached('connect');
  }

  onMessage(bytes: Buffer): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    const reply = readReply(bytes, pending.query, pending.id);
    if (reply.kind === 'foreign') {
      this.#options.run.note(`; ignored ${bytes.length} octets: ${reply.why}`);
      return;
    }
    this.#options.run.reached('firstByte');
    if (reply.kind !== 'truncated') this.#settle(reply);
    else if (this.#transport === 'udp') this.#toTcp(pending.bytes);
    else this.#settle({ kind: 'malformed', why: 'truncated, over TCP' });
  }

  onError(error: Error): void {
    const mayRetry = codeOf(error) === 'EADDRINUSE' && this.#options.target.sourcePorts !== undefined;
    if (!mayRetry || this.#pending === undefined || ++this.#portTries >= PORT_TRIES) {
      this.#pending?.reject(error);
      return;
    }
    this.#channel?.close();
    this.#channel = undefined;
    this.#send(this.#pending.bytes);
  }

  #toTcp(bytes: Buffer): void {
    this.#options.run.note('; truncated, asking again over TCP');
    this.#transport = 'tcp';
    this.#channel?.close();
    this.#channel = undefined;
    this.#send(bytes);
  }

  #settle(answer: Answer): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.resolve(answer);
  }
}
