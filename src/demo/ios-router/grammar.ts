/**
 * IOS's command parser in small: keywords may be shortened while they stay unique, arguments have types,
 * and a line that does not fit gives one of three answers: invalid (with the column), incomplete, ambiguous.
 */

/** Values of a pattern's arguments, by name. */
export type Args = Readonly<Record<string, string>>;

/** A line of a command table: pattern, what it means, and options that may follow in any order. */
export interface Command<Meaning> {
  /** Words are keywords, `<name:type>` is an argument: `show ip route <address:ipv4>`. */
  readonly pattern: string;
  readonly run: Meaning;
  readonly options?: readonly string[];
}

export type Parsed<Meaning> =
  | { readonly kind: 'command'; readonly run: Meaning; readonly args: Args }
  /** `column` counts from the start of the line. */
  | { readonly kind: 'invalid'; readonly column: number; readonly word: number }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'ambiguous' }
  | { readonly kind: 'empty' };

/** Tells whether a word can be an argument of a type. */
export type ArgumentTypes = Readonly<Record<string, (word: string) => boolean>>;

interface Node<Meaning> {
  readonly keywords: Map<string, Node<Meaning>>;
  readonly arguments: {
    readonly name: string;
    readonly accepts: (word: string) => boolean;
    readonly next: Node<Meaning>;
  }[];
  run?: Meaning;
}

export type Grammar<Meaning> = Node<Meaning>;

/** Builds the tree of a command table. */
export function compile<Meaning>(commands: readonly Command<Meaning>[], types: ArgumentTypes): Grammar<Meaning> {
  const root = emptyNode<Meaning>();
  for (const { pattern, run, options = [] } of commands) {
    const end = addPath(root, pattern.split(' '), types);
    end.run = run;
    // An option leads back to where it started, so options repeat and mix.
    for (const option of options) addPath(end, option.split(' '), types, end);
  }
  return root;
}

/** Reads one line. Total: any text gives a result. */
export function parse<Meaning>(grammar: Grammar<Meaning>, line: string): Parsed<Meaning> {
  const words = [...line.matchAll(/\S+/g)];
  if (words.length === 0) return { kind: 'empty' };
  const args: Record<string, string> = {};
  let node = grammar;
  for (const [index, { 0: word, index: column }] of words.entries()) {
    const step = follow(node, word);
    if (step === 'ambiguous') return { kind: 'ambiguous' };
    if (step === undefined) return { kind: 'invalid', column: column + commonLength(node, word), word: index };
    if (step.argument !== undefined) args[step.argument] = word;
    node = step.next;
  }
  return node.run === undefined ? { kind: 'incomplete' } : { kind: 'command', run: node.run, args };
}

interface Step<Meaning> {
  readonly next: Node<Meaning>;
  readonly argument?: string;
}

function follow<Meaning>(node: Node<Meaning>, word: string): Step<Meaning> | 'ambiguous' | undefined {
  const wanted = word.toLowerCase();
  const exact = node.keywords.get(wanted);
  if (exact !== undefined) return { next: exact };
  const [first, second] = [...node.keywords].filter(([keyword]) => keyword.startsWith(wanted));
  if (second !== undefined) return 'ambiguous';
  if (first !== undefined) return { next: first[1] };
  const argument = node.arguments.find(({ accepts }) => accepts(word));
  return argument === undefined ? undefined : { next: argument.next, argument: argument.name };
}

/** How far the word agrees with some keyword: IOS puts its caret under the first letter that fits nothing (unverified). */
function commonLength<Meaning>(node: Node<Meaning>, word: string): number {
  const wanted = word.toLowerCase();
  let longest = 0;
  for (const keyword of node.keywords.keys()) {
    let length = 0;
    while (length < wanted.length && keyword[length] === wanted[length]) length++;
    longest = Math.max(longest, length);
  }
  return longest;
}

function addPath<Meaning>(
  from: Node<Meaning>,
  words: readonly string[],
  types: ArgumentTypes,
  end?: Node<Meaning>,
): Node<Meaning> {
  return words.reduce((node, word, index) => {
    const target = index === words.length - 1 ? end : undefined;
    const argument = /^<(\w+):(\w+)>$/.exec(word);
    return argument === null
      ? keywordEdge(node, word, target)
      : argumentEdge(node, argument[1] ?? '', types[argument[2] ?? ''] ?? (() => false), target);
  }, from);
}

function keywordEdge<Meaning>(node: Node<Meaning>, word: string, target?: Node<Meaning>): Node<Meaning> {
  const next = node.keywords.get(word) ?? target ?? emptyNode<Meaning>();
  node.keywords.set(word, next);
  return next;
}

function argumentEdge<Meaning>(
  node: Node<Meaning>,
  name: string,
  accepts: (word: string) => boolean,
  target?: Node<Meaning>,
): Node<Meaning> {
  const known = node.arguments.find((edge) => edge.name === name && edge.accepts === accepts);
  if (known !== undefined) return known.next;
  const next = target ?? emptyNode<Meaning>();
  node.arguments.push({ name, accepts, next });
  return next;
}

function emptyNode<Meaning>(): Node<Meaning> {
  return { keywords: new Map(), arguments: [] };
}
