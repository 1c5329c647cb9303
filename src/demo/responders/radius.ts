/** An embedded RADIUS server with switches for what it does wrong. */
import type { RemoteInfo, Socket } from 'node:dgram';
import type { Clock } from '../../lib/clock.ts';
import { Delays } from './delays.ts';
import { answerRadius } from './radius-answer.ts';
import { bindUdp, closeUdp, type Place } from './sockets.ts';

export interface RadiusSwitches {
  /** Takes requests and answers none. */
  silent: boolean;
  /** Has another secret than its clients: requests fail its check, so they are dropped. */
  wrongSecret: boolean;
  /** Answers, but proves itself with another secret. */
  wrongAnswerSecret: boolean;
  /** Answers without Message-Authenticator. */
  unsigned: boolean;
  /** Refuses every password. */
  reject: boolean;
  /** Answers this much later. */
  delayMs: number;
  /** Reply-Message of every answer; undefined = none. */
  replyMessage: string | undefined;
}

/** What a wrong secret is here. */
const OTHER_SECRET = 'not the secret';

export class RadiusResponder {
  readonly switches: RadiusSwitches;
  /** Datagrams that came in, answered or not. */
  requests = 0;
  readonly #place: Place;
  readonly #secret: string;
  readonly #users: Readonly<Record<string, string>>;
  readonly #delays: Delays;
  #socket: Socket | undefined;

  constructor(
    options: Place & {
      readonly secret: string;
      readonly users?: Readonly<Record<string, string>>;
      readonly replyMessage?: string;
    },
    dependencies: { readonly clock: Clock },
  ) {
    this.#place = options;
    this.#secret = options.secret;
    this.#users = options.users ?? {};
    this.#delays = new Delays(dependencies.clock);
    this.switches = {
      silent: false,
      wrongSecret: false,
      wrongAnswerSecret: false,
      unsigned: false,
      reject: false,
      delayMs: 0,
      replyMessage: options.replyMessage,
    };
  }

  async start(): Promise<{ readonly port: number }> {
    const { socket, port } = await bindUdp(this.#place);
    this.#socket = socket;
    socket.on('message', (bytes, from) => this.#onDatagram(bytes, from));
    return { port };
  }

  async close(): Promise<void> {
    this.#delays.cancel();
    await closeUdp(this.#socket);
    this.#socket = undefined;
  }

  #onDatagram(bytes: Buffer, from: RemoteInfo): void {
    this.requests++;
    const { silent, wrongSecret, wrongAnswerSecret, delayMs, ...rest } = this.switches;
    if (silent) return;
    const reply = answerRadius(bytes, {
      ...rest,
      users: this.#users,
      secret: wrongSecret ? OTHER_SECRET : this.#secret,
      answerSecret: wrongAnswerSecret ? OTHER_SECRET : undefined,
    });
    if (reply === undefined) return;
    this.#delays.later(delayMs, () => this.#socket?.send(reply, from.port, from.address));
  }
}
