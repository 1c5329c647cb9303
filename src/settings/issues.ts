/** zod's issues -> findings in our words, with the nearest known key. Pure. */
import type { z } from 'zod';
import { NOT_A_SECRET } from '../probes/secret-schema.ts';
import { didYouMean, nearest } from './nearest.ts';
import { allowedAt, keysAt } from './schema-walk.ts';
import { type Finding, findAt, type Path, type Tree } from './tree.ts';

type Issue = z.core.$ZodIssue;
type Union = Extract<Issue, { code: 'invalid_union' }>;

/** An issue in words, and what the parser needs to go on after it. */
export interface Complaint extends Finding {
  readonly type: /** A key that nobody knows: parsing can go on without it. */
    | 'unknownKey'
    /** Something required is absent. */
    | 'missing'
    /** A reference (or a plain value) where a Secret is wanted. */
    | 'secret'
    | 'value';
  /** The path that an unknown key most likely meant: that it is missing need not be told too. */
  readonly meant?: Path;
}

/** All complaints of a failed parse of `tree` by `schema`. */
export function complaintsOf(issues: readonly Issue[], schema: z.core.$ZodType, tree: Tree): Complaint[] {
  // zod goes on to check the length of what should have been a text; the type is enough.
  const mistyped = new Set(issues.filter((issue) => issue.code === 'invalid_type').map(({ path }) => path.join('.')));
  return issues
    .filter((issue) => issue.code === 'invalid_type' || !mistyped.has(issue.path.join('.')))
    .flatMap((issue) => complaintOf(issue, { schema, tree }, []));
}

interface Context {
  readonly schema: z.core.$ZodType;
  readonly tree: Tree;
}

function complaintOf(issue: Issue, context: Context, base: Path): Complaint[] {
  const path = [...base, ...plainPath(issue.path)];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, keysAt(context.schema, path)));
    case 'invalid_type':
      return [wrongType(path, context, issue.message)];
    case 'invalid_value':
      return [wrongValue(path, context, issue.values.map(String))];
    case 'invalid_union':
      return wrongUnion(issue, path, context);
    case 'invalid_key':
      return [{ type: 'value', path, at: 'key', message: issue.issues[0]?.message ?? issue.message }];
    case 'custom':
      return [
        issue.message === NOT_A_SECRET ? noSecret(path, context) : { type: 'value', path, message: issue.message },
      ];
    case 'too_small':
    case 'too_big':
      return [{ type: 'value', path, message: outOfRange(issue) }];
    default:
      return [{ type: 'value', path, message: issue.message }];
  }
}

/** A schema's own sentence stands; zod's generic one is put into our words. */
function outOfRange(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  if (!/^Too (small|big): /.test(issue.message)) return issue.message;
  const limit = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
  if (issue.origin === 'string') return `must have ${limit} characters`;
  return issue.origin === 'array' || issue.origin === 'object' ? `must have ${limit} entries` : `must be ${limit}`;
}

function unknownKey(key: string, path: Path, known: readonly string[]): Complaint {
  const hint = didYouMean(key, known);
  const allowed = hint === '' && known.length > 0 ? `; allowed: ${known.join(', ')}` : hint;
  const meant = nearest(key, known);
  return {
    type: 'unknownKey',
    path: [...path, key],
    at: 'key',
    message: `unknown key \`${key}\`${allowed}`,
    ...(meant !== undefined && { meant: [...path, meant] }),
  };
}

function noSecret(path: Path, { tree }: Context): Complaint {
  if (findAt(tree, path) === undefined) return { type: 'missing', path, message: 'is required: a secret reference' };
  return { type: 'secret', path, message: NOT_A_SECRET };
}

function wrongType(path: Path, { schema, tree }: Context, message: string): Complaint {
  const found = findAt(tree, path);
  const allowed = allowedAt(schema, path);
  if (found === undefined) return { type: 'missing', path, message: `is required: ${allowed}` };
  // A schema's own sentence is better than ours; zod's generic one is not.
  const own = message.startsWith('Invalid input') ? undefined : message;
  return { type: 'value', path, message: own ?? `must be ${allowed}, not ${kindOf(found)}` };
}

function wrongValue(path: Path, { schema, tree }: Context, values: readonly string[]): Complaint {
  const found = findAt(tree, path);
  if (found === undefined) return { type: 'missing', path, message: `is required: ${allowedAt(schema, path)}` };
  if (found.kind !== 'scalar') {
    return { type: 'value', path, message: `must be ${allowedAt(schema, path)}, not ${kindOf(found)}` };
  }
  const hint = didYouMean(String(found.value), values);
  const message = `\`${found.value}\` is not allowed; allowed: ${values.join(', ')}${hint}`;
  return { type: 'value', path, message };
}

/** A union tells of every branch; the reader wants only the one that was meant. */
function wrongUnion(issue: Union, path: Path, context: Context): Complaint[] {
  const found = findAt(context.tree, path);
  if (found === undefined)
    return [{ type: 'missing', path, message: `is required: ${allowedAt(context.schema, path)}` }];
  const branches = issue.errors.map((errors) => errors.flatMap((inner) => complaintOf(inner, context, path)));
  // A branch that lacks nothing but its secrets is the one: they are resolved, then parsed again.
  const secrets = branches.find((complaints) => complaints.length > 0 && complaints.every((c) => c.type === 'secret'));
  if (secrets !== undefined && found.kind === 'mapping') return secrets;
  const best = branchThatWasMeant(branches, path);
  if (best !== undefined) return best;
  return unknownKeysOf(found, path, context) ?? [noBranch(issue, found, path, context)];
}

/** The branch whose keys fit; where the keys of none do, the one that fits best, if there is one. */
function branchThatWasMeant(branches: readonly Complaint[][], path: Path): Complaint[] | undefined {
  const ranked = branches
    .map((complaints) => ({ complaints, misfits: complaints.filter((c) => isMisfit(c, path)).length }))
    .filter(({ complaints }) => !complaints.some((c) => c.path.length === path.length))
    .sort((a, b) => a.misfits - b.misfits || a.complaints.length - b.complaints.length);
  const [first, second] = ranked;
  const isClear =
    first !== undefined && (first.misfits === 0 || second === undefined || first.misfits < second.misfits);
  return isClear ? first.complaints : undefined;
}

/** A key too many or too few in the mapping at `path` itself. */
function isMisfit({ type, path }: Complaint, base: Path): boolean {
  return (type === 'unknownKey' || type === 'missing') && path.length === base.length + 1;
}

function unknownKeysOf(found: Tree, path: Path, { schema }: Context): Complaint[] | undefined {
  if (found.kind !== 'mapping') return undefined;
  const known = keysAt(schema, path);
  const unknown = [...found.entries.keys()].filter((key) => !known.includes(key));
  return unknown.length === 0 ? undefined : unknown.map((key) => unknownKey(key, path, known));
}

function noBranch(issue: Union, found: Tree, path: Path, { schema }: Context): Complaint {
  const words = issue.errors
    .flat()
    .flatMap((inner) => (inner.code === 'invalid_value' ? inner.values.map(String) : []));
  const hint = found.kind === 'scalar' ? didYouMean(String(found.value), words) : '';
  return { type: 'value', path, message: `must be ${allowedAt(schema, path)}, not ${kindOf(found)}${hint}` };
}

function kindOf(found: Tree): string {
  if (found.kind === 'list') return 'a list';
  if (found.kind === 'mapping')
    return found.entries.size === 0 ? 'an empty mapping' : `{ ${[...found.entries.keys()].slice(0, 6).join(', ')} }`;
  if (found.value === null) return 'empty';
  if (typeof found.value === 'string') return 'text';
  return typeof found.value === 'number' ? 'a number' : 'true or false';
}

function plainPath(path: readonly PropertyKey[]): Path {
  return path.map((step) => (typeof step === 'number' ? step : String(step)));
}
