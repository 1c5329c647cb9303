/** Sends notifications to every receiver, each with a queue and a socket of its own: a dead one delays no other. */
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Random } from '../lib/random.ts';
import type { SnmpTarget } from './contract.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { encode, type WireNotification } from './encode.ts';
import type { Notification } from './notification.ts';
import { openSnmpSession, type SnmpSession } from './snmp-session.ts';

/** Most notifications kept for one receiver: about an hour of a bad day, a few hundred kilobytes. */
const CAPACITY = 1000;

/** Most notifications under way to one receiver at once. */
const CONCURRENCY = 16;

/** Longest wait before an inform is sent again, milliseconds. */
const MAX_BACKOFF_MS = 60_000;

export interface SnmpDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** How a session is opened; tests have their own. */
  readonly openSession?: ((target: SnmpTarget, lifetimeMs: number) => SnmpSession) | undefined;
}

/** How the delivery to one receiver goes, since the start. */
export interface ReceiverStatus {
  /** `address:port`. */
  readonly target: string;
  readonly sent: number;
  readonly dropped: number;
  readonly queued: number;
}

interface Receiver {
  readonly name: string;
  readonly session: SnmpSession;
  readonly queue: DeliveryQueue<WireNotification>;
}

export class SnmpSender {
  readonly #options: { readonly targets: readonly SnmpTarget[]; readonly baseOid: string };
  readonly #dependencies: SnmpDependencies;
  #receivers: readonly Receiver[] = [];

  constructor(
    options: { readonly targets: readonly SnmpTarget[]; readonly baseOid: string },
    dependencies: SnmpDependencies,
  ) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  start(): void {
    this.#receivers = this.#options.targets.map((target) => this.#open(target));
  }

  send(notification: Notification): void {
    if (this.#receivers.length === 0) return;
    const wire = encode(notification, this.#options.baseOid);
    for (const { queue } of this.#receivers) queue.push(notification.subject, wire);
  }

  status(): readonly ReceiverStatus[] {
    return this.#receivers.map(({ name, queue }) => ({ target: name, ...queue.counters }));
  }

  /** Delivers what is queued for at most `limitMs`, then closes the sockets. */
  async close(limitMs: number): Promise<void> {
    await Promise.all(
      this.#receivers.map(async ({ queue, session }) => {
        await queue.close(limitMs);
        session.close();
      }),
    );
  }

  #open(target: SnmpTarget): Receiver {
    const { clock, random, log, openSession = openSnmpSession } = this.#dependencies;
    const name = target.address.includes(':')
      ? `[${target.address}]:${target.port}`
      : `${target.address}:${target.port}`;
    // The wait has "equal jitter" (half to full step), so that twice the timeout is never less than the timeout.
    const backoff = { firstMs: 2 * target.timeoutMs, maxMs: Math.max(MAX_BACKOFF_MS, 2 * target.timeoutMs) };
    const session = openSession(target, lifetimeMs(target, backoff.maxMs));
    const queue = new DeliveryQueue<WireNotification>(
      { capacity: CAPACITY, concurrency: CONCURRENCY, retries: target.retries, backoff },
      {
        clock,
        random,
        send: (wire) => (target.inform ? session.inform(wire) : session.trap(wire)),
        onHealth: (healthy, error) => {
          if (healthy) log.info({ target: name }, 'notifications are delivered again');
          else log.warn({ target: name, error: messageOf(error) }, 'notifications are being lost');
        },
      },
    );
    return { name, session, queue };
  }
}

/** For how long the answer to any try of an inform is still awaited. */
function lifetimeMs(target: SnmpTarget, maxMs: number): number {
  return Math.min(2 * target.timeoutMs * 2 ** target.retries, maxMs * (target.retries + 1));
}
