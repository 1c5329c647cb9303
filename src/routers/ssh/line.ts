/** The byte stream of a shell: what came and was not yet taken, and one wait at a time on it. */
import type { ClientChannel } from 'ssh2';
import type { Clock, Timer } from '../../lib/clock.ts';
import { AbortedError, InternalError } from '../../lib/errors.ts';
import { RouterError } from '../contract.ts';
import type { Shell } from './connection.ts';
import { translateError } from './errors.ts';

/** More than any reply that we ask for; a router that never stops talking must not fill the memory. */
const MOST_BUFFERED = 64 * 1024 * 1024;

interface Wait {
  check(): boolean;
  fail(error: Error): void;
}

export interface WaitOptions {
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
  /** What was waited for, for the operator: `an answer to "end"`. */
  readonly what: string;
}

/** Nothing here knows of prompts. After an expired or aborted wait the line is dead: what the router did is unknown. */
export class Line {
  /** Text received and not yet taken. */
  received = '';
  readonly ended: Promise<RouterError | undefined>;
  readonly #channel: ClientChannel;
  readonly #shell: Shell;
  readonly #clock: Clock;
  readonly #name: string;
  #leaving = false;
  #wait: Wait | undefined;
  #end: { readonly error: RouterError | undefined } | undefined;
  #tellEnd: (error: RouterError | undefined) => void = () => undefined;

  constructor(shell: Shell, options: { readonly name: string; readonly clock: Clock }) {
    this.#shell = shell;
    this.#channel = shell.channel;
    this.#clock = options.clock;
    this.#name = options.name;
    this.ended = new Promise((resolve) => {
      this.#tellEnd = resolve;
    });
    shell.client.on('error', (error) => this.#finish(translateError(error, this.#name)));
    shell.client.on('close', () => this.#finish(this.#lost('the connection was closed')));
    shell.channel.on('close', () => this.#finish(this.#lost('the router ended the session')));
    shell.channel.on('error', (error: Error) => this.#finish(translateError(error, this.#name)));
    shell.channel.setEncoding('utf8');
    shell.channel.on('data', (text: string) => this.#take(text));
    shell.channel.stderr.resume();
  }

  /** Throws RouterError if the session has ended. */
  write(text: string): void {
    this.assertOpen();
    this.#channel.write(text);
  }

  /** Sends a last text; the end that follows is no error. */
  takeLeave(text: string): void {
    this.write(text);
    this.#leaving = true;
  }

  /** Throws what ended the session. */
  assertOpen(): void {
    if (this.#end !== undefined) throw this.#end.error ?? this.#lost('the session was closed');
  }

  /** Resolves with what `take` finds in `received`; it is asked now and after each arrival. */
  until<T>(take: () => T | undefined, options: WaitOptions): Promise<T> {
    const { signal, deadlineMs, what } = options;
    return new Promise<T>((resolve, reject) => {
      if (this.#wait !== undefined) return reject(new InternalError('two waits on one router session'));
      if (signal.aborted) return reject(this.#abort());
      const settle = (deliver: () => void) => {
        this.#wait = undefined;
        timer?.cancel();
        signal.removeEventListener('abort', onAbort);
        deliver();
      };
      const onAbort = () => settle(() => reject(this.#abort()));
      const check = () => {
        const found = take();
        if (found !== undefined) settle(() => resolve(found));
        return found !== undefined;
      };
      let timer: Timer | undefined;
      this.#wait = { check, fail: (error) => settle(() => reject(error)) };
      if (check()) return;
      if (this.#end !== undefined) return this.#wait?.fail(this.#end.error ?? this.#lost('the session was closed'));
      signal.addEventListener('abort', onAbort, { once: true });
      timer = this.#clock.timer(deadlineMs, () => this.destroy(this.#late(what, deadlineMs)));
    });
  }

  /** Ends the session at once; a wait in progress fails with `error`. */
  destroy(error: RouterError | undefined): void {
    this.#finish(error);
  }

  #take(text: string): void {
    this.received += text;
    if (this.received.length > MOST_BUFFERED) this.destroy(this.#lost('it sends without end'));
    else this.#wait?.check();
  }

  #finish(cause: RouterError | undefined): void {
    if (this.#end !== undefined) return;
    const error = this.#leaving ? undefined : cause;
    this.#end = { error };
    this.#wait?.fail(error ?? this.#lost('the session was closed'));
    this.#shell.client.destroy();
    this.#tellEnd(error);
  }

  #abort(): AbortedError {
    this.#finish(undefined);
    return new AbortedError();
  }

  #late(what: string, deadlineMs: number): RouterError {
    return new RouterError('deadline', `${this.#name}: ${what} did not come within ${deadlineMs} ms`);
  }

  #lost(why: string): RouterError {
    return new RouterError('lost', `${this.#name}: ${why}`);
  }
}
