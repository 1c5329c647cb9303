import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { ProbeResult } from '../../src/model.ts';
import { dns } from '../../src/probes/dns.ts';
import { systemSockets } from '../../src/probes/sockets.ts';
import { program, realTest } from '../support/real.ts';

const WHO = 'ns1.ams1.example.net';

let daemon: ChildProcess | undefined;
let folder: string | undefined;

afterEach(async () => {
  if (daemon?.exitCode === null && daemon.signalCode === null) {
    const gone = once(daemon, 'exit');
    daemon.kill('SIGKILL');
    await gone;
  }
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

const configuration = (port: number, home: string) => `
server:
  directory: "${home}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  interface: 127.0.0.1
  port: ${port}
  do-not-query-localhost: no
  module-config: "iterator"
  nsid: "ascii_${WHO}"
  identity: "${WHO}"
  local-zone: "example.com." static
  local-data: "anycast.example.com. 60 IN A 192.0.2.10"
  local-data: "anycast.example.com. 60 IN AAAA 2001:db8::10"
${Array.from({ length: 20 }, (_, i) => `  local-data: 'big.example.com. 60 IN TXT "${i} ${'x'.repeat(200)}"'`).join('\n')}
  local-zone: "refused.example." refuse
forward-zone:
  name: "broken.example."
  forward-addr: 127.0.0.1@1
  forward-tcp-upstream: yes
remote-control:
  control-enable: no
`;

async function startUnbound(): Promise<number> {
  folder = mkdtempSync(join(tmpdir(), 'anytrack-unbound-'));
  const probe = createSocket('udp4').bind(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  writeFileSync(join(folder, 'unbound.conf'), configuration(port, folder));
  daemon = spawn(program('unbound') ?? 'unbound', ['-d', '-c', join(folder, 'unbound.conf')], { stdio: 'ignore' });
  for (let tries = 0; tries < 100; tries++) {
    const result = await ask(port, {});
    if (result.outcome === 'pass') return port;
    await pause(50);
  }
  throw new Error('unbound did not answer within 5 s');
}

function ask(port: number, options: Record<string, unknown>, timeoutMs = 3000): Promise<ProbeResult> {
  return dns.run(
    { address: '127.0.0.1', family: 4, identity: WHO },
    dns.schema.parse({ name: 'anycast.example.com', port, ...options }),
    {
      ...{ signal: new AbortController().signal, timeoutMs, thresholdMs: timeoutMs },
      ...{ clock: systemClock, random: systemRandom, sockets: systemSockets },
    },
  );
}

const verdictOf = (result: ProbeResult) => ('cause' in result ? result.cause : result.outcome);

realTest('unbound, healthy and wrong', ['unbound'], async () => {
  const port = await startUnbound();
  const table: [options: Record<string, unknown>, verdict: string][] = [
    [{ expect: { answers: { exact: ['192.0.2.10'] }, flags: { require: ['AA', 'RA'] }, minTtl: 60 } }, 'pass'],
    [{ type: 'AAAA', transport: 'tcp', expect: { answers: { within: ['2001:db8::/32'] } } }, 'pass'],
    [{ expect: { identity: 'nsid' } }, 'pass'],
    [{ expect: { identity: 'hostname.bind' } }, 'pass'],
    [{ transport: 'tcp', expect: { identity: 'id.server' } }, 'pass'],
    [{ name: 'version.server', type: 'TXT', class: 'CH' }, 'pass'],
    [{ name: 'big.example.com', type: 'TXT', expect: { answers: { min: 20, max: 20 } } }, 'pass'],
    [{ expect: { answers: { include: ['192.0.2.11'] } } }, 'wrong-answer'],
    [{ expect: { minTtl: 3600 } }, 'low-ttl'],
    [{ type: 'MX' }, 'no-answer'],
    [{ name: 'missing.example.com' }, 'nxdomain'],
    [{ name: 'www.refused.example' }, 'wrong-rcode'],
    [{ name: 'www.broken.example' }, 'servfail'],
  ];
  for (const [options, verdict] of table)
    expect(verdictOf(await ask(port, options)), JSON.stringify(options)).toBe(verdict);
  const big = await ask(port, { name: 'big.example.com', type: 'TXT' });
  expect(big.transcript).toContain('; truncated, asking again over TCP');
});

realTest('unbound, frozen and killed', ['unbound'], async () => {
  const port = await startUnbound();
  daemon?.kill('SIGSTOP');
  expect(verdictOf(await ask(port, {}, 200))).toBe('timeout');
  daemon?.kill('SIGCONT');
  expect(verdictOf(await ask(port, {}))).toBe('pass');
  const gone = daemon && once(daemon, 'exit');
  daemon?.kill('SIGKILL');
  await gone;
  const refused = await ask(port, {});
  expect(verdictOf(refused)).toBe('refused');
  expect(refused.phases.total).toBeLessThan(1000);
});
