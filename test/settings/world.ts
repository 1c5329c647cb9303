/** A valid configuration; a test states only its difference. */
import { z } from 'zod';
import { Secret } from '../../src/lib/secret.ts';
import type { ProbeKind } from '../../src/probes/contract.ts';
import { secretSchema } from '../../src/probes/secret-schema.ts';
import { compileSettings, type SourceFile } from '../../src/settings/compile.ts';
import { formatProblem } from '../../src/settings/contract.ts';
import type { Platforms } from '../../src/settings/rules/case.ts';
import type { ProbeKinds } from '../../src/settings/schema/probe.ts';
import type { ReadSecret } from '../../src/settings/secrets.ts';

export const SITE = `\
site: ams1
anycastPrefixes: [10.0.0.0/24, "2001:db8:ac::/64"]
mark: { tag: 4200 }
routers:
  edge1:
    platform: ios
    address: 192.0.2.1
    hostKey: SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    username: anytrack
    password: { env: PASSWORD }
  core1:
    platform: frr
    address: 192.0.2.2
    knownHosts: known_hosts
    username: anytrack
    agent: /run/agent.sock
`;

export const POLICY = `\
address: 10.0.0.1
routers: [edge1]
endpoints:
  ns1: { nextHop: 10.10.10.1 }
  ns2: { nextHop: 10.10.10.2 }
probes:
  ask:
    echo: { text: hello }
`;

const EchoOptions = z.strictObject({
  text: z.string().describe('What is sent.'),
  port: z.int().min(1).max(65_535).default(7).describe('Port.'),
  mode: z.enum(['udp', 'tcp']).default('udp').describe('Transport.'),
  secret: secretSchema.optional().describe('Shared secret.'),
  headers: z
    .record(z.string(), z.union([z.string(), secretSchema]))
    .default({})
    .describe('Headers.'),
  login: z
    .union([z.strictObject({ bearer: secretSchema }), z.strictObject({ user: z.string(), password: secretSchema })])
    .optional()
    .describe('Login.'),
  whoami: z.boolean().default(false).describe('Ask who answers.'),
});

/** A small kind of probe, so that these tests do not hang on a real one. */
const echo: ProbeKind<z.output<typeof EchoOptions>> = {
  kind: 'echo',
  summary: 'What is sent comes back.',
  schema: EchoOptions,
  asksIdentity: ({ whoami }) => whoami,
  describe: ({ text }) => text,
  run: () => Promise.reject(new Error('not run here')),
};

/** Needs nothing but that it is named. */
const tcp: ProbeKind<object> = {
  ...echo,
  kind: 'tcp',
  summary: 'A connection opens.',
  schema: z.strictObject({}),
  asksIdentity: () => false,
  describe: () => 'connect',
};

// biome-ignore lint/suspicious/noExplicitAny: as in the registry.
export const KINDS: ProbeKinds = new Map<string, ProbeKind<any>>([
  ['echo', echo],
  ['tcp', tcp],
]);

export const PLATFORMS: Platforms = new Map([
  ['ios', { capabilities: { routeNames: true, maxNameLength: 48, tracks: true } }],
  ['frr', { capabilities: { routeNames: false, maxNameLength: 0 as number, tracks: false } }],
]);

/** The text of every secret of the world; it must never be seen. */
export const SECRET_TEXT = 'correct horse battery staple';

/** Every file is there, except those called `missing`. */
function fileTrouble(path: string): string | undefined {
  return path.includes('missing') ? 'no such file or folder' : undefined;
}

const readSecret: ReadSecret = ({ from, name }) =>
  name.includes('missing') ? `${from} ${name} is missing` : new Secret(SECRET_TEXT, `${from}:${name}`);

export interface World {
  readonly site?: string;
  /** Text by policy name. */
  readonly policies?: Readonly<Record<string, string>>;
  readonly templates?: Readonly<Record<string, string>>;
  readonly readSecret?: ReadSecret;
  readonly fileTrouble?: typeof fileTrouble;
}

/** Compiles a world; `messages` are its problems as they are printed. */
export function compile({ site = SITE, policies = { good: POLICY }, templates = {}, ...rest }: World = {}) {
  const files = (folder: string, texts: Readonly<Record<string, string>>): SourceFile[] =>
    Object.entries(texts).map(([name, text]) => ({ file: `${folder}/${name}.yaml`, name, text }));
  const sources = {
    base: '/etc/anytrack',
    site: { file: 'anytrack.yaml', name: 'anytrack', text: site },
    policies: files('policies', policies),
    templates: files('templates', templates),
    problems: [],
  };
  const loaded = compileSettings(sources, {
    probeKinds: KINDS,
    platforms: PLATFORMS,
    readSecret,
    fileTrouble,
    ...rest,
  });
  return { ...loaded, messages: loaded.problems.map(formatProblem) };
}

/** The settings of a world that must be right. */
export function settingsOf(world: World = {}) {
  const { settings, messages } = compile(world);
  if (settings === undefined) throw new Error(messages.join('\n'));
  return settings;
}
