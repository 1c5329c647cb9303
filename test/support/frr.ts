/** A real FRRouting router (zebra, staticd) in its own network namespace, with sshd in front of vtysh. Needs root. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../src/lib/secret.ts';
import type { RouterSettings } from '../../src/routers/contract.ts';
import type { Need } from './real.ts';

/** What a test with this router needs. */
export const FRR_NEEDS: readonly Need[] = ['root', 'netns', 'zebra', 'staticd', 'vtysh', 'sshd', 'ssh-keygen', 'ip'];

/** Connected networks of the router: next hops inside them make a route active. */
export const FRR_NETWORKS = {
  v0: ['10.255.0.1/24', '2001:db8:ff::1/64'],
  v1: ['10.254.0.1/24', '2001:db8:fe::1/64'],
} as const;

export interface FrrRouter {
  /** Network namespace and FRR path space. */
  readonly namespace: string;
  readonly folder: string;
  /** How the SSH driver reaches it: sshd on loopback, key login, pinned host key. */
  readonly settings: RouterSettings;
  /** Runs commands in a new vtysh, as an operator would; returns what it printed. */
  vtysh(...commands: string[]): string;
  /** Routes in the kernel's table, as `ip route` prints them. */
  kernelRoutes(family?: 4 | 6): string;
  /** Kills staticd and starts it again: its unsaved routes are gone. */
  restartStaticd(): Promise<void>;
  /** Ends every SSH session without a word, as a rebooting router does. */
  cutSessions(): void;
  close(): Promise<void>;
}

let count = 0;

/** Starts the router; a failure on the way leaves nothing behind. */
export async function startFrr(options: { readonly hostname?: string } = {}): Promise<FrrRouter> {
  const namespace = `at-frr-${process.pid}-${count++}`;
  const folder = await mkdtemp(join(tmpdir(), 'at-frr-'));
  const running = new Map<string, ChildProcess>();
  const close = async () => {
    for (const child of running.values()) await end(child);
    execFileSync('ip', ['netns', 'delete', namespace], { stdio: 'ignore' });
    for (const path of [folder, `/etc/frr/${namespace}`, `/var/run/frr/${namespace}`]) {
      await rm(path, { recursive: true, force: true });
    }
  };
  try {
    makeNetwork(namespace);
    await makeFolders(namespace, folder, options.hostname ?? 'edge1');
    const start = (daemon: 'zebra' | 'staticd') => startDaemon(daemon, namespace, folder, running);
    await start('zebra');
    await start('staticd');
    const settings = await startSshd(namespace, folder, running);
    return {
      namespace,
      folder,
      settings,
      vtysh: (...commands) =>
        execFileSync('vtysh', ['-N', namespace, ...commands.flatMap((command) => ['-c', command])], {
          encoding: 'utf8',
          env: { PATH: '/usr/bin:/bin', HOME: folder },
        }),
      kernelRoutes: (family = 4) =>
        execFileSync('ip', ['-n', namespace, `-${family}`, 'route', 'show'], { encoding: 'utf8' }),
      async restartStaticd() {
        const daemon = running.get('staticd');
        if (daemon !== undefined) await end(daemon, 'SIGKILL');
        await start('staticd');
      },
      cutSessions() {
        for (const pid of sessionsOf(running.get('sshd'))) process.kill(pid, 'SIGKILL');
      },
      close,
    };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

function makeNetwork(namespace: string): void {
  const ip = (...words: string[]) => execFileSync('ip', ['-n', namespace, ...words], { stdio: 'pipe' });
  execFileSync('ip', ['netns', 'add', namespace], { stdio: 'pipe' });
  ip('link', 'set', 'lo', 'up');
  for (const [name, addresses] of Object.entries(FRR_NETWORKS)) {
    ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}p`);
    for (const address of addresses)
      ip('address', 'add', address, 'dev', name, ...(address.includes(':') ? ['nodad'] : []));
    ip('link', 'set', name, 'up');
    ip('link', 'set', `${name}p`, 'up');
  }
}

async function makeFolders(namespace: string, folder: string, hostname: string): Promise<void> {
  const etc = `/etc/frr/${namespace}`;
  for (const path of [etc, `/var/run/frr/${namespace}`]) await mkdir(path, { recursive: true });
  await writeFile(`${etc}/vtysh.conf`, `no service integrated-vtysh-config\nhostname ${hostname}\n`);
  // zebra gathers changes for 10 ms by default; 0 hands each to the kernel at once.
  await writeFile(`${etc}/zebra.conf`, `hostname ${hostname}\nzebra work-queue 0\n`);
  await writeFile(`${etc}/staticd.conf`, `hostname ${hostname}\n`);
  execFileSync('chown', ['-R', 'frr:frr', etc, `/var/run/frr/${namespace}`]);
  await chmod(folder, 0o755);
}

async function startDaemon(
  daemon: 'zebra' | 'staticd',
  namespace: string,
  folder: string,
  running: Map<string, ChildProcess>,
): Promise<void> {
  const socket = `/var/run/frr/${namespace}/${daemon}.vty`;
  await rm(socket, { force: true });
  const paths = ['-N', namespace, '-f', `/etc/frr/${namespace}/${daemon}.conf`, '-i', join(folder, `${daemon}.pid`)];
  const buffer = daemon === 'zebra' ? ['-s', '90000000'] : [];
  await writeFile(join(folder, `${daemon}.pid`), '');
  execFileSync('chown', ['frr:frr', join(folder, `${daemon}.pid`)]);
  const words = ['netns', 'exec', namespace, `/usr/lib/frr/${daemon}`, ...paths, '-P', '0', ...buffer];
  running.set(daemon, spawn('ip', words, { stdio: 'ignore' }));
  await until(`${daemon} to start`, () => existsSync(socket));
  if (daemon === 'zebra') await until('zebra to serve', () => existsSync(`/var/run/frr/${namespace}/zserv.api`));
}

async function startSshd(
  namespace: string,
  folder: string,
  running: Map<string, ChildProcess>,
): Promise<RouterSettings> {
  for (const key of ['host_key', 'id']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
  }
  await mkdir('/run/sshd', { recursive: true });
  const port = await freePort();
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host_key`,
    'PidFile none',
    `AuthorizedKeysFile ${folder}/id.pub`,
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'UseDNS no',
    'StrictModes no',
    'PrintMotd no',
    'PrintLastLog no',
    'MaxStartups 100:30:200',
    // root's own start files must not run, and vtysh's history must not go to root's home.
    `SetEnv HOME=${folder}`,
    // vtysh as login shell behaves the same: commands of an exec request go to -c.
    `ForceCommand if [ -n "$SSH_ORIGINAL_COMMAND" ]; then exec /usr/bin/vtysh -N ${namespace} -c "$SSH_ORIGINAL_COMMAND"; else exec /usr/bin/vtysh -N ${namespace}; fi`,
  ];
  await writeFile(join(folder, 'sshd_config'), `${lines.join('\n')}\n`);
  await appendFile(join(folder, 'sshd.log'), '');
  running.set(
    'sshd',
    spawn('/usr/sbin/sshd', ['-D', '-f', join(folder, 'sshd_config'), '-E', join(folder, 'sshd.log')]),
  );
  await until('sshd to listen', async () => /listening on/.test(await readFile(join(folder, 'sshd.log'), 'utf8')));
  return frrSettings(port, await fingerprintOf(folder), await readFile(join(folder, 'id'), 'utf8'));
}

function frrSettings(port: number, hostKey: string, privateKey: string): RouterSettings {
  return {
    name: 'edge1',
    platform: 'frr',
    transport: 'ssh',
    address: '127.0.0.1',
    port,
    username: 'root',
    hostKeys: [hostKey],
    privateKey: new Secret(privateKey, 'test'),
    legacyAlgorithms: false,
    commandTimeoutMs: 10_000,
    readyTimeoutMs: 20_000,
    keepaliveMs: 10_000,
    driftCheckMs: 60_000,
    save: 'never',
  };
}

async function fingerprintOf(folder: string): Promise<string> {
  const shown = execFileSync('ssh-keygen', ['-l', '-f', join(folder, 'host_key.pub')], { encoding: 'utf8' });
  return shown.split(' ')[1] ?? '';
}

function sessionsOf(sshd: ChildProcess | undefined): number[] {
  if (sshd?.pid === undefined) return [];
  const children = execFileSync('ps', ['--ppid', String(sshd.pid), '-o', 'pid=', '--no-headers'], { encoding: 'utf8' });
  return children.split('\n').flatMap((line) => (line.trim() === '' ? [] : [Number(line)]));
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), 2000);
  await exited;
  clearTimeout(late);
}

/** Polls until `ready` says so; at most five seconds. */
async function until(what: string, ready: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 250; i++) {
    if (await ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited in vain for ${what}`);
}
