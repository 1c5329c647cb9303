/** OpenSSH `known_hosts` files (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): which keys belong to a host. Total. */
import { createHmac } from 'node:crypto';

/** A key that a file lists for a host. */
export interface KnownKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, ... */
  readonly type: string;
  readonly key: Buffer;
  readonly revoked: boolean;
}

/** The keys listed for `host` at `port`. `@cert-authority` lines are left out: ssh2 has no host certificates. */
export function knownKeys(text: string, host: string, port: number): KnownKey[] {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  return text.split(/\r?\n/).flatMap((line) => {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
    const [hosts = '', type = '', base64 = ''] = words;
    if (hosts.startsWith('#') || (marker !== undefined && marker !== '@revoked')) return [];
    const key = Buffer.from(base64, 'base64');
    if (key.length === 0 || !matchesHosts(hosts, name)) return [];
    return [{ type, key, revoked: marker === '@revoked' }];
  });
}

function matchesHosts(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return matchesHash(hosts, name);
  const patterns = hosts.toLowerCase().split(',');
  const negated = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  if (negated.some((pattern) => matchesPattern(pattern, name))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matchesPattern(pattern, name));
}

/** `|1|salt|hash`: HMAC-SHA1 of the name under the salt, both base64. */
function matchesHash(entry: string, name: string): boolean {
  const [, version, salt = '', hash = ''] = entry.split('|');
  if (version !== '1') return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/** `*` any characters, `?` one; brackets are literal, for `[host]:port`. Linear in the length of the name. */
function matchesPattern(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let retry = 0;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      retry = n;
    } else if (pattern[p] === '?' || pattern[p] === name[n]) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++retry;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
