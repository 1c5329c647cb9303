/** Tree -> typed value by a zod schema, with secrets resolved and every complaint collected. Pure but for `readSecret`. */
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { Secret } from '../lib/secret.ts';
import { type Complaint, complaintsOf } from './issues.ts';
import { type ReadSecret, referenceOf, replaceAt } from './secrets.ts';
import { type Finding, findAt, formatPath, isInside, type Path, placeOf, type Tree, toPlain, without } from './tree.ts';

/** What `shape` found. */
export interface Shaped<T> {
  /** Undefined where the tree cannot be made to fit. */
  readonly value: T | undefined;
  readonly findings: readonly Finding[];
  /** The mappings that wrong parts were dropped from: what the rules say about these may be wrong. */
  readonly damaged: readonly Path[];
}

export interface ShapeOptions {
  readonly readSecret: ReadSecret;
  /** Absolute folder that file names are relative to. */
  readonly base: string;
  /** A template is a part of a policy: what it lacks comes from elsewhere. */
  readonly partial?: boolean;
}

/** Each round resolves secrets or drops wrong parts; a schema's inner stages may need a few. */
const MAX_ROUNDS = 8;

/** Fits `tree` to `schema`. What is wrong is told and then left out where it can be, so that one run finds everything. */
export function shape<S extends z.ZodType>(schema: S, tree: Tree, options: ShapeOptions): Shaped<z.output<S>> {
  const state = new Shaping(tree, options);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const parsed = schema.safeParse(state.plain());
    if (parsed.success) return { value: parsed.data, findings: state.findings(), damaged: state.damaged };
    const complaints = complaintsOf(parsed.error.issues, schema, state.tree);
    const damagedBefore = [...state.damaged];
    const remedied = complaints.filter((complaint) => state.take(complaint, damagedBefore));
    if (remedied.length === 0) break;
  }
  return { value: undefined, findings: state.findings(), damaged: state.damaged };
}

/** What the rounds of one `shape` have in common. */
class Shaping {
  tree: Tree;
  readonly damaged: Path[] = [];
  readonly #options: ShapeOptions;
  readonly #findings = new Map<string, Finding & Partial<Complaint>>();
  readonly #told = new Set<string>();
  #secrets: { readonly path: Path; readonly secret: Secret }[] = [];

  constructor(tree: Tree, options: ShapeOptions) {
    this.tree = tree;
    this.#options = options;
  }

  /** The tree as a plain value, with the secrets that are resolved so far. */
  plain(): unknown {
    const replace = (value: unknown, found: { path: Path; secret: Secret }) =>
      replaceAt(value, found.path, found.secret);
    return this.#secrets.reduce(replace, toPlain(this.tree));
  }

  /** Everything found; that a key is missing is not told where it is mistyped or its value is wrong. */
  findings(): Finding[] {
    return [...this.#findings.values()].flatMap(({ type, path, message, at }) =>
      type === 'missing' && this.#told.has(formatPath(path)) ? [] : [{ path, message, ...(at && { at }) }],
    );
  }

  /**
   * Notes a complaint.
   * @param damaged what earlier rounds dropped parts from: what is now said inside may be wrong, so it is not
   * @returns whether its cause was taken out of the way, so that another round may find more
   */
  take(complaint: Complaint, damaged: readonly Path[]): boolean {
    const { type, path } = complaint;
    const resolved = type === 'secret' ? resolveSecret(this.tree, path, this.#options) : undefined;
    if (resolved !== undefined) {
      this.#secrets.push({ path, secret: resolved.secret });
      this.#note(resolved.finding);
      return true;
    }
    if (type === 'value' && damaged.some((part) => isInside(path, part))) return false;
    if (type !== 'missing' || !this.#options.partial) this.#note(complaint);
    return type !== 'missing' && this.#drop(path, complaint.meant);
  }

  /** Leaves out the part at `path`. Not an entry of a list: that would move those after it. */
  #drop(path: Path, meant: Path = path): boolean {
    if (path.length === 0 || path.some((step) => typeof step === 'number')) return false;
    this.tree = without(this.tree, path);
    this.#secrets = this.#secrets.filter((secret) => !isInside(secret.path, path));
    this.damaged.push(path.slice(0, -1));
    this.#told.add(formatPath(meant));
    return true;
  }

  #note(finding: (Finding & Partial<Complaint>) | undefined): void {
    if (finding !== undefined) this.#findings.set(`${formatPath(finding.path)}\n${finding.message}`, finding);
  }
}

/** The secret at `path`; an unreadable one is told and replaced by a stand-in, so that the rest can be checked. */
function resolveSecret(
  tree: Tree,
  path: Path,
  { readSecret, base }: ShapeOptions,
): { readonly secret: Secret; readonly finding?: Finding } | undefined {
  const reference = referenceOf(findAt(tree, path));
  if (reference === undefined) return undefined;
  const { file } = placeOf(tree, { path: [...path, reference.from] });
  const name = reference.from === 'file' ? resolve(base, dirname(file), reference.name) : reference.name;
  const outcome = readSecret({ ...reference, name });
  if (typeof outcome !== 'string') return { secret: outcome };
  return { secret: new Secret('unreadable', `${reference.from}:${name}`), finding: { path, message: outcome } };
}
