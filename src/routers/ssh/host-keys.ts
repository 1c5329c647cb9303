/** Whether the key that a router shows is one that the operator has vouched for. Host keys are always verified. */
import { createHash } from 'node:crypto';
import { type KnownKey, knownKeys } from './known-hosts.ts';

/** What is known about a router's host keys. */
export interface Trust {
  readonly host: string;
  readonly port: number;
  /** Pinned fingerprints, `SHA256:` and base64 as `ssh-keygen -l` prints it. */
  readonly pins: readonly string[];
  /** Text of the known_hosts file, where one is named. */
  readonly knownHosts: string | undefined;
}

/** `SHA256:...` of a public key blob, unpadded as OpenSSH writes it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** Why the key is refused, with the fingerprint seen and what to add; undefined = the key is trusted. */
export function refusalOfKey(key: Buffer, trust: Trust): string | undefined {
  const seen = `${keyType(key)} key ${fingerprint(key)}`;
  const listed = listedKeys(trust);
  if (listed.some((entry) => entry.revoked && entry.key.equals(key))) return `shows a revoked host key: ${seen}`;
  if (trust.pins.some((pin) => pin.replace(/=+$/, '') === fingerprint(key))) return undefined;
  const valid = listed.filter((entry) => !entry.revoked);
  if (valid.some((entry) => entry.key.equals(key))) return undefined;
  const name = trust.port === 22 ? trust.host : `[${trust.host}]:${trust.port}`;
  const expected = trust.pins.length + valid.length === 0 ? 'no host key is known' : 'another host key is expected';
  const remedy = `if it is the router's own, set hostKey: ${fingerprint(key)} or add a known_hosts line for ${name}`;
  return `shows the ${seen}, but ${expected}; ${remedy}`;
}

/** Types of the keys listed for the host, so that the server is asked for one that can be verified. */
export function listedTypes(trust: Trust): string[] {
  return [...new Set(listedKeys(trust).flatMap((entry) => (entry.revoked ? [] : [entry.type])))];
}

function listedKeys(trust: Trust): KnownKey[] {
  return trust.knownHosts === undefined ? [] : knownKeys(trust.knownHosts, trust.host, trust.port);
}

/** The algorithm name that starts a public key blob (RFC 4253, 6.6). */
function keyType(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  const name = key.subarray(4, 4 + Math.min(length, 64)).toString('latin1');
  return /^[\w.@-]+$/.test(name) ? name : 'unreadable';
}
