/** Who competes in the failover bench: each keeps 10.0.0.1 announced by site a while its server answers. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  anycastRoutes,
  end,
  LAB_DIR,
  lab,
  PREFIX,
  pause,
  run,
  setFrequency,
  spawnOn,
  spawnScript,
  until,
} from '../lab/lab.ts';

/** One way to take a route away when its server fails. */
export interface Contender {
  readonly name: string;
  /** What it is and how it is set. */
  readonly detail: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Called at the instant of the fault and of its mending: only the floor knows these. */
  atFault?(): void;
  atMend?(): void;
}

const DIR = join(LAB_DIR, 'bench');
const ROUTE = 'ip route 10.0.0.1/32 10.10.10.1 tag 4200';

/** Takes anytrack of site a off the field, and its route with it, so that only the contender announces. */
async function clearField(): Promise<void> {
  await lab('stop', 'pa.anytrack');
  if (anycastRoutes('ra', 'static').includes('10.0.0.1 via 10.10.10.1')) {
    await run('vtysh', ['-N', `${PREFIX}ra`, '-c', 'configure terminal', '-c', 'no ip route 10.0.0.1/32 10.10.10.1']);
  }
}

/** Writes a file of `bench/peers` into the lab with its @KEYS@ replaced. @returns its path */
function render(name: string, values: Readonly<Record<string, string>> = {}): string {
  mkdirSync(DIR, { recursive: true });
  let text = readFileSync(join(import.meta.dirname, 'peers', `${name}.in`), 'utf8');
  for (const [key, value] of Object.entries({ DIR, ...values })) text = text.replaceAll(`@${key}@`, value);
  const file = join(DIR, name);
  writeFileSync(file, text, { mode: name.endsWith('.sh') ? 0o755 : 0o644 });
  return file;
}

function anytrack(frequency: string): Contender {
  return {
    name: `anytrack ${frequency}`,
    detail: `frequency ${frequency}, fall 2, fastFrequency 100ms`,
    async start() {
      await setFrequency(frequency);
      await lab('start', 'pa.anytrack');
    },
    stop: async () => undefined,
  };
}

/** The line typed into a warm SSH session at the instant of the fault: nothing outside the router can be faster. */
function floor(): Contender {
  let typist: ChildProcess | undefined;
  const type = (line: string) => typist?.stdin?.write(`${line}\n`);
  return {
    name: 'floor',
    detail: 'line typed into a warm SSH session at the instant of the fault',
    async start() {
      await clearField();
      typist = spawnScript('pa', 'typist.ts', ['a']);
      let ready = false;
      typist.stdout?.once('data', () => {
        ready = true;
      });
      if (!(await until(() => ready, 10_000))) throw new Error('the typist got no prompt from the router');
      typist.stdout?.resume();
      type(ROUTE);
    },
    async stop() {
      type(`no ${ROUTE}`);
      await pause(100);
      if (typist !== undefined) await end(typist);
    },
    atFault: () => void type('no ip route 10.0.0.1/32 10.10.10.1'),
    atMend: () => void type(ROUTE),
  };
}

/** Programs of a peer on the server a1; the newest is ended first. */
class Peers {
  readonly #children: ChildProcess[] = [];

  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
    // Debian's own programs, not whatever else the tester has on the path.
    const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
    const child = spawnOn('a1', args, { env: { ...process.env, PATH, ...env }, log: join(DIR, 'peers.log') });
    child.stdout?.resume();
    this.#children.unshift(child);
  }

  async stop(): Promise<void> {
    for (const child of this.#children.splice(0)) await end(child);
  }
}

function exabgp(interval: string, seconds: string): Contender {
  const peers = new Peers();
  return {
    name: `exabgp ${interval}`,
    detail: `ExaBGP healthcheck on the server, interval ${interval}, fast-interval 0.1, fall 2, BGP to the router`,
    async start() {
      await clearField();
      render('check.sh');
      const config = render('exabgp.conf', { INTERVAL: seconds });
      peers.start(['/usr/sbin/exabgp', config], {
        'exabgp.daemon.user': 'root',
        'exabgp.daemon.daemonize': 'false',
        'exabgp.log.destination': 'stderr',
        'exabgp.api.cli': 'false',
        'exabgp.tcp.delay': '0',
      });
    },
    stop: () => peers.stop(),
  };
}

function keepalived(fall: number): Contender {
  const peers = new Peers();
  return {
    name: `keepalived 1s fall ${fall}`,
    detail: `keepalived vrrp_script on the server, interval 1 (its least), fall ${fall}, notify to BIRD, BGP to the router`,
    async start() {
      await clearField();
      render('check.sh');
      const bird = render('bird.conf');
      peers.start(['/usr/sbin/bird', '-f', '-c', bird, '-s', join(DIR, 'bird.ctl'), '-P', join(DIR, 'bird.pid')]);
      await pause(500);
      const config = render('keepalived.conf', { FALL: String(fall) });
      const pids = ['-p', join(DIR, 'keepalived.pid'), '-r', join(DIR, 'vrrp.pid')];
      peers.start(['/usr/sbin/keepalived', '-P', '-n', '-l', '-f', config, ...pids]);
    },
    stop: () => peers.stop(),
  };
}

/** In the order of the table; the floor first, as all others are compared with it. */
export const CONTENDERS: readonly Contender[] = [
  floor(),
  anytrack('1s'),
  exabgp('1s', '1'),
  keepalived(2),
  keepalived(1),
  anytrack('100ms'),
  exabgp('100ms', '0.1'),
];
