/** Regular expressions that an operator writes and a server's text is matched against. */
import { messageOf } from '../lib/errors.ts';

const AMBIGUOUS = 'a repetition of what itself repeats or chooses, such as (a+)+, (a|b)+ or (a?b)+, is not allowed';

/** Longest pattern that the schema accepts, and longest text that is ever matched, characters. */
const MAX_PATTERN = 200;
const MAX_SUBJECT = 512;

/**
 * Compiles a pattern (JavaScript syntax, Unicode mode, case-sensitive).
 * Refused, beside bad syntax: a repetition of a group that itself repeats or chooses, such as `(a+)+`, `(a|aa)+` or
 * `(a?a)+`: there may be more than one way to read the same text, and a hostile answer can make them run for hours. With the bounded subject this leaves patterns whose cost is a small power of 512 steps.
 * @returns the expression, or a sentence for the operator
 */
export function compilePattern(text: string): RegExp | string {
  if (text.length > MAX_PATTERN) return `a pattern of at most ${MAX_PATTERN} characters is allowed`;
  if (hasAmbiguousRepetition(text)) return AMBIGUOUS;
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

/** What lets a group take the same text in several ways: a quantifier, an optional part, an alternative. */
const CHOICE = /[*+?|]|\{\d/u;

/** What follows the opening of a group that is more than a plain one: `?:`, `?=`, `?<!`, `?<name>`. */
const GROUP_KIND = /^\?(?:[:=!]|<[=!]|<[^>]*>)/u;

/** Folds groups from the inside out, each into one letter that keeps only whether it repeats or chooses. */
function hasAmbiguousRepetition(text: string): boolean {
  let rest = text.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]/gsu, 'x');
  for (let group = innermostGroup(rest); group !== null; group = innermostGroup(rest)) {
    const [whole, inside = '', follower = ''] = group;
    const chooses = CHOICE.test(inside.replace(GROUP_KIND, ''));
    if (chooses && follower !== '') return true;
    const folded = chooses ? 'x+' : `x${follower}`;
    rest = rest.slice(0, group.index) + folded + rest.slice(group.index + whole.length);
  }
  return false;
}

function innermostGroup(text: string): RegExpExecArray | null {
  return /\(([^()]*)\)([*+]|\{\d)?/u.exec(text);
}
