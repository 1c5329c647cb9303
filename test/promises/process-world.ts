/** The program as an operator runs it: a process, with servers, a router and an NMS around it on free ports. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedIosRouter } from '../../src/demo/ios-router/router.ts';
import { EmbeddedEndpoint } from '../../src/demo/responders/endpoint.ts';
import { TrapReceiver } from '../../src/demo/trap-receiver.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { DEFAULT_BASE_OID, NOTIFICATIONS, notificationOid } from '../../src/notify/mib.ts';
import { fetchStatus } from '../../src/web/control-server.ts';
import type { Status } from '../../src/web/status.ts';
import { until } from './until.ts';

const CLI = new URL('../../src/cli.ts', import.meta.url).pathname;

/** Every secret of the configuration; each unlike anything else that could be printed. */
export const SECRETS = {
  'router.password': 'Rt7-hunter2-PASSWORD',
  'enable.password': 'En4-swordfish-ENABLE',
  community: 'Cm9-nms-COMMUNITY',
  'radius.secret': 'Rs3-shared-SECRET',
  'radius.password': 'Rp5-user-PASSWORD',
  authorization: 'Bearer Ah8-http-TOKEN',
} as const;

export type SecretName = keyof typeof SECRETS;

const ADDRESSES = { a: '127.0.20.1', b: '127.0.20.2' } as const;
const POLICIES = ['resolver', 'web', 'radius'] as const;

/** How a command of the program ended. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

export class ProcessWorld {
  readonly folder: string;
  readonly a: EmbeddedEndpoint;
  readonly b: EmbeddedEndpoint;
  readonly router: SimulatedIosRouter;
  readonly nms: TrapReceiver;
  /** Everything that any process of this world has written so far. */
  output = '';
  #daemon: ChildProcess | undefined;

  private constructor(folder: string, ports: Parameters<typeof endpoint>[1] | undefined) {
    this.folder = folder;
    this.a = endpoint('a', ports);
    this.b = endpoint('b', ports);
    this.router = new SimulatedIosRouter(
      {
        users: [{ name: 'anytrack', password: SECRETS['router.password'], privilege: 1 }],
        enablePassword: SECRETS['enable.password'],
        interfaces: [{ name: 'GigabitEthernet1', addresses: ['10.10.10.254/24'] }],
        startup: ['ip route 10.0.0.99 255.255.255.255 10.10.10.7 name legacy'],
      },
      { clock: systemClock },
    );
    const names = Object.keys(NOTIFICATIONS) as (keyof typeof NOTIFICATIONS)[];
    this.nms = new TrapReceiver(
      {
        address: '127.0.0.1',
        community: SECRETS.community,
        names: new Map(names.map((name) => [notificationOid(DEFAULT_BASE_OID, name), name])),
      },
      { clock: systemClock },
    );
  }

  /** Everything around the program listens, and its configuration is written. */
  static async open(): Promise<ProcessWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'anytrack-promises-'));
    // Both endpoints must have the same ports, so free ones are found first.
    const scout = endpoint('a', undefined);
    const ports = await scout.start();
    await scout.close();
    const world = new ProcessWorld(folder, ports);
    const [, , listening, nms] = await Promise.all([
      world.a.start(),
      world.b.start(),
      world.router.start(),
      world.nms.start(),
    ]);
    await mkdir(join(folder, 'policies'));
    for (const name of Object.keys(SECRETS) as SecretName[]) await world.setSecret(name, SECRETS[name]);
    await writeFile(join(folder, 'known_hosts'), `${listening.knownHostsLine}\n`);
    await world.write('anytrack.yaml', siteFile(listening.port, nms.port));
    for (const name of POLICIES) await world.write(`policies/${name}.yaml`, policyFile(name, ports[KIND[name]]));
    return world;
  }

  get configFile(): string {
    return join(this.folder, 'anytrack.yaml');
  }

  get pid(): number {
    const { pid } = this.#daemon ?? {};
    if (pid === undefined) throw new Error('the daemon does not run');
    return pid;
  }

  get isAlive(): boolean {
    return this.#daemon?.exitCode === null && this.#daemon.signalCode === null;
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(join(this.folder, name), text);
  }

  read(name: string): Promise<string> {
    return readFile(join(this.folder, name), 'utf8');
  }

  setSecret(name: SecretName, value: string): Promise<void> {
    return writeFile(join(this.folder, name), `${value}\n`, { mode: 0o600 });
  }

  /** Replaces a text in a file of the configuration. */
  async edit(name: string, from: string, to: string): Promise<void> {
    const text = await this.read(name);
    if (!text.includes(from)) throw new Error(`${name} has no ${from}`);
    await this.write(name, text.replaceAll(from, to));
  }

  /** Starts the daemon and waits until it answers. */
  async start(): Promise<void> {
    const daemon = spawn(process.execPath, [CLI, 'run', '-c', this.configFile], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#daemon = daemon;
    for (const stream of [daemon.stdout, daemon.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    await until(
      'the daemon to answer',
      () => {
        if (!this.isAlive) throw new Error(`the daemon ended: ${this.output}`);
        return this.status().catch(() => undefined);
      },
      15_000,
    );
  }

  /** Waits until every route of every policy is there and told. */
  async routesUp(): Promise<void> {
    await until('six routes', () => this.ours().length === 6, 10_000);
  }

  /** Prefix and next hop of our routes on the router. */
  ours(): readonly string[] {
    const marked = this.router.device.running.filter(({ tag }) => tag === 4200);
    return marked.map(({ prefix, nextHop }) => `${prefix} ${nextHop}`);
  }

  status(): Promise<Status> {
    return fetchStatus(join(this.folder, 'control.sock'));
  }

  signal(name: NodeJS.Signals): void {
    this.#daemon?.kill(name);
  }

  /** Ends the daemon and waits for its end. */
  async end(name: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === undefined || !this.isAlive) return;
    const exited = once(daemon, 'exit');
    const patience = setTimeout(() => daemon.kill('SIGKILL'), 15_000);
    daemon.kill(name);
    await exited;
    clearTimeout(patience);
  }

  /** Runs another command of the program, with the same configuration. */
  run(...args: readonly string[]): Promise<Ended> {
    return new Promise((resolve) => {
      const words = [CLI, ...args, '-c', this.configFile];
      const child = execFile(process.execPath, words, { timeout: 20_000 }, (_error, stdout, stderr) => {
        this.output += stdout + stderr;
        resolve({ code: child.exitCode, output: stdout + stderr });
      });
    });
  }

  /** The lines of the audit file so far. */
  async audit(): Promise<readonly Record<string, unknown>[]> {
    const text = await this.read('audit.jsonl').catch(() => '');
    const lines = text.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** The first notification of that name after the first `seen` ones. */
  notified(name: keyof typeof NOTIFICATIONS, seen = 0) {
    return until(
      `the notification ${name}`,
      () => this.nms.received.slice(seen).find((trap) => trap.name === name),
      10_000,
    );
  }

  async close(): Promise<void> {
    await this.end();
    await Promise.allSettled([this.a, this.b, this.router, this.nms].map((part) => part.close()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

const KIND = { resolver: 'dns', web: 'http', radius: 'radius' } as const;

function endpoint(name: keyof typeof ADDRESSES, ports: { dns: number; http: number; radius: number } | undefined) {
  const { dns = 0, http = 0, radius = 0 } = ports ?? {};
  return new EmbeddedEndpoint(
    {
      address: ADDRESSES[name],
      dns: { port: dns, records: [{ type: 'A', name: 'anycast.example.com', ttl: 60, data: '192.0.2.10' }] },
      http: { port: http, headers: { 'x-health': 'well' } },
      radius: {
        port: radius,
        secret: SECRETS['radius.secret'],
        users: { probe: SECRETS['radius.password'] },
        replyMessage: 'well',
      },
    },
    { clock: systemClock, random: systemRandom },
  );
}

function siteFile(sshPort: number, nmsPort: number): string {
  return `site: ams1
anycastPrefixes: [10.0.0.0/24]
mark: { tag: 4200, name: anytrack }
log: { level: debug }
routers:
  edge1:
    platform: ios
    address: 127.0.0.1
    port: ${sshPort}
    knownHosts: known_hosts
    username: anytrack
    password: { file: router.password }
    enablePassword: { file: enable.password }
notify:
  snmp: [{ target: 127.0.0.1, port: ${nmsPort}, community: { file: community }, inform: true, retries: 1, timeout: 300ms }]
  auditFile: audit.jsonl
controlSocket: control.sock
`;
}

const PROBES = {
  resolver: (port: number) => `dns: { name: anycast.example.com, port: ${port} }`,
  web: (port: number) =>
    `http: { port: ${port}, secretHeaders: { Authorization: { file: ../authorization } }, expect: { headers: { x-health: { equals: well } } } }`,
  radius: (port: number) =>
    `radius: { port: ${port}, mode: pap, user: { name: probe, password: { file: ../radius.password } }, secret: { file: ../radius.secret }, accept: [accept], expect: { attributes: [{ attribute: Reply-Message, equals: well }] } }`,
} as const;

function policyFile(name: (typeof POLICIES)[number], port: number): string {
  return `address: 10.0.0.${POLICIES.indexOf(name) + 1}
description: ${name}
routers: [edge1]
endpoints:
  a: { nextHop: 10.10.10.1, target: ${ADDRESSES.a} }
  b: { nextHop: 10.10.10.2, target: ${ADDRESSES.b} }
probes:
  check:
    ${PROBES[name](port)}
    frequency: 200ms
    fastFrequency: 100ms
    timeout: 150ms
    threshold: 100ms
track: { reaction: { consecutive: { fall: 2, rise: 2 } } }
`;
}
