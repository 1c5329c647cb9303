import { constants, open } from 'node:fs/promises';
import type { Logger } from 'pino';
import { codeOf, messageOf } from '../lib/errors.ts';
import type { AnytrackEvent } from './contract.ts';
import type { Because } from './explanations.ts';
import { type Redact, redactedJson } from './redact.ts';

/** O_APPEND: the kernel puts every write at the end, whatever else writes or has truncated the file. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;

/** Evidence names servers and routers; others have no business reading it. */
const MODE = 0o640;

/** Most lines kept while the disk refuses them; older ones are lost and counted. */
const CAPACITY = 10_000;

/**
 * The append-only audit file: one JSON line per change, with everything that explains it (promise 11).
 *
 * Lines that come while a write is out are written together, then `fdatasync` is called once: a change is on the disk
 * a few milliseconds after it was told, and routing never waits for it. The file is opened anew for every batch,
 * so that logrotate needs no signal. Trouble with the disk is logged when it begins and ends; it stops nothing.
 */
export class AuditLog {
  readonly #path: string;
  readonly #dependencies: { readonly log: Logger; readonly redact: Redact };
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #failing = false;
  #lost = 0;

  constructor(path: string, dependencies: { readonly log: Logger; readonly redact: Redact }) {
    this.#path = path;
    this.#dependencies = dependencies;
  }

  /** Lines that could not be kept until the disk took them. */
  get lost(): number {
    return this.#lost;
  }

  /** Appends one event; returns at once. */
  write(event: AnytrackEvent, because?: Because): void {
    const line = { time: new Date(event.at).toISOString(), ...event, ...(because === undefined ? {} : { because }) };
    this.#waiting.push(`${redactedJson(line, this.#dependencies.redact)}\n`);
    if (this.#waiting.length > CAPACITY) {
      this.#waiting.shift();
      this.#lost += 1;
    }
    this.#flush();
  }

  /** Writes what waits, once more if the disk refused it before. Never rejects. */
  async close(): Promise<void> {
    await this.#writing;
    if (this.#waiting.length > 0) this.#flush();
    await this.#writing;
  }

  #flush(): void {
    if (this.#writing !== undefined) return;
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Never rejects. Lines of a failed batch wait for the next event; if part of them was written, they stand there twice. */
  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await append(this.#path, batch.join(''));
        this.#tell(undefined);
      } catch (error) {
        this.#waiting = [...batch, ...this.#waiting];
        this.#tell(error);
        return;
      }
    }
  }

  #tell(error: unknown): void {
    const failing = error !== undefined;
    if (failing === this.#failing) return;
    this.#failing = failing;
    const { log } = this.#dependencies;
    if (!failing) log.info({ file: this.#path }, 'audit file is written again');
    else log.error({ file: this.#path, code: codeOf(error), error: messageOf(error) }, 'audit file cannot be written');
  }
}

async function append(path: string, text: string): Promise<void> {
  const file = await open(path, FLAGS, MODE);
  try {
    await file.appendFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
}
