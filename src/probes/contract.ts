/** What a probe kind is: one file, one registry entry, one test, one docs row. */
import type { z } from 'zod';
import type { Clock } from '../lib/clock.ts';
import type { Family } from '../lib/ip.ts';
import type { Random } from '../lib/random.ts';
import type { ProbeResult } from '../model.ts';

/** Where one run is sent. */
export interface ProbeTarget {
  /** Canonical IP address. Probes never resolve a target's name themselves. */
  readonly address: string;
  readonly family: Family;
  /** Source address to bind; left out = the kernel chooses. */
  readonly source?: string;
  /** Source ports to choose from, at random (for `via: path`); left out = the kernel chooses. */
  readonly sourcePorts?: { readonly first: number; readonly last: number };
  /** Who must have answered, where the probe's options ask for identity. */
  readonly identity?: string;
}

/** Time limits and dependencies of one run. */
export interface ProbeContext {
  /** Fires when the run is cancelled from outside. The probe itself keeps `timeoutMs`. */
  readonly signal: AbortSignal;
  /** Overall limit of the run from its start, milliseconds. On expiry: `fail` with `timeout`. */
  readonly timeoutMs: number;
  /** A pass slower than this is `late`, milliseconds. */
  readonly thresholdMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly sockets: Sockets;
}

/** The sockets a probe may open. Real ones in `sockets.ts`; tests inject failures (EMFILE, no source address). */
export interface Sockets {
  readonly createUdp: typeof import('node:dgram').createSocket;
  readonly connectTcp: (options: import('node:net').TcpNetConnectOpts) => import('node:net').Socket;
  readonly connectTls: (options: import('node:tls').ConnectionOptions) => import('node:tls').TLSSocket;
}

/**
 * One kind of probe. `run` never rejects: an expected failure is a `fail`, our own trouble an `error`,
 * and so is an aborted run (`aborted`). It releases every socket before it resolves.
 */
export interface ProbeKind<Options> {
  /** The key in YAML: `dns:`. */
  readonly kind: string;
  /** One line for the docs table and `--help`. */
  readonly summary: string;
  /** Options as written in YAML, with defaults; strict. Every field has a `.describe()`, from which docs are generated. */
  readonly schema: z.ZodType<Options>;
  /** Whether the options can ask who answered (then an endpoint needs `identity`). */
  asksIdentity(options: Options): boolean;
  /** One short phrase for listings: `A anycast.example.com`. No secrets. */
  describe(options: Options): string;
  run(target: ProbeTarget, options: Options, context: ProbeContext): Promise<ProbeResult>;
}
