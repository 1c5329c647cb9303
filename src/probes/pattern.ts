/** Regular expressions that an operator writes and a server's text is matched against. */
import { messageOf } from '../lib/errors.ts';

/** Longest pattern that the schema accepts, and longest text that is ever matched, characters. */
const MAX_PATTERN = 200;
const MAX_SUBJECT = 512;

/**
 * Compiles a pattern (JavaScript syntax, Unicode mode, case-sensitive).
 * Refused, beside bad syntax: a repetition inside a repetition such as `(a+)+`, which a hostile answer can make
 * run for hours. With the bounded subject this leaves patterns whose cost is a small power of 512 steps.
 * @returns the expression, or a sentence for the operator
 */
export function compilePattern(text: string): RegExp | string {
  if (text.length > MAX_PATTERN) return `a pattern of at most ${MAX_PATTERN} characters is allowed`;
  if (hasNestedRepetition(text)) return 'a repetition inside a repetition, such as (a+)+, is not allowed';
  try {
    return new RegExp(text, 'u');
  } catch (error) {
    return `not a regular expression: ${messageOf(error)}`;
  }
}

/** Whether `pattern` is found in the first 512 characters of `subject`. */
export function matchesPattern(pattern: RegExp, subject: string): boolean {
  return pattern.test(subject.length > MAX_SUBJECT ? subject.slice(0, MAX_SUBJECT) : subject);
}

/** A quantifier; `?` is none here, as it repeats nothing. */
const QUANTIFIER = /[*+]|\{\d/u;

/** Folds groups from the inside out, each into one letter that keeps only whether it repeats. */
function hasNestedRepetition(text: string): boolean {
  let rest = text.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]/gsu, 'x');
  for (let group = innermostGroup(rest); group !== null; group = innermostGroup(rest)) {
    const [whole, inside = '', follower = ''] = group;
    const repeats = QUANTIFIER.test(inside);
    if (repeats && follower !== '') return true;
    const folded = repeats ? 'x+' : `x${follower}`;
    rest = rest.slice(0, group.index) + folded + rest.slice(group.index + whole.length);
  }
  return false;
}

function innermostGroup(text: string): RegExpExecArray | null {
  return /\(([^()]*)\)([*+]|\{\d)?/u.exec(text);
}
