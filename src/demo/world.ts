import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { codeOf, messageOf, OperatorError } from '../lib/errors.ts';
import type { Random } from '../lib/random.ts';
import { NOTIFICATIONS, notificationOid, OBJECTS, objectOid } from '../notify/mib.ts';
import { SimulatedIosRouter } from './ios-router/router.ts';
import { EmbeddedEndpoint } from './responders/endpoint.ts';
import { type ReceivedTrap, TrapReceiver } from './trap-receiver.ts';

/** Ports and addresses that `config/` names. */
const PORTS = { dns: 15353, http: 18080, radius: 11812, ssh: 12022, traps: 11162 } as const;
const ENDPOINTS = { a: '127.0.10.1', b: '127.0.10.2' } as const;

export type EndpointName = keyof typeof ENDPOINTS;

/** Everything around the daemon, on loopback: two endpoints, a router, an NMS. */
export interface World {
  readonly endpoints: Readonly<Record<EndpointName, EmbeddedEndpoint>>;
  readonly router: SimulatedIosRouter;
  readonly nms: TrapReceiver;
  close(): Promise<void>;
}

/**
 * Starts the world that `config/` describes.
 * The ports come first and the folder after them, so that a second demo leaves the files of the first alone.
 * @param folder where secrets, the router's host key and the daemon's files go; made anew
 * @throws OperatorError (`environment`) if a port is taken or the folder cannot be written
 */
export async function startWorld(
  folder: string,
  options: { readonly baseOid: string; readonly onTrap: (trap: ReceivedTrap) => void },
  dependencies: { readonly clock: Clock; readonly random: Random },
): Promise<World> {
  const secrets = newSecrets(dependencies.random);
  const endpoints = { a: endpoint('a', secrets.radius, dependencies), b: endpoint('b', secrets.radius, dependencies) };
  const router = newRouter(secrets, dependencies);
  const nms = new TrapReceiver(
    {
      address: '127.0.0.1',
      port: PORTS.traps,
      community: secrets.community,
      names: mibNames(options.baseOid),
      onReceived: options.onTrap,
    },
    dependencies,
  );
  const parts = [endpoints.a, endpoints.b, router, nms];
  const close = async () => {
    await Promise.allSettled(parts.map((part) => part.close()));
  };
  try {
    const { knownHostsLine } = await router.start().catch(asPortTrouble);
    for (const part of [endpoints.a, endpoints.b, nms]) await part.start().catch(asPortTrouble);
    await writeFiles(folder, secrets, knownHostsLine).catch((error: unknown) => {
      throw new OperatorError('environment', `the demo cannot write its files to ${folder}: ${messageOf(error)}`);
    });
  } catch (error) {
    await close();
    throw error;
  }
  return { endpoints, router, nms, close };
}

/** Who listens where, for the person whose port is taken. */
const LISTENERS: Readonly<Record<number, string>> = {
  [PORTS.dns]: 'a name server',
  [PORTS.http]: 'a web server',
  [PORTS.radius]: 'a RADIUS server',
  [PORTS.ssh]: 'the router',
  [PORTS.traps]: 'the NMS',
};

function asPortTrouble(error: unknown): never {
  const { address, port } = { address: '', port: 0, ...(error instanceof Error ? error : {}) };
  const place = `${address}:${port}, where ${LISTENERS[port] ?? 'a server'} of the demo listens`;
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      throw new OperatorError('environment', `somebody else already listens on ${place}; does another demo run?`);
    case 'EADDRNOTAVAIL':
      throw new OperatorError('environment', `this host has no address for ${place}; Linux has all of 127.0.0.0/8`);
    default:
      throw error;
  }
}

interface Secrets {
  readonly password: string;
  readonly enable: string;
  readonly community: string;
  readonly radius: string;
}

function newSecrets(random: Random): Secrets {
  const word = () => random.bytes(12).toString('hex');
  return { password: word(), enable: word(), community: word(), radius: word() };
}

/** What the daemon reads: secrets made for this run, in files that only their owner can read, and the host key. */
async function writeFiles(folder: string, secrets: Secrets, knownHostsLine: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  const files = {
    'router.password': secrets.password,
    'enable.password': secrets.enable,
    community: secrets.community,
    'radius.secret': secrets.radius,
    known_hosts: knownHostsLine,
  };
  await Promise.all(
    Object.entries(files).map(([name, text]) => writeFile(join(folder, name), `${text}\n`, { mode: 0o600 })),
  );
}

function endpoint(
  name: EndpointName,
  secret: string,
  dependencies: { clock: Clock; random: Random },
): EmbeddedEndpoint {
  const records = [{ type: 'A', name: 'anycast.example.com', ttl: 60, data: '192.0.2.10' }] as const;
  return new EmbeddedEndpoint(
    {
      address: ENDPOINTS[name],
      dns: { port: PORTS.dns, records, identity: `${name}.ams1.example.net` },
      http: { port: PORTS.http, body: `${name} is well\n` },
      radius: { port: PORTS.radius, secret },
    },
    dependencies,
  );
}

function newRouter(secrets: Secrets, dependencies: { readonly clock: Clock }): SimulatedIosRouter {
  return new SimulatedIosRouter(
    {
      hostname: 'edge1',
      port: PORTS.ssh,
      users: [{ name: 'anytrack', password: secrets.password, privilege: 1 }],
      enablePassword: secrets.enable,
      interfaces: [{ name: 'GigabitEthernet0/1', addresses: ['10.10.10.254/24', '2001:db8:a::fe/64'] }],
      // Somebody else's route beside ours: it must be left alone.
      startup: ['ip route 10.0.0.99 255.255.255.255 10.10.10.7 name legacy-service'],
    },
    dependencies,
  );
}

/** OID -> name, as an NMS that has loaded ANYTRACK-MIB prints them. */
function mibNames(baseOid: string): ReadonlyMap<string, string> {
  const notifications = Object.keys(NOTIFICATIONS) as (keyof typeof NOTIFICATIONS)[];
  const objects = Object.keys(OBJECTS) as (keyof typeof OBJECTS)[];
  return new Map([
    ...notifications.map((name) => [notificationOid(baseOid, name), name] as const),
    ...objects.map((name) => [objectOid(baseOid, name).replace(/\.0$/, ''), name] as const),
  ]);
}
