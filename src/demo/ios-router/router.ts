/** A simulated Cisco IOS router behind a real SSH server, for the demo and for tests. */
import { sleep } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { execute } from './commands.ts';
import type { Mode, Vty } from './context.ts';
import { boot, type Device, type Interface, type LearnedRoute, setInterface, setTrack } from './device.ts';
import { type Faults, noFaults } from './faults.ts';
import { type Listening, type OpenShell, SshFront, type User } from './server.ts';
import { type Host, Shell } from './shell.ts';
import { logStamp } from './show.ts';
import { Terminal } from './terminal.ts';

export interface SimulatedIosRouterOptions {
  /** Up to 63 characters. */
  readonly hostname?: string;
  /** Loopback address to listen on. */
  readonly address?: string;
  /** 0 = any free port. */
  readonly port?: number;
  readonly users: readonly User[];
  /** Left out: `enable` answers `% No password set`. */
  readonly enablePassword?: string;
  readonly vrfs?: readonly string[];
  readonly interfaces: readonly (Pick<Interface, 'name' | 'addresses'> & Partial<Interface>)[];
  /** Track objects by number: up or down. */
  readonly tracks?: Readonly<Record<number, boolean>>;
  /** Routes of a routing protocol, such as one that covers the anycast space. */
  readonly learned?: readonly LearnedRoute[];
  /** Configuration lines (`ip route ...`) of the startup and running configuration. */
  readonly startup?: readonly string[];
  /** What the SSH server calls itself. */
  readonly ident?: string;
  /**
   * Takes width and length of the terminal from the SSH request. The default, false, is the harder case:
   * 80 by 24 until told otherwise. What a device does is unverified.
   */
  readonly followTerminalSize?: boolean;
}

/** One line that a session sent. Passwords are not kept. */
export interface LogEntry {
  /** Wall milliseconds. */
  readonly at: number;
  readonly atMono: number;
  readonly vty: number;
  readonly user: string;
  readonly mode: Mode;
  readonly line: string;
}

/** Oldest entries are dropped beyond this. */
const LOG_LENGTH = 10_000;

/** Who `edit` works as. */
const OTHER_OPERATOR: Vty = { line: 99, user: 'alice', from: '192.0.2.99' };

interface Attached {
  readonly vty: Vty;
  readonly terminal: Terminal;
  cut(): void;
}

/**
 * Starts, is driven over SSH, and can be made to fail (`faults`). Its state is readable as `device`,
 * what it was told as `log`.
 */
export class SimulatedIosRouter {
  /** Switches; see FAULTS for what each does. */
  readonly faults: Faults = noFaults();
  readonly log: LogEntry[] = [];
  readonly #options: SimulatedIosRouterOptions;
  readonly #clock: Clock;
  readonly #front: SshFront;
  readonly #attached = new Set<Attached>();
  #device: Device;
  readonly #closing = new AbortController();

  constructor(options: SimulatedIosRouterOptions, dependencies: { readonly clock: Clock }) {
    this.#options = options;
    this.#clock = dependencies.clock;
    this.#device = newDevice(options, dependencies.clock.now());
    this.#front = new SshFront(
      {
        address: options.address ?? '127.0.0.1',
        port: options.port ?? 0,
        users: options.users,
        ident: options.ident ?? 'Cisco-1.25',
      },
      {
        admit: () => (this.faults.refuseConnections ? 'reset' : this.faults.silentConnections ? 'silent' : 'serve'),
        permitLogin: () => !this.faults.refuseLogins,
        onShell: (shell) => this.#attach(shell),
      },
    );
  }

  /** The state now; the fault `nextHopsUnreachable` shows in its RIB. */
  get device(): Device {
    return { ...this.#device, nextHopsReachable: !this.faults.nextHopsUnreachable };
  }

  /** Number of open sessions. */
  get sessions(): number {
    return this.#attached.size;
  }

  /** Listens; the startup configuration is in force from here. */
  async start(): Promise<Listening> {
    const listening = await this.#front.listen();
    this.#device = boot(this.#device, this.#clock.now());
    this.edit(this.#options.startup ?? [], { silent: true });
    this.#device = { ...this.#device, startup: this.#device.running };
    return listening;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.cutSessions();
    await this.#front.stop();
  }

  /**
   * Configuration lines typed by another operator, faults or not.
   * @returns what IOS answered, in order; empty when every line was taken in silence
   */
  edit(lines: readonly string[], options: { readonly silent?: boolean } = {}): readonly string[] {
    const replies = lines.flatMap((line) => {
      const effect = execute(line, { ...this.#editContext(), device: this.device }, 0);
      if (effect.device !== undefined) this.#commit(effect.device, OTHER_OPERATOR.user);
      return effect.output ?? [];
    });
    if (options.silent !== true) this.#configured(OTHER_OPERATOR);
    return replies;
  }

  setTrack(id: number, up: boolean): void {
    this.#device = setTrack(this.#device, id, up, this.#clock.now());
    this.syslog(`%TRACK-6-STATE: ${id} ip sla ${id} reachability ${up ? 'Down -> Up' : 'Up -> Down'}`);
  }

  setInterface(name: string, up: boolean): void {
    this.#device = setInterface(this.#device, name, up);
    this.syslog(`%LINK-3-UPDOWN: Interface ${name}, changed state to ${up ? 'up' : 'down'}`);
  }

  /** A log line, now, on every session that asked for them (`terminal monitor`). */
  syslog(text: string): void {
    for (const { terminal } of this.#attached) {
      if (terminal.monitor) terminal.interrupt(`${logStamp(this.#clock.wall())}: ${text}`);
    }
  }

  /** Ends every session without a word. */
  cutSessions(): void {
    for (const attached of this.#attached) attached.cut();
  }

  /**
   * Reboots: sessions drop, the running configuration is the startup one again, uptime is 0.
   * @param downMs how long connections are refused
   * @returns resolves once connections are taken again
   */
  async reload(downMs = 1000): Promise<void> {
    this.cutSessions();
    await this.#front.stop();
    const { signal } = this.#closing;
    await sleep(downMs, signal, this.#clock).catch(() => {});
    if (signal.aborted) return;
    this.#device = boot(this.#device, this.#clock.now());
    await this.#front.listen();
  }

  #attach(shell: OpenShell): void {
    const ended = new AbortController();
    const { signal } = ended;
    const wire = { write: (bytes: Buffer) => void shell.channel.write(bytes) };
    const terminal = new Terminal(wire, this.faults, { clock: this.#clock, signal });
    if (this.#options.followTerminalSize === true && shell.size !== undefined) {
      terminal.width = shell.size.columns;
      terminal.length = shell.size.lines;
    }
    const vty: Vty = { line: this.#freeLine(), user: shell.user.name, from: shell.from };
    const attached: Attached = {
      vty,
      terminal,
      cut: () => {
        ended.abort();
        this.#attached.delete(attached);
        shell.cut();
      },
    };
    this.#attached.add(attached);
    shell.channel.on('data', (bytes: Buffer) => terminal.type(bytes));
    shell.channel.once('close', () => attached.cut());
    const mode = shell.user.privilege === 1 ? 'user' : 'privileged';
    const session = new Shell({ vty, mode, terminal }, { host: this.#host(), clock: this.#clock, signal });
    void session.run().then(
      (end) => {
        if (end === 'lost') return attached.cut();
        this.#attached.delete(attached);
        shell.end();
      },
      () => attached.cut(),
    );
  }

  #host(): Host {
    return {
      faults: this.faults,
      enablePassword: this.#options.enablePassword,
      device: () => this.device,
      vtys: () => [...this.#attached].map(({ vty }) => vty),
      commit: (device, by) => this.#commit(device, by),
      configured: (by) => this.#configured(by),
      received: (line, { line: vty, user }, mode) => {
        this.log.push({ at: this.#clock.wall(), atMono: this.#clock.now(), vty, user, mode, line });
        if (this.log.length > LOG_LENGTH) this.log.shift();
      },
    };
  }

  #commit(device: Device, by: string): void {
    this.#device = { ...device, nextHopsReachable: true, changed: { by, at: this.#clock.wall() } };
  }

  #configured({ user, line, from }: Vty): void {
    this.syslog(`%SYS-5-CONFIG_I: Configured from console by ${user} on vty${line} (${from})`);
  }

  #editContext() {
    const nowMono = this.#clock.now();
    return { mode: 'config' as const, self: OTHER_OPERATOR, vtys: [], nowMono, wall: this.#clock.wall() };
  }

  #freeLine(): number {
    const taken = new Set([...this.#attached].map(({ vty }) => vty.line));
    let line = 0;
    while (taken.has(line)) line++;
    return line;
  }
}

function newDevice(options: SimulatedIosRouterOptions, nowMono: number): Device {
  const tracks = Object.entries(options.tracks ?? {});
  return {
    hostname: options.hostname ?? 'edge1',
    vrfs: options.vrfs ?? [],
    interfaces: options.interfaces.map((port) => ({ vrf: 'default', up: true, ...port })),
    tracks: tracks.map(([id, up]) => ({ id: Number(id), up, changes: 1, changedMono: nowMono })),
    learned: options.learned ?? [],
    running: [],
    startup: [],
    bootedMono: nowMono,
    nextHopsReachable: true,
  };
}
