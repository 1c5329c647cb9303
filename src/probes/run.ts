/** What every probe kind shares: phases, transcript, the result, and what an errno means. */
import type { Timer } from '../lib/clock.ts';
import { codeOf, messageOf } from '../lib/errors.ts';
import type { ErrorCause, FailCause, Phases, ProbeResult } from '../model.ts';
import type { ProbeContext } from './contract.ts';

type Phase = Exclude<keyof Phases, 'total'>;

/** Longest transcript line and most lines kept per run; an operator reads these, a server chooses their length. */
const MAX_LINE = 200;
const MAX_LINES = 40;

/** Printable ASCII: what nearly every line is, so that the common case costs one scan. */
const PLAIN = /^[\x20-\x7e]*$/;

/** One run in the making. Create it first thing in `run`, resolve with what `pass`, `fail` or `error` return. */
export class Run {
  readonly #context: ProbeContext;
  readonly #startedAt: number;
  readonly #startedMono: number;
  readonly #phases: { -readonly [P in Phase]?: number } = {};
  readonly #transcript: string[] = [];

  constructor(context: ProbeContext) {
    this.#context = context;
    this.#startedAt = context.clock.wall();
    this.#startedMono = context.clock.now();
  }

  /** Milliseconds since the start. */
  elapsed(): number {
    return this.#context.clock.now() - this.#startedMono;
  }

  /** Records that `phase` was reached now; the first time counts. */
  reached(phase: Phase): void {
    this.#phases[phase] ??= this.elapsed();
  }

  /** Adds a line to the transcript; cut and made printable. Never give it a secret. */
  note(line: string): void {
    if (this.#transcript.length < MAX_LINES) this.#transcript.push(printable(line));
  }

  /** `pass`, or `late` if it took longer than the threshold. */
  pass(detail: string): ProbeResult {
    const base = this.#base(detail);
    return { ...base, outcome: base.phases.total > this.#context.thresholdMs ? 'late' : 'pass' };
  }

  fail(cause: FailCause, detail: string): ProbeResult {
    return { ...this.#base(detail), outcome: 'fail', cause };
  }

  error(cause: ErrorCause, detail: string): ProbeResult {
    return { ...this.#base(detail), outcome: 'error', cause };
  }

  /** The result of a thrown value: a `fail` where the far side caused it, an `error` where we did. */
  thrown(error: unknown): ProbeResult {
    const meaning = meaningOfErrno(codeOf(error));
    if (meaning === undefined) return this.error('internal', messageOf(error));
    return meaning.side === 'target'
      ? this.fail(meaning.cause, messageOf(error))
      : this.error(meaning.cause, messageOf(error));
  }

  #base(detail: string) {
    const endedMono = this.#context.clock.now();
    return {
      startedAt: this.#startedAt,
      startedMono: this.#startedMono,
      endedMono,
      phases: { ...this.#phases, total: endedMono - this.#startedMono },
      detail: printable(detail),
      transcript: this.#transcript,
    };
  }
}

/** Control characters and invalid text made visible, cut to a line. What comes from the network never reaches a terminal raw. */
export function printable(text: string): string {
  if (text.length <= MAX_LINE && PLAIN.test(text)) return text;
  const cut = text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text;
  return cut.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, (c) => `\\x${(c.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`);
}

type Meaning =
  | { readonly side: 'target'; readonly cause: FailCause }
  | { readonly side: 'ours'; readonly cause: ErrorCause };

const ERRNO: Readonly<Record<string, Meaning>> = {
  ECONNREFUSED: { side: 'target', cause: 'refused' },
  ECONNRESET: { side: 'target', cause: 'closed' },
  EPIPE: { side: 'target', cause: 'closed' },
  EHOSTUNREACH: { side: 'target', cause: 'unreachable' },
  EHOSTDOWN: { side: 'target', cause: 'unreachable' },
  ENOPROTOOPT: { side: 'target', cause: 'unreachable' },
  ETIMEDOUT: { side: 'target', cause: 'timeout' },
  ENETUNREACH: { side: 'ours', cause: 'no-route' },
  ENETDOWN: { side: 'ours', cause: 'no-route' },
  EADDRNOTAVAIL: { side: 'ours', cause: 'no-source-address' },
  EADDRINUSE: { side: 'ours', cause: 'resource-limit' },
  EMFILE: { side: 'ours', cause: 'resource-limit' },
  ENFILE: { side: 'ours', cause: 'resource-limit' },
  ENOBUFS: { side: 'ours', cause: 'resource-limit' },
  ENOMEM: { side: 'ours', cause: 'resource-limit' },
  EAGAIN: { side: 'ours', cause: 'resource-limit' },
  EACCES: { side: 'ours', cause: 'permission' },
  EPERM: { side: 'ours', cause: 'permission' },
  EINVAL: { side: 'ours', cause: 'permission' },
  ENOTFOUND: { side: 'ours', cause: 'resolver' },
  EAI_AGAIN: { side: 'ours', cause: 'resolver' },
  'slow-pattern': { side: 'ours', cause: 'resource-limit' },
  ABORT_ERR: { side: 'ours', cause: 'aborted' },
};

/** What a socket errno says about whom; undefined if it is none that we know. Source: errno(3), ip(7), connect(2). */
export function meaningOfErrno(code: string | undefined): Meaning | undefined {
  return code === undefined ? undefined : ERRNO[code];
}

/**
 * Calls `expire` when the run's timeout has passed and `abort` when it is cancelled, at most one of them.
 * On expiry the event loop first reads what already waits in the sockets, and only then `expire` is called:
 * after a pause of our own (garbage collection, a busy host) the timer would otherwise win over an answer
 * that came in time.
 * @returns a function that ends the watch; call it when the run is over
 */
export function watchDeadline(context: ProbeContext, on: { expire: () => void; abort: () => void }): () => void {
  let timer: Timer | undefined;
  let lastRead: NodeJS.Immediate | undefined;
  const stop = () => {
    timer?.cancel();
    clearImmediate(lastRead);
    context.signal.removeEventListener('abort', onAbort);
  };
  const onAbort = () => {
    stop();
    on.abort();
  };
  timer = context.clock.timer(context.timeoutMs, () => {
    // Timers run before the poll phase, immediates after it.
    lastRead = setImmediate(() => {
      stop();
      on.expire();
    });
  });
  if (context.signal.aborted) onAbort();
  else context.signal.addEventListener('abort', onAbort);
  return stop;
}
