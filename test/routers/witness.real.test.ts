import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { chmodSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { Secret } from '../../src/lib/secret.ts';
import { routeId } from '../../src/model.ts';
import { createSnmpWitness } from '../../src/routers/witness.ts';
import { program, realTest } from '../support/real.ts';
import { key } from './reconciler-world.ts';

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** Asks until `wanted` is the answer, at most 10 s. */
async function until<T>(wanted: T, ask: () => Promise<T>): Promise<T> {
  const limit = systemClock.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (answer === wanted || systemClock.now() > limit) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

realTest(
  'the witness reads a static route of FRR through snmpd and AgentX',
  ['root', 'netns', 'snmpd', 'zebra', 'staticd', 'vtysh'],
  async (context) => {
    const modules = globSync('/usr/lib/*/frr/modules/zebra_snmp.so');
    if (modules.length === 0) context.skip('needs frr-snmp');
    const folder = mkdtempSync(join(tmpdir(), 'at-witness-'));
    const namespace = `at-witness-${process.pid}`;
    const agentX = join(folder, 'agentx');
    const port = await freePort();
    const children: ChildProcess[] = [];
    const run = (name: string, ...args: string[]) =>
      execFileSync(program(name) ?? name, args, { stdio: 'pipe' }).toString();
    const start = (command: string, args: string[]) => {
      const env = { ...process.env, SNMPCONFPATH: folder, SNMP_PERSISTENT_DIR: folder };
      children.push(spawn(command, args, { stdio: 'ignore', env }));
    };
    const frr = (daemon: string, ...args: string[]) => {
      writeFileSync(join(folder, `${daemon}.conf`), daemon === 'zebra' ? 'agentx\n' : '\n');
      const files = ['-z', join(folder, 'zserv'), '-i', join(folder, `${daemon}.pid`), '--vty_socket', folder];
      const common = ['-A', '127.0.0.1', '-P', '0', '-u', 'frr', '-g', 'frr', '-f', join(folder, `${daemon}.conf`)];
      start('ip', ['netns', 'exec', namespace, program(daemon) ?? daemon, ...args, ...common, ...files]);
    };
    const configure = (line: string) => run('vtysh', '--vty_socket', folder, '-c', 'configure terminal', '-c', line);
    try {
      chmodSync(folder, 0o755);
      run('chown', 'frr:frr', folder);
      writeFileSync(join(folder, 'frr.conf'), `agentXSocket ${agentX}\n`);
      writeFileSync(
        join(folder, 'snmpd.conf'),
        `rocommunity public 127.0.0.1\nmaster agentx\nagentXSocket ${agentX}\nagentXPerms 0777 0777\n`,
      );
      run('ip', 'netns', 'add', namespace);
      run('ip', '-n', namespace, 'link', 'add', 'at0', 'type', 'veth', 'peer', 'name', 'at1');
      run('ip', '-n', namespace, 'addr', 'add', '192.0.2.254/24', 'dev', 'at0');
      for (const link of ['lo', 'at0', 'at1']) run('ip', '-n', namespace, 'link', 'set', link, 'up');

      // snmpd's own tables show this host's kernel: switched off, or they would stand before zebra's.
      const off = '-ipCidrRouteTable,inetCidrRouteTable';
      const config = ['-C', '-c', join(folder, 'snmpd.conf'), '-I', off, '-p', join(folder, 'snmpd.pid')];
      start(program('snmpd') ?? 'snmpd', ['-f', '-Lf', join(folder, 'snmpd.log'), ...config, `udp:127.0.0.1:${port}`]);
      const settings = { address: '127.0.0.1', port, community: new Secret('public', 'test') };
      const witness = createSnmpWitness(settings, { clock: systemClock, random: systemRandom });
      const ask = () => witness.ask([key()], 1_000, new AbortController().signal);
      expect(await until(true, async () => (await ask()).uptimeMs !== undefined)).toBe(true);

      frr('zebra', '-M', 'snmp');
      frr('staticd');
      const presence = async () => (await ask()).routes.get(routeId(key()));
      await until('yes', async () => {
        try {
          configure('ip route 10.0.0.1/32 192.0.2.1 tag 4200');
          return 'yes';
        } catch {
          return 'no';
        }
      });
      expect(await until('present', presence)).toBe('present');
      configure('no ip route 10.0.0.1/32 192.0.2.1');
      // A missing row of zebra's table is no evidence, and this agent has no other.
      expect(await until('unknown', presence)).toBe('unknown');
    } finally {
      for (const child of children) child.kill();
      run('ip', 'netns', 'del', namespace);
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
