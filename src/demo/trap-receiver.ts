/** An NMS in small: listens for SNMP v2c traps and informs, acknowledges informs, keeps what came. */
import { createSocket, type Socket, type SocketType } from 'node:dgram';
import snmp, { type Varbind } from 'net-snmp';
import { withDeadline } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { AbortedError, InternalError, OperatorError } from '../lib/errors.ts';

/** One varbind; octets that are no text are written in hexadecimal. */
export interface ReceivedVarbind {
  readonly name: string;
  readonly oid: string;
  readonly value: string | number;
}

export interface ReceivedTrap {
  /** Wall milliseconds. */
  readonly at: number;
  readonly atMono: number;
  /** Name of the notification, or its OID where no name is known. */
  readonly name: string;
  readonly inform: boolean;
  readonly varbinds: readonly ReceivedVarbind[];
}

export interface TrapReceiverOptions {
  readonly address: string;
  /** 0 = any free port. */
  readonly port?: number;
  readonly community: string;
  /** Names by OID, without the instance; an OID gets the name of the longest one that starts it. */
  readonly names?: ReadonlyMap<string, string>;
  /** Called with each notification as it comes. */
  readonly onReceived?: (trap: ReceivedTrap) => void;
}

/** What net-snmp's untyped receiver hands over. */
interface Notification {
  readonly pdu: { readonly type: number; readonly varbinds: readonly Varbind[] };
}

/** Oldest notifications are dropped beyond this. */
const KEPT = 10_000;

const SNMP_TRAP_OID = '1.3.6.1.6.3.1.1.4.1.0';
const STANDARD_NAMES: readonly (readonly [string, string])[] = [
  ['1.3.6.1.2.1.1.3', 'sysUpTime'],
  ['1.3.6.1.6.3.1.1.4.1', 'snmpTrapOID'],
];

export class TrapReceiver {
  readonly received: ReceivedTrap[] = [];
  readonly #options: TrapReceiverOptions;
  readonly #names: ReadonlyMap<string, string>;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #watchers = new Set<(trap: ReceivedTrap) => void>();
  #receiver: { close(done?: () => void): void } | undefined;

  constructor(options: TrapReceiverOptions, dependencies: { readonly clock: Clock }) {
    this.#options = options;
    this.#names = new Map([...STANDARD_NAMES, ...(options.names ?? [])]);
    this.#clock = dependencies.clock;
  }

  /** Rejects with the system's error if the port is taken. */
  start(): Promise<{ readonly port: number }> {
    const { address, port = 0, community } = this.#options;
    return new Promise((resolve, reject) => {
      // net-snmp takes port 0 for its default port, so the port is put in where its socket is bound.
      const createBound = (type: SocketType): Socket => {
        const socket = createSocket(type);
        const bind = socket.bind.bind(socket);
        socket.bind = () => bind(port, address, () => resolve({ port: socket.address().port }));
        return socket.once('error', reject);
      };
      const transport = address.includes(':') ? 'udp6' : 'udp4';
      this.#receiver = snmp.createReceiver(
        { transport, address, dgramModule: { createSocket: createBound } },
        (_error: Error | null, notification: Notification | undefined) => this.#onNotification(notification),
      );
      authorize(this.#receiver, community);
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const receiver = this.#receiver;
    this.#receiver = undefined;
    if (receiver !== undefined) await new Promise<void>((resolve) => receiver.close(() => resolve()));
  }

  /**
   * The first notification that fits, of those that came and those to come.
   * Rejects with an error that lists what came, once `timeoutMs` has passed, and with AbortedError on close.
   */
  async waitFor(predicate: (trap: ReceivedTrap) => boolean, timeoutMs: number): Promise<ReceivedTrap> {
    const known = this.received.find(predicate);
    if (known !== undefined) return known;
    if (this.#closing.signal.aborted) throw new AbortedError();
    let watcher: ((trap: ReceivedTrap) => void) | undefined;
    const coming = new Promise<ReceivedTrap>((resolve) => {
      watcher = (trap) => predicate(trap) && resolve(trap);
      this.#watchers.add(watcher);
    });
    const expired = () =>
      new OperatorError('environment', `no such notification within ${timeoutMs} ms; came: ${this.#summary()}`);
    try {
      return await withDeadline(coming, timeoutMs, { signal: this.#closing.signal, clock: this.#clock, expired });
    } finally {
      if (watcher !== undefined) this.#watchers.delete(watcher);
    }
  }

  #summary(): string {
    return this.received.map(({ name }) => name).join(', ') || 'nothing';
  }

  /** Anything that is not a notification of the right community is dropped, as an NMS does. */
  #onNotification(notification: Notification | undefined): void {
    if (notification === undefined) return;
    const varbinds = notification.pdu.varbinds.map((varbind) => this.#read(varbind));
    const identity = varbinds.find(({ oid }) => oid === SNMP_TRAP_OID);
    const trap: ReceivedTrap = {
      at: this.#clock.wall(),
      atMono: this.#clock.now(),
      name: this.#nameOf(`${identity?.value ?? ''}`),
      inform: notification.pdu.type === snmp.PduType.InformRequest,
      varbinds,
    };
    this.received.push(trap);
    if (this.received.length > KEPT) this.received.shift();
    this.#options.onReceived?.(trap);
    for (const watcher of this.#watchers) watcher(trap);
  }

  #read({ oid, value }: Varbind): ReceivedVarbind {
    return { oid, name: this.#nameOf(oid), value: readValue(value) };
  }

  #nameOf(oid: string): string {
    const arcs = oid.split('.');
    for (let length = arcs.length; length > 0; length--) {
      const name = this.#names.get(arcs.slice(0, length).join('.'));
      if (name !== undefined) return name;
    }
    return oid;
  }
}

/** net-snmp's types do not know the receiver. */
function authorize(receiver: unknown, community: string): void {
  const known = receiver as { getAuthorizer(): { addCommunity(name: string): void } };
  if (typeof known?.getAuthorizer !== 'function') throw new InternalError('net-snmp gave no receiver');
  known.getAuthorizer().addCommunity(community);
}

function readValue(value: unknown): string | number {
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (!Buffer.isBuffer(value)) return String(value);
  const text = value.toString('utf8');
  // Octets that are no UTF-8, or control characters: an address, a counter, a date.
  return /^[^\p{Cc}\uFFFD]*$/u.test(text) ? text : value.toString('hex');
}
