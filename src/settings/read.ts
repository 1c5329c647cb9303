/** The only file of the settings that touches the disk and the environment. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { codeOf, messageOf } from '../lib/errors.ts';
import { Secret } from '../lib/secret.ts';
import type { SourceFile, Sources } from './compile.ts';
import type { Problem } from './contract.ts';
import { foldersOf } from './folders.ts';
import type { ReadSecret, SecretReference } from './secrets.ts';

/** What reading depends on. */
export interface ReadDeps {
  /** Absolute folder that relative paths start from. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reads the site's file, its policies and its templates. Trouble becomes problems; it never rejects. */
export async function readSources(configFile: string, { cwd }: ReadDeps): Promise<Sources> {
  const problems: Problem[] = [];
  const tell = (file: string, message: string) => {
    problems.push({ file, line: 1, column: 1, path: '', message });
  };
  const read = async (file: string): Promise<SourceFile[]> => {
    try {
      const text = await readFile(resolve(cwd, file), 'utf8');
      return [{ file, name: basename(file, '.yaml'), text }];
    } catch (error) {
      tell(file, `cannot be read: ${reasonOf(error)}`);
      return [];
    }
  };
  const [site] = await read(configFile);
  if (site === undefined) return { base: cwd, site, policies: [], templates: [], problems };

  const folders = foldersOf(site);
  const list = async (folder: { readonly path: string; readonly isRequired: boolean }): Promise<SourceFile[]> => {
    const found = await yamlFiles(resolve(cwd, folder.path));
    if (found.trouble !== undefined && folder.isRequired)
      tell(site.file, `folder ${folder.path} cannot be read: ${found.trouble}`);
    for (const name of found.misnamed)
      tell(join(folder.path, name), 'files of this folder end in `.yaml`; rename or move it');
    return (await Promise.all(found.names.map((name) => read(join(folder.path, name))))).flat();
  };
  const [policies, templates] = [await list(folders.policies), await list(folders.templates)];
  return { base: cwd, site, policies, templates, problems };
}

interface Listing {
  readonly names: readonly string[];
  readonly misnamed: readonly string[];
  readonly trouble?: string;
}

/** The `*.yaml` files of a folder, sorted; `*.yml` would be forgotten in silence, so it is told. */
async function yamlFiles(folder: string): Promise<Listing> {
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
    return {
      names: names.filter((name) => name.endsWith('.yaml')),
      misnamed: names.filter((name) => /\.(yml|json)$/i.test(name)),
    };
  } catch (error) {
    return { names: [], misnamed: [], trouble: reasonOf(error) };
  }
}

/** A secret is a password or a key; what is larger is the wrong file. Bytes. */
const MAX_SECRET = 65_536;
const OTHERS = 0o007;
const GROUP_WRITE = 0o020;

/** Gets secrets from files, the environment and systemd. */
export function secretReader({ cwd, env }: ReadDeps): ReadSecret {
  return (reference) => {
    const origin = `${reference.from}:${reference.name}`;
    const found = readReference(reference, cwd, env);
    return 'trouble' in found ? found.trouble : new Secret(found.text, origin);
  };
}

type Found = { readonly text: string } | { readonly trouble: string };

function readReference({ from, name }: SecretReference, cwd: string, env: ReadDeps['env']): Found {
  if (from === 'file') return readSecretFile(name, `secret file ${shown(name, cwd)}`);
  if (from === 'env') {
    const text = env[name];
    if (text === undefined) return { trouble: `environment variable ${name} is not set` };
    return text === '' ? { trouble: `environment variable ${name} is empty` } : { text };
  }
  const folder = env.CREDENTIALS_DIRECTORY;
  if (!/^[A-Za-z0-9_.@-]+$/.test(name) || name === '.' || name === '..') {
    return { trouble: `\`${name}\` is not a name of a systemd credential` };
  }
  if (!folder) {
    return {
      trouble: `credential ${name}: $CREDENTIALS_DIRECTORY is not set; add LoadCredential=${name}:PATH to the systemd unit`,
    };
  }
  return readSecretFile(join(folder, name), `credential ${name}`);
}

function readSecretFile(path: string, label: string): Found {
  let descriptor: number | undefined;
  try {
    // Not blocking: a FIFO without a writer would stop the whole program here.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return { trouble: `${label} is not a regular file` };
    if (stat.size > MAX_SECRET) return { trouble: `${label} is larger than ${MAX_SECRET} bytes` };
    const permissions = permissionTrouble(stat.mode, path);
    if (permissions !== undefined) return { trouble: `${label} ${permissions}` };
    const text = readFileSync(descriptor, 'utf8').replace(/\r?\n$/, '');
    return text === '' ? { trouble: `${label} is empty` } : { text };
  } catch (error) {
    const hint = codeOf(error) === 'ENOENT' ? '; create it with mode 600' : '';
    return { trouble: `${label} cannot be read: ${reasonOf(error)}${hint}` };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function permissionTrouble(mode: number, path: string): string | undefined {
  const octal = (mode & 0o777).toString(8).padStart(3, '0');
  if ((mode & OTHERS) !== 0) return `is open to everyone (mode ${octal}); run: chmod o= ${path}`;
  if ((mode & GROUP_WRITE) !== 0) return `can be written by its group (mode ${octal}); run: chmod g-w ${path}`;
  return undefined;
}

/** The shorter of the two ways to name a file. */
function shown(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near.length < path.length ? near : path;
}

/** Why a file cannot be read; undefined if it can. */
export function fileTrouble(path: string): string | undefined {
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it is not a folder',
};

function reasonOf(error: unknown): string {
  return REASONS[codeOf(error) ?? ''] ?? codeOf(error) ?? messageOf(error);
}
