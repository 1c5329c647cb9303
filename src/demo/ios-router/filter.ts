/** Output filters of `show`: `| include RE`, `| exclude RE`, `| begin RE`. Pure and total. */

export interface Filter {
  readonly keep: 'include' | 'exclude' | 'begin';
  readonly pattern: RegExp;
}

/** A line cut at its pipe. `invalid` carries the column of what is wrong. */
export type Piped =
  | { readonly kind: 'plain'; readonly command: string; readonly filter?: Filter }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'badPattern' }
  | { readonly kind: 'invalid'; readonly column: number };

export function cutPipe(line: string): Piped {
  const pipe = line.indexOf('|');
  if (pipe < 0) return { kind: 'plain', command: line };
  const [, space = '', word = '', pattern = ''] = /^(\s*)(\S*)\s*(.*?)$/.exec(line.slice(pipe + 1)) ?? [];
  if (word === '') return { kind: 'incomplete' };
  const keep = (['include', 'exclude', 'begin'] as const).find((keyword) => keyword.startsWith(word.toLowerCase()));
  if (keep === undefined) return { kind: 'invalid', column: pipe + 1 + space.length };
  if (pattern === '') return { kind: 'incomplete' };
  const compiled = iosRegExp(pattern);
  if (compiled === undefined) return { kind: 'badPattern' };
  return { kind: 'plain', command: line.slice(0, pipe), filter: { keep, pattern: compiled } };
}

export function applyFilter(lines: readonly string[], filter: Filter | undefined): readonly string[] {
  if (filter === undefined) return lines;
  const fits = (line: string) => filter.pattern.test(line);
  if (filter.keep === 'include') return lines.filter(fits);
  if (filter.keep === 'exclude') return lines.filter((line) => !fits(line));
  const first = lines.findIndex(fits);
  return first < 0 ? [] : lines.slice(first);
}

/** IOS's expressions as JavaScript's: `_` stands for any delimiter or either end of the line. */
function iosRegExp(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern.replaceAll('_', '(?:[,{}()\\s]|^|$)'));
  } catch {
    return undefined;
  }
}
