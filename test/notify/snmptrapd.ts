import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../support/real.ts';
import { MIB_FOLDERS } from './mib-folders.ts';
import { until } from './until.ts';

export const COMMUNITY = 'lab-community';

/** A real snmptrapd with ANYTRACK-MIB, on a loopback port of its own. */
export class Snmptrapd {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #file: string;

  private constructor(process: ChildProcess, port: number, folder: string, file: string) {
    this.#process = process;
    this.port = port;
    this.#folder = folder;
    this.#file = file;
  }

  static async start(address = '127.0.0.1'): Promise<Snmptrapd> {
    const folder = await mkdtemp(join(tmpdir(), 'at-snmptrapd-'));
    const [configuration, file] = [join(folder, 'snmptrapd.conf'), join(folder, 'traps.log')];
    await writeFile(configuration, `authCommunity log ${COMMUNITY}\n[snmp] persistentDir ${folder}\n`);
    const port = await freePort(address);
    const listen = address.includes(':') ? `udp6:[${address}]:${port}` : `udp:${address}:${port}`;
    const mibs = ['-M', MIB_FOLDERS.join(':'), '-m', 'ANYTRACK-MIB:SNMPv2-MIB'];
    const args = ['-f', '-n', '-C', '-c', configuration, '-Lf', file, '-p', join(folder, 'pid'), ...mibs, listen];
    // Without an agent: `-x` names a socket that nobody listens on.
    const child = spawn(program('snmptrapd') ?? 'snmptrapd', ['-x', join(folder, 'agentx'), ...args], {
      stdio: 'ignore',
      env: { ...process.env, SNMP_PERSISTENT_DIR: folder, SNMPCONFPATH: folder },
    });
    const started = new Snmptrapd(child, port, folder, file);
    await until(async () => (await started.text()).includes('NET-SNMP version'));
    return started;
  }

  /** Everything it has printed. */
  text(): Promise<string> {
    return readFile(this.#file, 'utf8').catch(() => '');
  }

  /** What it has printed for each notification, one line each: name, then varbinds. */
  async notifications(): Promise<readonly string[]> {
    const text = await this.text();
    return text.split('\n').filter((line) => line.includes('snmpTrapOID'));
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process.kill(signal);
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGCONT');
    this.#process.kill('SIGTERM');
    if (this.#process.exitCode === null) await new Promise((resolve) => this.#process.once('exit', resolve));
    await rm(this.#folder, { recursive: true });
  }
}

/** A UDP port that was free a moment ago. */
async function freePort(address: string): Promise<number> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
