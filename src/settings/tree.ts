/** YAML as data that remembers where each part stands. Pure. */
import type { Problem } from './contract.ts';

/** A position in a file, counted from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Entry {
  readonly keyPlace: Place;
  readonly value: Tree;
}

interface Mapping {
  readonly kind: 'mapping';
  readonly place: Place;
  readonly entries: ReadonlyMap<string, Entry>;
}

interface List {
  readonly kind: 'list';
  readonly place: Place;
  readonly items: readonly Tree[];
}

interface Scalar {
  readonly kind: 'scalar';
  readonly place: Place;
  readonly value: string | number | boolean | null;
}

/** A value with its place; after a merge, parts of one tree may stand in different files. */
export type Tree = Mapping | List | Scalar;

/** The way to a value: keys and list indexes. */
export type Path = readonly (string | number)[];

/** Something wrong at a path of a tree: at the value there, or at its `key`. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  readonly at?: 'key';
}

/** `routers.edge1.port`, `notify.snmp[0].port`; empty for the document itself. */
export function formatPath(path: Path): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');
}

/** Whether `path` is `outer` or leads further in; the document itself, `[]`, is the outside of nothing. */
export function isInside(path: Path, outer: Path): boolean {
  return outer.length > 0 && outer.length <= path.length && outer.every((step, i) => path[i] === step);
}

/** The plain value of a tree, as `JSON.parse` would give it. */
export function toPlain(tree: Tree): unknown {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(toPlain);
  return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, toPlain(entry.value)]));
}

/** The value at `path`, or undefined if there is none. */
export function findAt(tree: Tree, path: Path): Tree | undefined {
  let here: Tree | undefined = tree;
  for (const step of path) here = here && child(here, step)?.value;
  return here;
}

/** Where `finding` stands: its own place, or that of the nearest part around it that is written down. */
export function placeOf(tree: Tree, finding: Pick<Finding, 'path' | 'at'>): Place {
  let here = tree;
  let place = tree.place;
  for (const [i, step] of finding.path.entries()) {
    const next = child(here, step);
    if (next === undefined) return place;
    const isLast = i === finding.path.length - 1;
    // A mapping or a list starts below its key; the key is what the reader looks for.
    const atKey = (isLast && finding.at === 'key') || next.value.kind !== 'scalar';
    here = next.value;
    place = atKey ? next.keyPlace : here.place;
  }
  return place;
}

/** The finding as a problem, with its place in `tree`. */
export function locate(tree: Tree, finding: Finding): Problem {
  return { ...placeOf(tree, finding), path: formatPath(finding.path), message: finding.message };
}

/** A copy of the tree without the part at `path`. */
export function without(tree: Tree, path: Path): Tree {
  const [step, ...rest] = path;
  if (step === undefined || tree.kind === 'scalar') return tree;
  if (tree.kind === 'list') {
    if (rest.length === 0) return { ...tree, items: tree.items.filter((_, i) => i !== step) };
    return { ...tree, items: tree.items.map((item, i) => (i === step ? without(item, rest) : item)) };
  }
  const entries = new Map(tree.entries);
  const entry = entries.get(String(step));
  if (entry === undefined) return tree;
  if (rest.length === 0) entries.delete(String(step));
  else entries.set(String(step), { ...entry, value: without(entry.value, rest) });
  return { ...tree, entries };
}

function child(tree: Tree, step: string | number): Entry | undefined {
  if (tree.kind === 'mapping') return tree.entries.get(String(step));
  if (tree.kind === 'scalar' || typeof step !== 'number') return undefined;
  const value = tree.items[step];
  return value && { keyPlace: value.place, value };
}
