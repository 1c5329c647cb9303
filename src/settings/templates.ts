/** `extends`: a policy completed by a template, templates by one another. Pure. */
import { didYouMean } from './nearest.ts';
import { referenceOf } from './secrets.ts';
import type { Entry, Finding, Tree } from './tree.ts';

/** Templates by name; undefined for a file that could not be read, which has its own problems. */
export type Templates = ReadonlyMap<string, Tree | undefined>;

export interface Extended {
  /** The merged tree; undefined where a template is missing, unreadable or part of a circle. */
  readonly tree: Tree | undefined;
  /** Findings about `original`'s own `extends`. */
  readonly findings: readonly Finding[];
}

/** Values that replace each other whole: merging two alternatives would give neither. */
const ALTERNATIVES: ReadonlySet<string> = new Set(['reaction', 'combine', 'minHealthy', 'routeWhenUnknown', 'hosts']);

/**
 * Lays `original` over the templates that it extends.
 * @param self the template's name, where `original` is one; a circle is told of the templates in it, not of their users
 */
export function extend(original: Tree, templates: Templates, self?: string): Extended {
  const chain = self === undefined ? [] : [self];
  let tree = original;
  for (let name = parentOf(original); name !== undefined; ) {
    if (chain.includes(name)) return { tree: undefined, findings: circle([...chain, name], self) };
    if (!templates.has(name))
      return { tree: undefined, findings: chain.length > chainStart(self) ? [] : unknown(name, templates) };
    const template = templates.get(name);
    if (template === undefined) return { tree: undefined, findings: [] };
    chain.push(name);
    tree = merge(template, tree);
    name = parentOf(template);
  }
  return { tree, findings: [] };
}

function chainStart(self: string | undefined): number {
  return self === undefined ? 0 : 1;
}

function circle(chain: readonly string[], self: string | undefined): Finding[] {
  if (chain.at(-1) !== self) return [];
  return [{ path: ['extends'], message: `templates extend one another in a circle: ${chain.join(' -> ')}` }];
}

function unknown(name: string, templates: Templates): Finding[] {
  const known = [...templates.keys()];
  const allowed = known.length === 0 ? 'there is no template' : `templates are ${known.join(', ')}`;
  return [{ path: ['extends'], message: `unknown template \`${name}\`; ${allowed}${didYouMean(name, known)}` }];
}

function parentOf(tree: Tree): string | undefined {
  const value = tree.kind === 'mapping' ? tree.entries.get('extends')?.value : undefined;
  return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined;
}

/** Deep merge: mappings key by key, anything else replaced by `over`. Every part keeps its own place. */
function merge(base: Tree, over: Tree): Tree {
  if (base.kind !== 'mapping' || over.kind !== 'mapping') return over;
  if (referenceOf(base) !== undefined && referenceOf(over) !== undefined) return over;
  const entries = new Map<string, Entry>(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    const value = below === undefined || ALTERNATIVES.has(key) ? entry.value : merge(below.value, entry.value);
    entries.set(key, { keyPlace: entry.keyPlace, value });
  }
  return { kind: 'mapping', place: over.place, entries };
}
