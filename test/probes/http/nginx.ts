/** An nginx of its own for one test: configuration and files in a temporary folder, ports of its own on loopback. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { program } from '../../support/real.ts';
import type { Certificates } from './certificates.ts';

interface Ports {
  readonly plain: number;
  readonly tls: number;
  /** TLS with a client certificate required. */
  readonly mutual: number;
}

interface Nginx extends AsyncDisposable {
  readonly ports: Ports;
}

export async function startNginx(certificates: Certificates): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'anytrack-nginx-'));
  const ports = { plain: await freePort(), tls: await freePort(), mutual: await freePort() };
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, ports, certificates));
  const log = join(folder, 'error.log');
  const daemon = spawn(program('nginx') ?? 'nginx', ['-p', folder, '-c', 'nginx.conf', '-e', log], { stdio: 'ignore' });
  const stop = async () => {
    if (daemon.exitCode === null && daemon.signalCode === null) {
      const exit = once(daemon, 'exit');
      daemon.kill('SIGKILL');
      await exit;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await listening(daemon, ports.mutual, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ports, [Symbol.asyncDispose]: stop };
}

async function listening(daemon: ChildProcess, port: number, log: string): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 50) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    if (daemon.exitCode !== null) throw new Error(`nginx ended: ${await readFile(log, 'utf8').catch(() => '')}`);
    await sleep(50);
  }
  throw new Error('nginx does not listen after 10 s');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const where = server.address();
  server.close();
  await once(server, 'close');
  return typeof where === 'object' && where !== null ? where.port : 0;
}

function configuration(folder: string, ports: Ports, { good, caFile }: Certificates): string {
  const tls = `ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate ${good.certFile}; ssl_certificate_key ${good.keyFile};`;
  return `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  default_type application/json;
  server {
    listen 127.0.0.1:${ports.plain};
    listen 127.0.0.1:${ports.tls} ssl http2;
    ${tls}
    add_header X-Served-By web1 always;
    location = /health { return 200 '{"state":"ok","host":"$host"}'; }
    location = /boom { return 500; }
    location = /old { return 301 /health; }
    location = /secure { return 302 https://$host:${ports.tls}/health; }
    location = /private {
      if ($http_authorization != "Bearer token") { return 401; }
      return 200;
    }
  }
  server {
    listen 127.0.0.1:${ports.mutual} ssl;
    ${tls}
    ssl_client_certificate ${caFile};
    ssl_verify_client on;
    location / { return 200 $ssl_client_s_dn; }
  }
}
`;
}
