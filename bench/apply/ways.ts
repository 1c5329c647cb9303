/** Ways to get a line of configuration into a router: ours and what others use. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import ssh2, { type ClientChannel } from 'ssh2';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { DesiredRoute, RouteChange } from '../../src/model.ts';
import { frr } from '../../src/routers/cli/frr.ts';
import { Reconciler } from '../../src/routers/reconciler.ts';
import { createDriver } from '../../src/routers/registry.ts';
import type { FrrRouter } from '../../test/support/frr.ts';

/** Host routes to add or to remove, all by one next hop. */
export interface Batch {
  readonly op: 'add' | 'remove';
  readonly addresses: readonly string[];
}

/** One way; `change` resolves when this way believes that it is done. */
export interface Way {
  readonly name: string;
  change(batch: Batch): Promise<void>;
  close(): Promise<void>;
}

export const ANYCAST = ['10.9.0.0/16'];
const NEXT_HOP = '10.255.0.2';
const TAG = 4200;
const runFile = promisify(execFile);

function linesOf({ op, addresses }: Batch): string[] {
  const line = (address: string) => `ip route ${address}/32 ${NEXT_HOP}`;
  return addresses.map((address) => (op === 'add' ? `${line(address)} tag ${TAG}` : `no ${line(address)}`));
}

function key(address: string) {
  return { vrf: 'default', prefix: `${address}/32`, nextHop: NEXT_HOP };
}

/** Our session alone: the script rendered, sent, every reply checked. */
export async function ourSession(router: FrrRouter): Promise<Way> {
  const { signal } = new AbortController();
  const session = await createDriver(router.settings, ANYCAST, { clock: systemClock }).open(signal);
  return {
    name: 'anytrack, session.apply',
    async change({ op, addresses }) {
      const changes = addresses.map((address): RouteChange => {
        const reason = op === 'add' ? 'endpoint-up' : 'endpoint-down';
        return { op, key: key(address), attributes: { tag: TAG }, policy: 'bench', endpoint: 'bench', reason };
      });
      const { failures } = await session.apply(frr.render(changes), signal);
      if (failures[0] !== undefined) throw new Error(`refused: ${failures[0].reply}`);
    },
    close: () => session.close(),
  };
}

/** The whole change: from the wish, through read, write and read-back, to the proof in configuration and RIB. */
export async function ourReconciler(router: FrrRouter): Promise<Way> {
  const dependencies = { clock: systemClock, random: systemRandom };
  const reconciler = new Reconciler(
    { router: router.settings, mark: { tag: TAG, name: 'anytrack' }, anycastPrefixes: ANYCAST, orphans: 'report' },
    {
      ...dependencies,
      driver: createDriver(router.settings, ANYCAST, dependencies),
      platform: frr,
      emit: () => undefined,
    },
  );
  reconciler.start(new AbortController().signal);
  const wish = async (routes: readonly DesiredRoute[]) => {
    reconciler.setDesired(routes);
    await reconciler.settled(AbortSignal.timeout(30_000));
  };
  await wish([]);
  return {
    name: 'anytrack, verdict to proof',
    async change({ op, addresses }) {
      const want = op === 'add' ? ('present' as const) : ('absent' as const);
      const reason = op === 'add' ? 'endpoint-up' : 'endpoint-down';
      const one = (address: string): DesiredRoute => ({
        key: key(address),
        attributes: { tag: TAG },
        want,
        policy: 'bench',
        endpoint: 'bench',
        reason,
      });
      await wish(addresses.map(one));
    },
    close: () => reconciler.close(),
  };
}

/** The floor: a bare ssh2 shell; each line written, its prompt awaited, nothing checked. */
export async function bareShell({ settings }: FrrRouter): Promise<Way> {
  const client = new ssh2.Client();
  await new Promise<void>((resolve, reject) => {
    client.once('ready', () => resolve()).once('error', reject);
    const { address: host, port, username } = settings;
    client.connect({ host, port, username, privateKey: settings.privateKey?.reveal() ?? '' });
  });
  client.setNoDelay(true);
  const shell = await new Promise<ClientChannel>((resolve, reject) => {
    client.shell({ cols: 511, rows: 1000 }, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
  let seen = '';
  let wake: () => void = () => undefined;
  shell.on('data', (bytes: Buffer) => {
    seen += bytes.toString('latin1');
    if (/[#>] $/.test(seen)) wake();
  });
  const prompt = (line?: string) =>
    new Promise<void>((resolve) => {
      seen = '';
      wake = resolve;
      if (line !== undefined) shell.write(`${line}\n`);
    });
  await prompt();
  await prompt('terminal length 0');
  return {
    name: 'bare ssh2 shell loop',
    async change(batch) {
      for (const line of ['configure terminal', ...linesOf(batch), 'end']) await prompt(line);
    },
    close: async () => void client.destroy(),
  };
}

/** A new vtysh process for each visit. */
export function freshVtysh({ namespace }: FrrRouter): Way {
  return {
    name: 'vtysh -c, new process',
    async change(batch) {
      const commands = ['configure terminal', ...linesOf(batch)].flatMap((line) => ['-c', line]);
      await runFile('vtysh', ['-N', namespace, ...commands]);
    },
    close: async () => undefined,
  };
}

/** One vtysh that reads all lines from a file, in one transaction. */
export function vtyshFile({ namespace, folder }: FrrRouter): Way {
  const path = join(folder, 'batch.conf');
  return {
    name: 'vtysh -f, one file',
    async change(batch) {
      await writeFile(path, `${linesOf(batch).join('\n')}\n`);
      await runFile('vtysh', ['-N', namespace, '-f', path]);
    },
    close: async () => undefined,
  };
}

/** A new OpenSSH connection for each visit. */
export function openSsh({ settings, folder }: FrrRouter): Way {
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
  const words = ['-F', 'none', '-i', join(folder, 'id'), '-p', String(settings.port)];
  for (const option of options) words.push('-o', option);
  return {
    name: 'OpenSSH, new connection',
    async change(batch) {
      await runFile('ssh', [...words, 'root@127.0.0.1', ['configure terminal', ...linesOf(batch)].join('\n')]);
    },
    close: async () => undefined,
  };
}

/** Debian's netmiko, one connection kept open; undefined where it is not installed. */
export async function netmiko({ settings, folder }: FrrRouter): Promise<Way | undefined> {
  const key = join(folder, 'id-rsa');
  execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-m', 'PEM', '-N', '', '-f', key]);
  execFileSync('sh', ['-c', `cat ${key}.pub >> ${join(folder, 'id.pub')}`]);
  const script = join(import.meta.dirname, 'netmiko-loop.py');
  const child = spawn('/usr/bin/python3', ['-W', 'ignore', script, String(settings.port), key], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const answer = answersOf(child);
  if (!(await answer())) return undefined;
  return {
    name: 'netmiko, kept open, fast_cli',
    async change(batch) {
      for (const line of linesOf(batch)) {
        child.stdin.write(`${line}\n`);
        await answer();
      }
    },
    async close() {
      child.stdin.end();
      child.kill();
    },
  };
}

/** Waits for the next line; false once the program has ended without one. */
function answersOf(child: ChildProcess): () => Promise<boolean> {
  const lines: string[] = [];
  let ended = false;
  let wake: () => void = () => undefined;
  const input = child.stdout;
  if (input !== null) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      wake();
    });
  }
  child.once('close', () => {
    ended = true;
    wake();
  });
  return async () => {
    while (lines.length === 0 && !ended) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return lines.shift() !== undefined;
  };
}
