/** Secret references: what they look like, and where a schema wants them resolved. Pure; reading is an argument. */
import type { Secret } from '../lib/secret.ts';
import type { Path, Tree } from './tree.ts';

/** A secret as it is written in YAML. `file` may be relative to the file that names it. */
export type SecretReference =
  | { readonly from: 'file'; readonly name: string }
  | { readonly from: 'env'; readonly name: string }
  | { readonly from: 'credential'; readonly name: string };

/**
 * Gets a secret. A string is the reason why not, with what to do.
 * @param reference `file` names are absolute here
 */
export type ReadSecret = (reference: SecretReference) => Secret | string;

/** The reference that a part of the tree spells, if it is one: a mapping with one of the three keys and a name. */
export function referenceOf(tree: Tree | undefined): SecretReference | undefined {
  if (tree?.kind !== 'mapping' || tree.entries.size !== 1) return undefined;
  const [[from, entry] = []] = tree.entries;
  if (entry?.value.kind !== 'scalar' || typeof entry.value.value !== 'string' || entry.value.value === '')
    return undefined;
  return from === 'file' || from === 'env' || from === 'credential' ? { from, name: entry.value.value } : undefined;
}

/** A copy of the plain `value` with `replacement` at `path`. */
export function replaceAt(value: unknown, path: Path, replacement: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return replacement;
  if (Array.isArray(value)) return value.map((item, i) => (i === step ? replaceAt(item, rest, replacement) : item));
  if (typeof value !== 'object' || value === null) return value;
  const inner: unknown = Object.getOwnPropertyDescriptor(value, step)?.value;
  return { ...value, [step]: replaceAt(inner, rest, replacement) };
}
