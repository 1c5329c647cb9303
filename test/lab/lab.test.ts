import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { realTest } from '../support/real.ts';

// A lab of its own beside one that may be running; lab.ts reads these when it is loaded.
const PREFIX = 'at-t-';
const DIR = mkdtempSync(join(tmpdir(), 'at-lab-'));
process.env.ANYTRACK_LAB_PREFIX = PREFIX;
process.env.ANYTRACK_LAB_DIR = DIR;
const { anycastRoutes, end, lab, run, spawnScript, until } = await import('../../lab/lab.ts');
const { ClientMeter } = await import('../../lab/watch.ts');

const NEEDS = ['root', 'netns', 'vtysh', 'unbound', 'nginx', 'freeradius', 'snmpd', 'snmptrapd', 'sshd', 'dig'];

let isUp = false;
afterAll(async () => {
  if (isUp) await lab('down');
  rmSync(DIR, { recursive: true, force: true });
});

/** A stand-in for anytrack: types lines into a site's router, as anytrack does, over SSH. */
async function openTypist(site: 'a' | 'b') {
  const child = spawnScript(`p${site}`, 'typist.ts', [site]);
  let ready = false;
  child.stdout?.once('data', () => {
    ready = true;
  });
  expect(await until(() => ready, 10_000)).toBe(true);
  child.stdout?.resume();
  return { type: (line: string) => child.stdin?.write(`${line}\n`), close: () => end(child) };
}

/** Command lines of processes that name this lab's folder or prefix. */
function leftovers(): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(commandLine)
    .filter((line) => line.includes(DIR) || line.includes(`-N ${PREFIX}`));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

realTest('the lab comes up, serves a client by either site, and leaves nothing', NEEDS, async () => {
  isUp = true;
  await lab('up', '--bare');
  const [typistA, typistB] = await Promise.all([openTypist('a'), openTypist('b')]);
  typistA.type('ip route 10.0.0.1/32 10.10.10.1 tag 4200');
  typistB.type('ip route 10.0.0.1/32 10.20.20.1 tag 4200');

  const meter = new ClientMeter('dns', '10.0.0.1');
  expect(await meter.servedBy('a', 10_000)).toBe(true);
  expect(anycastRoutes('core')).toEqual(['10.0.0.1 via 10.2.1.2']);

  // A route without our tag, or outside the anycast space, stays in the router.
  typistA.type('ip route 10.0.0.9/32 10.10.10.2');
  typistA.type('ip route 192.0.2.1/32 10.10.10.2 tag 4200');
  typistA.type('no ip route 10.0.0.1/32 10.10.10.1');
  expect(await meter.servedBy('b', 10_000)).toBe(true);
  expect(anycastRoutes('core')).toEqual(['10.0.0.1 via 10.2.2.2']);
  expect(anycastRoutes('ra', 'static')).toEqual(['10.0.0.9 via 10.10.10.2']);
  expect(await run('ip', ['-n', `${PREFIX}core`, 'route', 'show', '192.0.2.1'])).toBe('');

  const { outages, summary } = await meter.finish();
  expect(summary?.sent).toBeGreaterThan(0);
  expect(Math.max(0, ...outages.map(({ ms }) => ms ?? Number.POSITIVE_INFINITY))).toBeLessThan(500);
  await Promise.all([typistA.close(), typistB.close()]);

  // Again: what runs stays as it is.
  const pids = readdirSync(join(DIR, 'pids')).map((name) => readFileSync(join(DIR, 'pids', name), 'utf8'));
  await lab('up', '--bare');
  expect(readdirSync(join(DIR, 'pids')).map((name) => readFileSync(join(DIR, 'pids', name), 'utf8'))).toEqual(pids);

  await lab('down');
  isUp = false;
  expect(execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })).not.toContain(PREFIX);
  expect(leftovers()).toEqual([]);
  expect(existsSync(DIR)).toBe(false);
  for (const folder of ['/etc/frr', '/var/run/frr']) {
    expect(readdirSync(folder).filter((name) => name.startsWith(PREFIX))).toEqual([]);
  }
});
