/** One session: reads lines, runs commands, carries out their effects, and goes wrong where a fault says so. */
import { sleep } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { execute } from './commands.ts';
import type { Context, Effect, Mode, Vty } from './context.ts';
import type { Device } from './device.ts';
import { type Faults, losesSession } from './faults.ts';
import { logStamp } from './show.ts';
import type { Terminal } from './terminal.ts';

/** The router as one session sees it. */
export interface Host {
  readonly faults: Faults;
  readonly enablePassword: string | undefined;
  device(): Device;
  vtys(): readonly Vty[];
  /** Takes over the device that a command left behind. */
  commit(device: Device, by: string): void;
  /** Somebody left configuration mode. */
  configured(by: Vty): void;
  received(line: string, vty: Vty, mode: Mode): void;
}

/** IOS asks three times. */
const ENABLE_TRIES = 3;
/** In configuration mode the prompt has at most this much of the host name. */
const CONFIG_NAME_LENGTH = 20;
/** How a password stands in the log. */
const HIDDEN = '(password)';

export class Shell {
  readonly vty: Vty;
  readonly #terminal: Terminal;
  readonly #host: Host;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #mode: Mode;

  constructor(
    options: { readonly vty: Vty; readonly mode: Mode; readonly terminal: Terminal },
    dependencies: { host: Host; clock: Clock; signal: AbortSignal },
  ) {
    this.vty = options.vty;
    this.#mode = options.mode;
    this.#terminal = options.terminal;
    this.#host = dependencies.host;
    this.#clock = dependencies.clock;
    this.#signal = dependencies.signal;
  }

  /**
   * Serves the session until it ends: `closed` when the user left, `lost` when it broke.
   * The caller ends the connection accordingly.
   */
  async run(): Promise<'closed' | 'lost'> {
    this.#terminal.write('\r\n');
    for (;;) {
      const line = await this.#terminal.readLine(this.#prompt());
      if (line === undefined) return 'lost';
      if (line.key === 'ctrlC') {
        if (this.#mode === 'config') this.#enter('privileged');
        continue;
      }
      const end = await this.#serve(line.text);
      this.#terminal.flush();
      if (end !== undefined) return end;
      if (line.key === 'ctrlZ' && this.#mode === 'config') this.#enter('privileged');
    }
  }

  #prompt(): string {
    const { hostname } = this.#host.device();
    if (this.#mode === 'config') return `${hostname.slice(0, CONFIG_NAME_LENGTH)}(config)#`;
    return `${hostname}${this.#mode === 'privileged' ? '#' : '>'}`;
  }

  /** Runs one line; the answer tells how the session ends, if it does. */
  async #serve(line: string): Promise<'closed' | 'lost' | undefined> {
    const { faults } = this.#host;
    this.#host.received(line, this.vty, this.#mode);
    if (faults.hangOn?.test(line) === true) return await this.#hang();
    if (losesSession(faults, 'before', line)) return 'lost';
    if (faults.refuseCommands?.test(line) === true) return await this.#reply(['Command authorization failed.', '']);
    if (this.#mode === 'config' && faults.lockMidSession !== undefined) {
      this.#mode = 'privileged';
      return await this.#reply([faults.lockMidSession]);
    }
    const effect = execute(line, this.#context(), this.#prompt().length);
    const output = this.#write(effect);
    if (losesSession(faults, 'after', line)) return 'lost';
    if (faults.replyDelayMs > 0) await sleep(faults.replyDelayMs, this.#signal, this.#clock).catch(() => {});
    this.#adjust(effect);
    const end = (await this.#reply(output)) ?? (await this.#ask(effect));
    return end ?? (effect.close === true ? 'closed' : undefined);
  }

  #context(): Context {
    const { enablePassword, faults } = this.#host;
    return {
      device: this.#host.device(),
      mode: this.#mode,
      self: this.vty,
      vtys: this.#host.vtys(),
      nowMono: this.#clock.now(),
      wall: this.#clock.wall(),
      ...(enablePassword === undefined ? {} : { enablePassword }),
      ...(faults.lock === undefined ? {} : { lock: faults.lock }),
    };
  }

  /** Takes over what the command wrote and tells what it answers. */
  #write(effect: Effect): readonly string[] {
    const { faults } = this.#host;
    const output = effect.output ?? [];
    if (effect.device === undefined) return output;
    const isRoute = this.#mode === 'config';
    if (!(isRoute && faults.ignoreWrites)) this.#host.commit(effect.device, this.vty.user);
    return isRoute && faults.warningOnWrite !== undefined ? [...output, faults.warningOnWrite] : output;
  }

  #adjust({ terminal, mode }: Effect): void {
    if (terminal?.length !== undefined) this.#terminal.length = terminal.length;
    if (terminal?.width !== undefined) this.#terminal.width = terminal.width;
    if (terminal?.monitor !== undefined) this.#terminal.monitor = terminal.monitor;
    if (mode !== undefined) this.#enter(mode);
  }

  #enter(mode: Mode): void {
    const left = this.#mode === 'config' && mode !== 'config';
    this.#mode = mode;
    if (left) this.#host.configured(this.vty);
  }

  async #reply(lines: readonly string[]): Promise<'lost' | undefined> {
    await this.#terminal.print(this.#spoil(lines));
    return this.#signal.aborted ? 'lost' : undefined;
  }

  /** The reply with what faults put into its middle. */
  #spoil(lines: readonly string[]): readonly string[] {
    const { syslogInReply, textInReply } = this.#host.faults;
    const logs = syslogInReply.map((text) => `${logStamp(this.#clock.wall())}: ${text}`);
    const texts = lines.length === 0 ? [] : textInReply;
    return lines.toSpliced(Math.ceil(lines.length / 2), 0, ...texts, ...logs);
  }

  async #ask({ ask }: Effect): Promise<'lost' | undefined> {
    if (ask === 'enable') return await this.#askPassword();
    if (ask === undefined) return undefined;
    const answer = await this.#terminal.readLine('Destination filename [startup-config]? ');
    if (answer === undefined) return 'lost';
    this.#host.received(answer.text, this.vty, this.#mode);
    if (!['', 'startup-config'].includes(answer.text.trim()))
      return await this.#reply(['%Error copying (No such device)']);
    const saved = execute('write memory', this.#context(), 0);
    return await this.#reply(this.#write(saved));
  }

  async #askPassword(): Promise<'lost' | undefined> {
    for (let tries = 0; tries < ENABLE_TRIES; tries++) {
      const answer = await this.#terminal.readLine('Password: ', { echo: false });
      if (answer === undefined) return 'lost';
      this.#host.received(HIDDEN, this.vty, this.#mode);
      if (answer.text === this.#host.enablePassword) {
        this.#mode = 'privileged';
        return undefined;
      }
    }
    return await this.#reply(['% Bad secrets', '']);
  }

  /** Says nothing more; resolves when the session is ended from outside. */
  #hang(): Promise<'lost'> {
    this.#terminal.flush();
    return new Promise((resolve) => {
      this.#signal.addEventListener('abort', () => resolve('lost'), { once: true });
    });
  }
}
