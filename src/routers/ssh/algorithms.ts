/** What is offered in the SSH key exchange. SHA-1 and CBC only where the router's settings ask for them. */
import type { Algorithms, ServerHostKeyAlgorithm } from 'ssh2';

const HOST_KEYS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** Types that a router shows the operator has keys for come first, as OpenSSH does. */
export function offeredAlgorithms(legacy: boolean, knownTypes: readonly string[]): Algorithms {
  const all: ServerHostKeyAlgorithm[] = legacy ? [...HOST_KEYS, 'ssh-rsa', 'ssh-dss'] : [...HOST_KEYS];
  const isKnown = (name: string) => knownTypes.includes(name.startsWith('rsa-sha2-') ? 'ssh-rsa' : name);
  const serverHostKey = [...all.filter(isKnown), ...all.filter((name) => !isKnown(name))];
  if (!legacy) return { serverHostKey };
  return {
    serverHostKey,
    kex: {
      append: ['diffie-hellman-group-exchange-sha1', 'diffie-hellman-group14-sha1', 'diffie-hellman-group1-sha1'],
      prepend: [],
      remove: [],
    },
    cipher: { append: ['aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'], prepend: [], remove: [] },
  };
}
