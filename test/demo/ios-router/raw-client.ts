import { Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import { withDeadline } from '../../../src/lib/abort.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { messageOf } from '../../../src/lib/errors.ts';

/** Any IOS prompt on the last line of what has come in. */
export const PROMPT = /(^|\n)[\w.-]+(\(config\))?[>#]$/;

/** A bare SSH shell: types bytes, waits for text. It knows nothing that anytrack's own driver knows. */
export class RawClient {
  readonly #client = new Client();
  #channel: ClientChannel | undefined;
  /** All that came in since the last `expect`, and the packets it came in. */
  text = '';
  packets: string[] = [];
  closed = false;
  #wake: () => void = () => {};

  async open(config: ConnectConfig): Promise<string> {
    this.#channel = await new Promise<ClientChannel>((resolve, reject) => {
      this.#client
        .on('keyboard-interactive', (_name, _instructions, _language, prompts, finish) =>
          finish(prompts.map(() => config.password ?? '')),
        )
        // ssh2 tells of a lost connection more than once.
        .on('error', reject)
        .once('close', () => reject(new Error('closed')))
        .once('ready', () =>
          this.#client.shell({ cols: 200, rows: 50 }, (error, channel) => (error ? reject(error) : resolve(channel))),
        )
        .connect({ readyTimeout: 5000, ...config });
    });
    this.#client.setNoDelay(true);
    this.#channel.on('data', (bytes: Buffer) => {
      this.packets.push(bytes.toString('latin1'));
      this.text += bytes.toString('latin1');
      this.#wake();
    });
    this.#channel.on('close', () => {
      this.closed = true;
      this.#wake();
    });
    return await this.expect(PROMPT);
  }

  type(bytes: string): void {
    this.#channel?.write(bytes);
  }

  /** Sends a line and returns all up to the next prompt. */
  async send(line: string, until: RegExp = PROMPT): Promise<string> {
    this.type(`${line}\r`);
    return await this.expect(until);
  }

  /** The reply alone: without echo and without prompt, as lines. */
  async ask(line: string): Promise<string[]> {
    const all = (await this.send(line)).split('\r\n');
    return all.slice(1, -1);
  }

  /** Sends several lines; returns the replies joined. */
  async all(...lines: string[]): Promise<string[]> {
    const replies: string[] = [];
    for (const line of lines) replies.push(...(await this.ask(line)));
    return replies;
  }

  /** Waits for text that matches; takes all that has come in. Rejects when the session ends or after 5 s. */
  async expect(until: RegExp, timeoutMs = 5000): Promise<string> {
    return await this.#wait(() => until.test(this.text), `${until}`, timeoutMs);
  }

  /** Waits for the end of the session; returns what came before it. */
  async end(): Promise<string> {
    return await this.#wait(() => this.closed, 'the end', 5000);
  }

  /** What comes within a time, although no prompt does. */
  async silence(ms: number): Promise<string> {
    return await this.expect(/(?!)/, ms).catch((error: unknown) => {
      if (messageOf(error).startsWith('waited')) return this.#take();
      throw error;
    });
  }

  close(): void {
    this.#client.end();
  }

  async #wait(done: () => boolean, what: string, timeoutMs: number): Promise<string> {
    let late = false;
    const waiting = async () => {
      while (!done() && !late) {
        if (this.closed) throw new Error(`session ended after ${JSON.stringify(this.text)}`);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    };
    const expired = () => {
      late = true;
      return new Error(`waited for ${what}, got ${JSON.stringify(this.text)}`);
    };
    await withDeadline(waiting(), timeoutMs, { signal: new AbortController().signal, clock: systemClock, expired });
    return this.#take();
  }

  #take(): string {
    const { text } = this;
    this.text = '';
    return text;
  }
}
