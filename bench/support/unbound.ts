import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const UNBOUND = '/usr/sbin/unbound';

/** An unbound on loopback that answers `anycast.example.com` from its own data. */
export interface Unbound {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts unbound where it is installed; undefined elsewhere. The caller waits until it answers. */
export async function startUnbound(): Promise<Unbound | undefined> {
  if (!existsSync(UNBOUND)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'anytrack-bench-'));
  const port = await freePort();
  const file = join(folder, 'unbound.conf');
  writeFileSync(file, configuration(port, folder));
  const daemon: ChildProcess = spawn(UNBOUND, ['-d', '-c', file], { stdio: 'ignore' });
  const gone = once(daemon, 'exit');
  return {
    port,
    async close() {
      daemon.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const configuration = (port: number, folder: string) => `
server:
  directory: "${folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  interface: 127.0.0.1
  port: ${port}
  so-rcvbuf: 4m
  module-config: "iterator"
  local-zone: "example.com." static
  local-data: "anycast.example.com. 60 IN A 192.0.2.10"
remote-control:
  control-enable: no
`;

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
