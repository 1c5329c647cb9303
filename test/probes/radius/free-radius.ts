/** A FreeRADIUS of its own for one test: a minimal configuration in a temporary folder, ports of its own on loopback. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { program } from '../../support/real.ts';

export const RADIUS_SECRET = 'testing123';

interface FreeRadius extends AsyncDisposable {
  readonly authPort: number;
  readonly accountingPort: number;
}

/** Starts the daemon and waits until it says that it is ready. User `probe`, password `probe`. */
export async function startFreeRadius(address: '127.0.0.1' | '::1', { signs = true } = {}): Promise<FreeRadius> {
  const folder = await mkdtemp(join(tmpdir(), 'anytrack-radius-'));
  const authPort = await freePort(address);
  const accountingPort = await freePort(address);
  await writeFile(join(folder, 'radiusd.conf'), configuration({ folder, address, authPort, accountingPort, signs }));
  const daemon = spawn(
    program('freeradius') ?? 'freeradius',
    ['-f', '-d', folder, '-n', 'radiusd', '-D', '/usr/share/freeradius'],
    { stdio: 'ignore' },
  );
  const stop = async () => {
    await ended(daemon);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await ready(daemon, join(folder, 'radius.log'));
  } catch (error) {
    await stop();
    throw error;
  }
  return { authPort, accountingPort, [Symbol.asyncDispose]: stop };
}

async function ready(daemon: ChildProcess, log: string): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 50) {
    const text = await readFile(log, 'utf8').catch(() => '');
    if (text.includes('Ready to process requests')) return;
    if (daemon.exitCode !== null) throw new Error(`freeradius ended with ${daemon.exitCode}: ${text}`);
    await sleep(50);
  }
  throw new Error('freeradius is not ready after 10 s');
}

async function ended(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const exit = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  const late = AbortSignal.timeout(3000);
  late.addEventListener('abort', () => daemon.kill('SIGKILL'), { once: true });
  await exit;
}

async function freePort(address: string): Promise<number> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4').bind(0, address);
  await once(socket, 'listening');
  const { port } = socket.address();
  const closed = once(socket, 'close');
  socket.close();
  await closed;
  return port;
}

interface Parts {
  readonly folder: string;
  readonly address: string;
  readonly authPort: number;
  readonly accountingPort: number;
  /** Whether replies carry a Message-Authenticator: 3.2.1 adds none by itself. */
  readonly signs: boolean;
}

function configuration({ folder, address, authPort, accountingPort, signs }: Parts): string {
  const listenOn = address.includes(':') ? `ipv6addr = ${address}` : `ipaddr = ${address}`;
  const sign = signs ? 'Message-Authenticator := 0x00' : '';
  return `
prefix = /usr
libdir = /usr/lib/freeradius
name = radiusd
run_dir = ${folder}
logdir = ${folder}
pidfile = ${folder}/radiusd.pid
log {
  destination = files
  file = ${folder}/radius.log
}
security {
  status_server = yes
  max_attributes = 200
  reject_delay = 0
  allow_vulnerable_openssl = yes
}
thread pool {
  start_servers = 1
  max_servers = 2
  min_spare_servers = 1
  max_spare_servers = 2
}
client loopback {
  ${listenOn}
  secret = ${RADIUS_SECRET}
  require_message_authenticator = yes
}
modules {
  pap {
  }
  chap {
  }
  always ok {
    rcode = ok
  }
}
server default {
  listen {
    type = auth
    ${listenOn}
    port = ${authPort}
  }
  listen {
    type = acct
    ${listenOn}
    port = ${accountingPort}
  }
  authorize {
    update reply {
      Reply-Message := "radius-1"
      ${sign}
    }
    if (User-Name == "probe") {
      update control {
        Cleartext-Password := "probe"
      }
    }
    chap
    pap
    Autz-Type Status-Server {
      update reply {
        Reply-Message := "radius-1"
        ${sign}
      }
      ok
    }
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
    Auth-Type CHAP {
      chap
    }
  }
  post-auth {
    Post-Auth-Type REJECT {
      update reply {
        Reply-Message := "radius-1"
        ${sign}
      }
    }
  }
}
`;
}
