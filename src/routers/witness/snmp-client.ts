import { createSocket, type Socket } from 'node:dgram';
import { encode, Packet, parse } from 'snmp-native';
import { sleep } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import type { Secret } from '../../lib/secret.ts';

/** An answer to one request. */
export interface SnmpValue {
  readonly oid: readonly number[];
  /** ASN.1 type byte. */
  readonly type: number;
  readonly value: unknown;
}

/** ASN.1 types of the values that are read: protocols and sysUpTime. */
export const INTEGER = 0x02;
export const TIME_TICKS = 0x43;

const VERSION_2C = 1;
const GET = 0;
const GET_NEXT = 1;
const RESPONSE = 2;

/** Waits between repetitions of a request, milliseconds; the last is the longest. */
const REPEAT_MS = [150, 300, 600];

/** The first value of an SNMP v2c answer. Total: anything that is not a good answer to us is undefined. */
export function decodeResponse(
  message: Buffer,
  expected: { readonly community: string },
): (SnmpValue & { readonly requestId: number }) | undefined {
  try {
    const { version, community, pdu } = parse(message);
    const [first] = pdu.varbinds;
    if (version !== VERSION_2C || community !== expected.community || pdu.type !== RESPONSE) return undefined;
    if (pdu.error !== 0 || first === undefined || !Array.isArray(first.oid)) return undefined;
    return { requestId: pdu.reqid, oid: first.oid, type: first.type, value: first.value };
  } catch {
    // The codec throws on malformed bytes; whoever sent them, they are no answer.
    return undefined;
  }
}

/**
 * SNMP v2c requests over one connected socket: the kernel drops datagrams of anybody else, and ids are unpredictable.
 * snmp-native's own session takes any sender and its ids from the time of day, so that only its codec is used.
 */
export class SnmpClient {
  readonly #waiting = new Map<number, (value: SnmpValue) => void>();
  readonly #socket: Socket;
  readonly #community: Secret;
  readonly #clock: Clock;
  readonly #random: Random;

  private constructor(socket: Socket, community: Secret, { clock, random }: { clock: Clock; random: Random }) {
    this.#socket = socket;
    this.#community = community;
    this.#clock = clock;
    this.#random = random;
    socket.on('message', (message) => this.#onMessage(message));
    // A refused port arrives as an error of the socket: the agent is silent, which is all that matters here.
    socket.on('error', () => undefined);
  }

  /** @param agent address (no name) and port of the SNMP agent */
  static async connect(
    agent: { readonly address: string; readonly port: number; readonly community: Secret },
    deps: { clock: Clock; random: Random },
  ): Promise<SnmpClient> {
    const socket = createSocket(agent.address.includes(':') ? 'udp6' : 'udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(agent.port, agent.address, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    return new SnmpClient(socket, agent.community, deps);
  }

  get(oid: readonly number[], signal: AbortSignal): Promise<SnmpValue | undefined> {
    return this.#request(GET, oid, signal);
  }

  getNext(oid: readonly number[], signal: AbortSignal): Promise<SnmpValue | undefined> {
    return this.#request(GET_NEXT, oid, signal);
  }

  close(): void {
    this.#socket.close();
  }

  /** Sends, and repeats until there is an answer, or `signal` fires: then undefined. */
  async #request(type: number, oid: readonly number[], signal: AbortSignal): Promise<SnmpValue | undefined> {
    const requestId = this.#random.integer(2 ** 31 - 1);
    const packet = new Packet();
    packet.community = this.#community.reveal();
    packet.pdu.type = type;
    packet.pdu.reqid = requestId;
    packet.pdu.varbinds = [{ oid: [...oid], type: 5, value: null }];
    const message = encode(packet);
    const { promise, resolve } = Promise.withResolvers<SnmpValue>();
    this.#waiting.set(requestId, resolve);
    const answered = new AbortController();
    try {
      const giveUp = this.#repeat(message, AbortSignal.any([signal, answered.signal]));
      return await Promise.race([promise, giveUp]);
    } finally {
      answered.abort();
      this.#waiting.delete(requestId);
    }
  }

  async #repeat(message: Buffer, signal: AbortSignal): Promise<undefined> {
    for (let attempt = 0; !signal.aborted; attempt++) {
      // A datagram that could not be sent is a datagram lost: the next repetition tries again.
      this.#socket.send(message, () => undefined);
      const waitMs = REPEAT_MS[Math.min(attempt, REPEAT_MS.length - 1)] ?? 0;
      await sleep(waitMs, signal, this.#clock).catch(() => undefined);
    }
    return undefined;
  }

  #onMessage(message: Buffer): void {
    const answer = decodeResponse(message, { community: this.#community.reveal() });
    if (answer !== undefined) this.#waiting.get(answer.requestId)?.(answer);
  }
}
