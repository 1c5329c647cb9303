/** One vty as the user sees it: echo character by character, line editing, `--More--`. Knows no command. */
import { sleep } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Faults } from './faults.ts';

/** The byte stream below: an SSH channel. */
export interface Wire {
  write(bytes: Buffer): void;
}

export interface Line {
  readonly text: string;
  /** Ctrl-Z ends a line and leaves configuration mode; Ctrl-C drops the line. */
  readonly key: 'enter' | 'ctrlZ' | 'ctrlC';
}

const MORE = ' --More-- ';
const ERASE_MORE = `${'\b'.repeat(9)}${' '.repeat(8)}${'\b'.repeat(9)}`;
/** `?` never gets into a line: it asks for help at once and the line is shown again (the list itself is unverified). */
const HELP = '\r\n  LINE    <cr>\r\n\r\n';
/** Columns that a line moves left when it reaches the right edge. */
const SCROLL = 10;

const LINE_ENDS: Readonly<Record<string, { readonly key: Line['key']; readonly echo: string }>> = {
  '\r': { key: 'enter', echo: '' },
  '\n': { key: 'enter', echo: '' },
  '\x1a': { key: 'ctrlZ', echo: '^Z' },
  '\x03': { key: 'ctrlC', echo: '^C' },
};

export class Terminal {
  /** Lines of a page; 0 = no paging. IOS starts with 24. */
  length = 24;
  /** Columns; 0 = endless. IOS starts with 80. */
  width = 80;
  monitor = false;
  readonly #wire: Wire;
  readonly #faults: Faults;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #keys = '';
  #wake: () => void = () => {};
  #pending = '';
  #afterReturn = false;

  constructor(wire: Wire, faults: Faults, dependencies: { clock: Clock; signal: AbortSignal }) {
    this.#wire = wire;
    this.#faults = faults;
    this.#clock = dependencies.clock;
    this.#signal = dependencies.signal;
    dependencies.signal.addEventListener('abort', () => this.#wake(), { once: true });
  }

  /** Bytes from the client. */
  type(bytes: Buffer): void {
    this.#keys += bytes.toString('latin1');
    this.#wake();
  }

  /** Text to the client, as it is. */
  write(text: string): void {
    this.#pending += text;
  }

  /** A log line in the middle of whatever is on the screen. */
  interrupt(text: string): void {
    this.write(`\r\n${text}\r\n`);
    this.flush();
  }

  flush(): void {
    const bytes = Buffer.from(this.#pending, 'latin1');
    this.#pending = '';
    if (bytes.length === 0 || this.#signal.aborted) return;
    const packets = this.#faults.splitEveryByte ? [...bytes].map((byte) => Buffer.of(byte)) : [bytes];
    for (const packet of packets) this.#wire.write(packet);
  }

  /** Reads one line with echo; undefined when the session has ended. */
  async readLine(prompt: string, options: { readonly echo: boolean } = { echo: true }): Promise<Line | undefined> {
    this.write(prompt);
    let text = '';
    for (;;) {
      const key = await this.#readKey();
      if (key === undefined) return undefined;
      const end = LINE_ENDS[key];
      if (end !== undefined) {
        this.write(`${options.echo ? end.echo : ''}\r\n`);
        return { text: end.key === 'ctrlC' ? '' : text, key: end.key };
      }
      const edited = options.echo ? edit(text, key, prompt) : typed(text, key);
      if (options.echo) await this.#echo(edited.echo, prompt.length + edited.text.length, edited.text);
      text = edited.text;
    }
  }

  /** Prints the lines of a reply, a page at a time; false when the user or the end of the session stopped it. */
  async print(lines: readonly string[]): Promise<boolean> {
    let left = this.length === 0 ? Number.POSITIVE_INFINITY : this.length - 1;
    for (const line of lines) {
      if (left <= 0) {
        this.write(MORE);
        const key = await this.#readKey();
        this.write(ERASE_MORE);
        if (key !== ' ' && key !== '\r' && key !== '\n') return false;
        left = key === ' ' ? this.length - 1 : 1;
      }
      this.write(`${line}\r\n`);
      left--;
    }
    return true;
  }

  async #echo(text: string, column: number, line: string): Promise<void> {
    for (const byte of text) {
      if (this.#faults.echoMsPerByte > 0) {
        this.flush();
        await sleep(this.#faults.echoMsPerByte, this.#signal, this.#clock).catch(() => {});
      }
      this.write(byte);
    }
    if (this.width > 0 && column > 0 && text.length === 1 && text >= ' ') this.#scroll(column, line);
  }

  /** At the right edge IOS shifts the line left and marks it with `$` (the exact bytes are unverified). */
  #scroll(column: number, line: string): void {
    const edge = this.width - 1;
    if (column < edge || (column - edge) % SCROLL !== 0) return;
    const shown = line.slice(-(edge - SCROLL - (column - line.length)));
    this.write(`${'\b'.repeat(shown.length + SCROLL)}$${shown.slice(1)}${' '.repeat(SCROLL)}${'\b'.repeat(SCROLL)}`);
  }

  /** The next key; a line feed right after a carriage return is part of it. */
  async #readKey(): Promise<string | undefined> {
    for (;;) {
      while (this.#keys === '' && !this.#signal.aborted) await this.#moreKeys();
      if (this.#signal.aborted) return undefined;
      const key = this.#keys.charAt(0);
      this.#keys = this.#keys.slice(1);
      const pair = key === '\n' && this.#afterReturn;
      this.#afterReturn = key === '\r';
      if (!pair) return key;
    }
  }

  #moreKeys(): Promise<void> {
    this.flush();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

interface Edited {
  readonly text: string;
  readonly echo: string;
}

/** What a key makes of the line, and what the screen shows of it. */
function edit(text: string, key: string, prompt: string): Edited {
  if (key === '?') return { text, echo: `?${HELP}${prompt}${text}` };
  return typed(text, key);
}

function typed(text: string, key: string): Edited {
  if (key === '\b' || key === '\x7f')
    return text === '' ? { text, echo: '' } : { text: text.slice(0, -1), echo: '\b \b' };
  if (key === '\x15') return { text: '', echo: '\b \b'.repeat(text.length) };
  // Other control characters do nothing here.
  if (key < ' ') return { text, echo: '' };
  return { text: text + key, echo: key };
}
