/** A valid world for one run of the http probe: a fake clock, real sockets that are counted, the default options. */
import type { Socket } from 'node:net';
import { systemRandom } from '../../../src/lib/random.ts';
import type { ProbeResult } from '../../../src/model.ts';
import type { ProbeContext, ProbeKind, ProbeTarget } from '../../../src/probes/contract.ts';
import { type HttpOptions, httpOptionsSchema } from '../../../src/probes/http/options.ts';
import { http } from '../../../src/probes/http.ts';
import { systemSockets } from '../../../src/probes/sockets.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

export const TIMEOUT_MS = 1000;

interface Difference {
  readonly target?: Partial<ProbeTarget>;
  readonly context?: Partial<ProbeContext>;
  readonly probe?: ProbeKind<HttpOptions>;
}

export class World {
  readonly clock = new FakeClock();
  readonly abort = new AbortController();
  readonly sockets: Socket[] = [];

  /** Starts a run. `options` are those of YAML, beside the port. */
  run(port: number, options: object = {}, { target, context, probe = http }: Difference = {}): Promise<ProbeResult> {
    return probe.run({ address: '127.0.0.1', family: 4, ...target }, httpOptionsSchema.parse({ port, ...options }), {
      signal: this.abort.signal,
      timeoutMs: TIMEOUT_MS,
      thresholdMs: 500,
      clock: this.clock,
      random: systemRandom,
      sockets: {
        ...systemSockets,
        connectTcp: (where) => this.#kept(systemSockets.connectTcp(where)),
        connectTls: (where) => this.#kept(systemSockets.connectTls(where)),
      },
      ...context,
    });
  }

  /** What a run must leave behind: no timer, no socket. */
  async leftovers(): Promise<{ timers: number; sockets: number }> {
    await settle();
    return { timers: this.clock.pending, sockets: this.sockets.filter((socket) => !socket.destroyed).length };
  }

  #kept<S extends Socket>(socket: S): S {
    this.sockets.push(socket);
    return socket;
  }
}

/** `pass`, `late`, or the cause. */
export function verdictOf(result: ProbeResult): string {
  return 'cause' in result ? result.cause : result.outcome;
}
