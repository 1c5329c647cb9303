/** The lab as the drills and benches see it: where things are, and how to touch them. Everything is done by lab.sh. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '..');

/** Folder of the lab's working files. */
export const LAB_DIR = process.env.ANYTRACK_LAB_DIR ?? join(REPOSITORY, '.lab');

/** What the names of the namespaces begin with. */
export const PREFIX = process.env.ANYTRACK_LAB_PREFIX ?? 'at-';

const NODE = join(REPOSITORY, 'node_modules/.bin/node');

/** Milliseconds of CLOCK_MONOTONIC: the same clock in every process of this machine, so the meter's times compare with ours. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Waits; the lab works with real daemons, in real time. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Waits at least `leastMs` and on to `phase` (0 to 1) of a second. Several runs at evenly spread phases meet everything
 * that happens once a second at every moment of its cycle, so that few runs give a fair median.
 */
export function pauseToPhase(leastMs: number, phase: number): Promise<void> {
  const ready = monotonicMs() + leastMs;
  return pause(leastMs + ((((phase * 1000 - ready) % 1000) + 1000) % 1000));
}

/** Phase of run `index` of `runs`: in its own slice of the second, at random. */
export function phaseOf(index: number, runs: number): number {
  return (index + Math.random()) / runs;
}

/** Polls until `check` holds. @returns false if it did not within `timeoutMs` */
export async function until(check: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const end = monotonicMs() + timeoutMs;
  while (!(await check())) {
    if (monotonicMs() >= end) return false;
    await pause(25);
  }
  return true;
}

/** Runs `lab.sh COMMAND ...` to its end. @returns what it printed. @throws with its error output if it fails */
export function lab(...args: readonly string[]): Promise<string> {
  return run('bash', [join(import.meta.dirname, 'lab.sh'), ...args]);
}

/** Gives the lab's probes another frequency; nothing happens if they have it. */
export async function setFrequency(frequency: string): Promise<void> {
  const file = join(LAB_DIR, 'frequency');
  if (existsSync(file) && readFileSync(file, 'utf8').trim() === frequency) return;
  await lab('configure', '--frequency', frequency);
  for (const daemon of ['pa.anytrack', 'pb.anytrack']) {
    await lab('stop', daemon);
    await lab('start', daemon);
  }
  // The routes stand as found; what is broken before there is fresh evidence would measure the start.
  await pause(4000);
}

/** Runs a program on the outside (with rights over every namespace). */
export function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: 90_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} ${args.join(' ')}: ${stderr.trim() || error.message}`));
    });
  });
}

/**
 * Starts a program on a host of the lab; the caller ends it.
 * @param options.log file that takes its error output; left out = ours
 */
export function spawnOn(
  host: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; log?: string } = {},
): ChildProcess {
  const errors = options.log === undefined ? 'inherit' : openSync(options.log, 'a');
  return spawn('ip', ['netns', 'exec', PREFIX + host, ...args], {
    stdio: ['pipe', 'pipe', errors],
    env: options.env ?? process.env,
  });
}

/** Starts one of our TypeScript programs on a host of the lab. */
export function spawnScript(host: string, script: string, args: readonly string[] = []): ChildProcess {
  return spawnOn(host, [NODE, join(import.meta.dirname, script), ...args]);
}

/** Ends a child that we started, and waits for its end. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const killer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await gone;
  clearTimeout(killer);
}

/** Pid of a daemon (`a1.unbound`), or undefined if it does not run. */
export function pidOf(daemon: string): number | undefined {
  const file = join(LAB_DIR, 'pids', daemon);
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8').split(' ')[0]);
  return existsSync(`/proc/${pid}`) ? pid : undefined;
}

/** Sends a signal to a daemon at once, without a shell in between. */
export function signalDaemon(daemon: string, signal: NodeJS.Signals): void {
  const pid = pidOf(daemon);
  if (pid === undefined) throw new Error(`${daemon} does not run`);
  process.kill(pid, signal);
}

/** The host routes of the anycast space that a router's kernel forwards by: `10.0.0.1 via 10.10.10.1`, sorted. */
export function anycastRoutes(router: string, protocol?: 'static'): string[] {
  return [4, 6].flatMap((family) => kernelRoutes(router, family, protocol)).sort();
}

/** The protocol number that zebra gives static routes in the kernel; iproute2's own name `static` means another (4). */
const ZEBRA_STATIC = '196';

interface KernelRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly nexthops?: readonly { readonly gateway?: string }[];
}

function kernelRoutes(router: string, family: number, protocol: 'static' | undefined): string[] {
  const space = family === 4 ? '10.0.0.0/24' : '2001:db8:ac::/64';
  const filter = protocol === undefined ? [] : ['proto', ZEBRA_STATIC];
  const args = ['-n', PREFIX + router, '-json', `-${family}`, 'route', 'show', 'root', space, ...filter];
  // iproute2 prints this shape with -json; a route with several next hops lists them under `nexthops`.
  const routes = JSON.parse(execFileSync('ip', args, { encoding: 'utf8' }) || '[]') as KernelRoute[];
  return routes
    .filter((route) => !route.dst.includes('/'))
    .flatMap((route) => (route.nexthops ?? [route]).map((hop) => `${route.dst} via ${hop.gateway ?? 'nothing'}`));
}

/** What the lab's static routes of a site are while everything is well, in the order of `anycastRoutes`. */
export function healthyRoutes(site: 'a' | 'b'): string[] {
  const v4 = site === 'a' ? '10.10.10' : '10.20.20';
  const v6 = `2001:db8:${site}:`;
  return [
    `10.0.0.1 via ${v4}.1`,
    `10.0.0.2 via ${v4}.1`,
    `10.0.0.2 via ${v4}.2`,
    `10.0.0.3 via ${v4}.1`,
    `2001:db8:ac::53 via ${v6}:1`,
    `2001:db8:ac::53 via ${v6}:2`,
  ];
}
