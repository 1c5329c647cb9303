/** Regular expressions that an operator writes and a server's text is matched against. */
import { type Context, createContext, Script } from 'node:vm';
import { AnytrackError, messageOf } from '../lib/errors.ts';

const AMBIGUOUS = 'a repetition of what itself repeats or chooses, such as (a+)+, (a|b)+ or (a?b)+, is not allowed';

/** Longest pattern that the schema accepts, and longest text that is ever matched, characters. */
const MAX_PATTERN = 200;
const MAX_SUBJECT = 512;

/** Longest time for one match, milliseconds: well under what counts as a stall of our loop. */
const MAX_MATCH_MS = 50;
/** So short a text needs no watch, which costs 0.2 ms. */
const SHORT_SUBJECT = 32;
const UNBOUNDED = /[*+]|\{\d+,\}/u;

/** A match can only be interrupted inside a context of its own; this one is used for all, one after the other. */
const sandbox: Context = createContext({ pattern: undefined, subject: '' });
const SEARCH = new Script('pattern.exec(subject)');

/**
 * Compiles a pattern (JavaScript syntax, Unicode mode, case-sensitive).
 * Refused, beside bad syntax: a repetition of a group that itself repeats or chooses, such as `(a+)+`, `(a|aa)+` or
 * `(a?a)+`: there may be more than one way to read the same text, and a hostile answer can make them run for hours.
 * What is left costs a power of the text's length; `search` bounds that in time.
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
  return search(pattern, subject.length > MAX_SUBJECT ? subject.slice(0, MAX_SUBJECT) : subject) !== null;
}

/** A pattern took too long on this text: our own limit, so the result is an error and no evidence (promise 3). */
export class SlowPattern extends AnytrackError<'slow-pattern'> {
  readonly audience = 'operator';
}

/**
 * Finds `pattern` in `subject`, within 50 ms: `.*a.*b` on one long line would stop the whole program for seconds.
 * @throws SlowPattern when the time is over
 */
export function search(pattern: RegExp, subject: string): RegExpExecArray | null {
  if (subject.length <= SHORT_SUBJECT || !UNBOUNDED.test(pattern.source)) return pattern.exec(subject);
  sandbox.pattern = pattern;
  sandbox.subject = subject;
  try {
    // What RegExp.exec returns, from the context that was made for it.
    return SEARCH.runInContext(sandbox, { timeout: MAX_MATCH_MS }) as RegExpExecArray | null;
  } catch (error) {
    const message = `/${pattern.source}/ took longer than ${MAX_MATCH_MS} ms on this answer; use fewer .* or anchor it`;
    throw new SlowPattern('slow-pattern', message, { cause: error });
  }
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
