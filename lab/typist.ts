/**
 * Types lines into a site's router over one SSH session that stays open in configuration mode: the fastest that anything
 * outside the router can be, and so the floor of the failover bench. Runs on the probe host of the site.
 * Reads lines from standard input; prints `ready`, then what the router answers.
 *
 * usage: typist.ts a|b
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, type ClientChannel } from 'ssh2';
import { LAB_DIR } from './lab.ts';

const ADDRESS = { a: '10.10.10.254', b: '10.20.20.254' } as const;
const CONFIG_PROMPT = /\(config\)# $/;

function isSite(text: string | undefined): text is 'a' | 'b' {
  return text === 'a' || text === 'b';
}

/** Fingerprint of the router's host key, as ssh-keygen made it when the lab was set up. */
function fingerprint(site: string): string {
  const [, key] = readFileSync(join(LAB_DIR, site, 'keys/host.pub'), 'utf8').split(' ');
  return createHash('sha256')
    .update(Buffer.from(key ?? '', 'base64'))
    .digest('hex');
}

function openShell(site: 'a' | 'b'): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.on('error', reject);
    client.on('ready', () => {
      client.setNoDelay();
      client.shell({ cols: 511, rows: 1000 }, (error, channel) => (error ? reject(error) : resolve(channel)));
    });
    client.connect({
      host: ADDRESS[site],
      username: 'root',
      privateKey: readFileSync(join(LAB_DIR, site, 'keys/edge')),
      hostHash: 'sha256',
      hostVerifier: (hash: string) => hash === fingerprint(site),
    });
  });
}

async function main([site]: readonly string[]): Promise<void> {
  if (!isSite(site)) {
    console.error('usage: typist.ts a|b');
    process.exit(2);
  }
  const shell = await openShell(site);
  let seen = '';
  let ready = false;
  shell.on('data', (data: Buffer) => {
    seen = (seen + data.toString()).slice(-4096);
    if (ready) process.stdout.write(data);
    else if (CONFIG_PROMPT.test(seen)) {
      ready = true;
      process.stdout.write('ready\n');
      createInterface({ input: process.stdin })
        .on('line', (line) => shell.write(`${line}\n`))
        .on('close', () => process.exit(0));
    }
  });
  shell.on('close', () => process.exit(1));
  shell.write('configure terminal\n');
}

await main(process.argv.slice(2));
