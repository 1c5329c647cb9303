/** YAML text -> tree with places, or problems. Pure and total: any text gives a result. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import type { Problem } from './contract.ts';
import { type Entry, formatPath, type Path, type Place, type Tree } from './tree.ts';

/** A configuration is small; what is larger is the wrong file. Characters. */
const MAX_LENGTH = 1_000_000;
/** Deeper nesting than any configuration has. */
const MAX_DEPTH = 30;

export interface ParsedText {
  /** Undefined where the text could not be read at all. */
  readonly tree: Tree | undefined;
  readonly problems: readonly Problem[];
}

/** Reads one YAML document. Duplicate keys, several documents, tabs, aliases and unknown tags are problems. */
export function parseText(file: string, text: string): ParsedText {
  const start: Place = { file, line: 1, column: 1 };
  const refuse = (message: string, place = start): ParsedText => ({
    tree: undefined,
    problems: [{ ...place, path: '', message }],
  });
  if (text.length > MAX_LENGTH) return refuse(`the file is larger than ${MAX_LENGTH} characters`);
  const lines = new LineCounter();
  const document = parseSafely(text, lines);
  if (document === undefined) return refuse('nested too deeply');
  const error = document.errors[0] ?? document.warnings[0];
  if (error !== undefined) return refuse(syntaxMessage(error), placeAt(file, lines, error.pos[0]));
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return refuse('the file is empty');
  if (!isMap(contents)) return refuse('must be a mapping of keys to values');
  return new TreeBuilder(file, lines).build(contents);
}

function parseSafely(text: string, lineCounter: LineCounter) {
  try {
    // Duplicate keys are found by the builder, which knows their path.
    return parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false, version: '1.2' });
  } catch {
    // The parser is recursive: only absurd nesting makes it throw.
    return undefined;
  }
}

const SYNTAX: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'the file holds several documents (`---`); one is allowed',
  TAB_AS_INDENT: 'a tab is used as indentation; use spaces',
  TAG_RESOLVE_FAILED: 'unknown tag; tags (`!name`) are not used here',
};

function syntaxMessage(error: YAMLError): string {
  return SYNTAX[error.code] ?? `not valid YAML: ${error.message.split('\n')[0]}`;
}

function placeAt(file: string, lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(1, line), column: Math.max(1, col) };
}

class TreeBuilder {
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #problems: Problem[] = [];

  constructor(file: string, lines: LineCounter) {
    this.#file = file;
    this.#lines = lines;
  }

  build(root: Node): ParsedText {
    const tree = this.#tree(root, []);
    return { tree, problems: this.#problems };
  }

  #tree(node: Node | null, path: Path, fallback?: Place): Tree {
    const place = this.#place(node) ?? fallback ?? { file: this.#file, line: 1, column: 1 };
    if (path.length > MAX_DEPTH) return this.#refuse(place, path, 'nested too deeply');
    if (isAlias(node)) {
      return this.#refuse(place, path, 'aliases (`*name`) are not used here; write the value, or use a template');
    }
    if (isMap(node)) return { kind: 'mapping', place, entries: this.#entries(node, path) };
    if (isSeq(node)) {
      const items = node.items.map((item, i) => this.#tree(item as Node | null, [...path, i], place));
      return { kind: 'list', place, items };
    }
    return { kind: 'scalar', place, value: isScalar(node) ? plainValue(node.value) : null };
  }

  #entries(map: YAMLMap, path: Path): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    for (const pair of map.items) {
      const keyNode = pair.key as Node | null;
      const keyPlace = this.#place(keyNode) ?? { file: this.#file, line: 1, column: 1 };
      const key = isScalar(keyNode) ? String(keyNode.value ?? '') : undefined;
      if (key === undefined || key === '' || key === '__proto__') {
        this.#refuse(keyPlace, path, 'a key must be a plain word');
        continue;
      }
      const keyPath = [...path, key];
      if (entries.has(key)) this.#refuse(keyPlace, keyPath, `\`${key}\` stands twice in this mapping`);
      else entries.set(key, { keyPlace, value: this.#tree(pair.value as Node | null, keyPath, keyPlace) });
    }
    return entries;
  }

  #place(node: Node | null): Place | undefined {
    return node?.range ? placeAt(this.#file, this.#lines, node.range[0]) : undefined;
  }

  #refuse(place: Place, path: Path, message: string): Tree {
    this.#problems.push({ ...place, path: formatPath(path), message });
    return { kind: 'scalar', place, value: null };
  }
}

function plainValue(value: unknown): string | number | boolean | null {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? null : String(value);
}
