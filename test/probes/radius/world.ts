/** A valid world for one run of the radius probe: a fake clock, real sockets that can be watched, the default options. */
import type { Socket } from 'node:dgram';
import { systemRandom } from '../../../src/lib/random.ts';
import { Secret } from '../../../src/lib/secret.ts';
import type { ProbeResult } from '../../../src/model.ts';
import type { ProbeContext, ProbeTarget } from '../../../src/probes/contract.ts';
import { radiusOptionsSchema } from '../../../src/probes/radius/options.ts';
import { radius } from '../../../src/probes/radius.ts';
import { systemSockets } from '../../../src/probes/sockets.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { SECRET } from './responder.ts';

export const TIMEOUT_MS = 1000;

export class World {
  readonly clock = new FakeClock();
  readonly abort = new AbortController();
  readonly sockets: Socket[] = [];
  #heard = 0;
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined;

  /** Starts a run. `options` are those of YAML, beside the secret and the port. */
  run(
    port: number,
    options: object = {},
    { target, context }: { target?: Partial<ProbeTarget>; context?: Partial<ProbeContext> } = {},
  ): Promise<ProbeResult> {
    const parsed = radiusOptionsSchema.parse({ secret: new Secret(SECRET, 'test'), port, ...options });
    return radius.run({ address: '127.0.0.1', family: 4, ...target }, parsed, {
      signal: this.abort.signal,
      timeoutMs: TIMEOUT_MS,
      thresholdMs: 500,
      clock: this.clock,
      random: systemRandom,
      sockets: {
        ...systemSockets,
        createUdp: ((...args: Parameters<typeof systemSockets.createUdp>) =>
          this.#open(...args)) as typeof systemSockets.createUdp,
      },
      ...context,
    });
  }

  /** Resolves when the probe has been handed its `count`-th datagram. */
  heard(count: number): Promise<void> {
    if (this.#heard >= count) return settle();
    return new Promise((resolve) => {
      this.#waiting = { count, resolve: () => resolve(settle()) };
    });
  }

  /** What a run must leave behind: no timer, no socket. */
  async leftovers(): Promise<{ timers: number; sockets: number }> {
    await settle();
    return { timers: this.clock.pending, sockets: this.sockets.filter(isOpen).length };
  }

  #open(...args: Parameters<typeof systemSockets.createUdp>): Socket {
    const socket = systemSockets.createUdp(...args);
    this.sockets.push(socket);
    socket.on('message', () => {
      this.#heard++;
      if (this.#waiting !== undefined && this.#heard >= this.#waiting.count) this.#waiting.resolve();
    });
    return socket;
  }
}

function isOpen(socket: Socket): boolean {
  try {
    socket.address();
    return true;
  } catch {
    return false;
  }
}
