/** An entry under `routers:`. */
import { z } from 'zod';
import { secretSchema } from '../../probes/secret-schema.ts';
import { DEFAULTS } from '../defaults.ts';
import { duration, FilePath, Host, line, Port } from './scalars.ts';

const { router: defaults } = DEFAULTS;

const HostKey = z
  .string()
  .regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/, {
    error: 'must be a fingerprint as `ssh-keygen -l` prints it: SHA256: and 43 characters of base64',
  })
  .meta({ title: 'a fingerprint SHA256:...' });

const Witness = z.strictObject({
  snmp: z
    .strictObject({
      address: Host.optional().describe("Where the router's SNMP agent listens. Default: the router's address."),
      port: Port.default(defaults.witness.port).describe('UDP port of the SNMP agent.'),
      version: z.literal('2c').default('2c').describe('SNMP version; 2c in this version of anytrack.'),
      community: secretSchema.describe('Read-only community.'),
    })
    .describe('Read the router’s RIB and uptime over SNMP, beside what its command line says.'),
});

/** How one router is reached; a function, as the platforms are those that are registered. */
export function routerEntry(platforms: readonly string[]) {
  return z.strictObject({
    platform: z.enum(platforms).describe('What the router is; decides how commands are written and replies are read.'),
    transport: z
      .enum(['ssh', 'memory'])
      .default(defaults.transport)
      .describe('`ssh` to the command line; `memory` keeps routes in memory only, for trials without a router.'),
    address: Host.describe('Management address or name of the router.'),
    port: Port.default(defaults.port).describe('TCP port of the SSH server.'),
    hostKey: z
      .union([HostKey, z.array(HostKey).min(1, { error: 'must hold at least one fingerprint' })])
      .optional()
      .describe(
        'Pinned fingerprint of the host key, or a list of them. This or `knownHosts` is needed: host keys are always verified.',
      ),
    knownHosts: FilePath.optional().describe('OpenSSH known_hosts file with the host key, hashed entries included.'),
    username: line(64).optional().describe('User to log in as; required with `ssh`.'),
    password: secretSchema.optional().describe('Password, also given to keyboard-interactive questions.'),
    privateKey: secretSchema.optional().describe('Private key in OpenSSH or PEM format.'),
    passphrase: secretSchema.optional().describe('Passphrase of the private key.'),
    agent: FilePath.optional().describe('Socket of an ssh-agent that holds the key.'),
    enablePassword: secretSchema.optional().describe('Password for `enable`, where the login is not privileged.'),
    legacyAlgorithms: z
      .boolean()
      .default(defaults.legacyAlgorithms)
      .describe('Permit SHA-1 key exchange, CBC ciphers and ssh-rsa keys with this router, for old software.'),
    commandTimeout: duration({ min: '100ms', max: '5m' })
      .prefault(defaults.commandTimeout)
      .describe('Longest wait for the reply to one command; then the session is replaced.'),
    readyTimeout: duration({ min: '1s', max: '5m' })
      .prefault(defaults.readyTimeout)
      .describe('Longest wait for a connection to be logged in.'),
    keepalive: duration({ min: '1s', max: '10m' })
      .prefault(defaults.keepalive)
      .describe('How often an idle session is tried.'),
    driftCheck: duration({ min: '1s', max: '1d' })
      .prefault(defaults.driftCheck)
      .describe('How often the router is read to find routes that others changed.'),
    save: z
      .enum(['never', 'afterChange'])
      .default(defaults.save)
      .describe('Whether changes are saved to the startup configuration; `never` is the safe choice.'),
    witness: Witness.optional().describe('An independent way to see the routes.'),
  });
}

/** One router as written, with defaults. */
export type RouterEntry = z.output<ReturnType<typeof routerEntry>>;
