/** Judges a response: status, headers, body, identity. Pure; what is looked at is bounded, a server chooses its length. */
import type { FailCause } from '../../model.ts';
import { matchesPattern, search } from '../pattern.ts';
import { patternOf } from '../text-rule.ts';
import { parseJsonPath, valueAt } from './json-path.ts';
import { type HttpOptions, SECRET_HEADERS, type ValueRule } from './options.ts';

/** Status line and headers of a response. */
export interface Head {
  readonly status: number;
  readonly reason: string;
  /** Name and value in turn, as they came. */
  readonly rawHeaders: readonly string[];
}

/** Why a response is not good, with one sentence for the operator. */
export interface Complaint {
  readonly cause: FailCause;
  readonly detail: string;
}

/** Characters of a body that a pattern is matched against: keeps a hostile body from holding up the event loop. */
const PATTERN_REACH = 8192;

/** `200 OK`. */
export function statusText(head: Head): string {
  return head.reason === '' ? String(head.status) : `${head.status} ${head.reason}`;
}

/** Every value of a header, by its name in any case. */
export function headerValues(head: Head, name: string): string[] {
  const wanted = name.toLowerCase();
  return head.rawHeaders.filter((_value, i) => i % 2 === 1 && head.rawHeaders[i - 1]?.toLowerCase() === wanted);
}

/** What is wrong with status and headers, or undefined. */
export function judgeHead(head: Head, options: HttpOptions): Complaint | undefined {
  const expected = [options.expect.status].flat();
  if (!expected.some((range) => inRange(head.status, range))) {
    return { cause: 'http-status', detail: `${statusText(head)}, expected ${expected.join(', ')}` };
  }
  for (const [name, rule] of Object.entries(options.expect.headers)) {
    const problem = problemOf(headerValues(head, name), rule);
    if (problem === undefined) continue;
    // A cookie is a secret even where a rule is about it.
    const detail = SECRET_HEADERS.includes(name.toLowerCase()) ? 'is not as expected' : problem;
    return { cause: 'header-mismatch', detail: `header ${name} ${detail}` };
  }
  return undefined;
}

/** What is wrong with the body, or undefined. */
export function judgeBody(body: string, options: HttpOptions): Complaint | undefined {
  const problem = problemOfBody(body, options.expect.body ?? {});
  return problem === undefined ? undefined : { cause: 'body-mismatch', detail: problem };
}

/** Who answered, by the options' `identity`; undefined if the response does not tell. */
export function identityOf(head: Head, body: string, options: HttpOptions): string | undefined {
  const { identity } = options;
  if (identity === undefined) return undefined;
  if ('header' in identity) return headerValues(head, identity.header)[0];
  return search(patternOf(identity.body), body.slice(0, PATTERN_REACH))?.[1];
}

/** Whether the body is needed for the verdict, or only for its length. */
export function looksAtBody(options: HttpOptions): boolean {
  return options.expect.body !== undefined || (options.identity !== undefined && 'body' in options.identity);
}

function inRange(status: number, range: number | string): boolean {
  if (typeof range === 'number') return status === range;
  const [first = Number.NaN, last = Number.NaN] = range.split('-').map(Number);
  return status >= first && status <= last;
}

function problemOfBody(body: string, rules: NonNullable<HttpOptions['expect']['body']>): string | undefined {
  const { include, exclude, match, notMatch, json } = rules;
  if (include !== undefined && !body.includes(include)) return `the body does not include ${JSON.stringify(include)}`;
  if (exclude !== undefined && body.includes(exclude)) return `the body includes ${JSON.stringify(exclude)}`;
  const start = body.slice(0, PATTERN_REACH);
  if (match !== undefined && search(patternOf(match), start) === null) return `the body does not match /${match}/`;
  if (notMatch !== undefined && search(patternOf(notMatch), start) !== null) return `the body matches /${notMatch}/`;
  return json === undefined ? undefined : problemOfJson(body, json);
}

function problemOfJson(body: string, rules: readonly ({ readonly path: string } & ValueRule)[]): string | undefined {
  const root = parsed(body);
  if (root === undefined) return 'the body is not JSON';
  for (const { path, ...rule } of rules) {
    const value = valueAt(root, parseJsonPath(path) ?? []);
    const problem = problemOf(value === undefined ? [] : [value], rule);
    if (problem !== undefined) return `${path} ${problem}`;
  }
  return undefined;
}

function parsed(text: string): unknown {
  try {
    // A byte order mark may be passed over (RFC 8259 section 8.1).
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}

/** What is wrong with the values of one name: of several, one must do; none may match what is forbidden. */
function problemOf(values: readonly unknown[], rule: Omit<ValueRule, 'path'>): string | undefined {
  const { equals, match, notMatch } = rule;
  const found = values.length === 0 ? 'is missing' : `is ${values.map(shown).join(', ')}`;
  if (rule.absent === true) return values.length === 0 ? undefined : `${found}, expected to be absent`;
  if (notMatch !== undefined) {
    return values.some((value) => matches(notMatch, value)) ? `${found}, which matches /${notMatch}/` : undefined;
  }
  if (match !== undefined) {
    return values.some((value) => matches(match, value)) ? undefined : `${found}, expected to match /${match}/`;
  }
  return values.some((value) => value === equals) ? undefined : `${found}, expected ${shown(equals)}`;
}

function matches(pattern: string, value: unknown): boolean {
  const text = typeof value === 'object' && value !== null ? undefined : String(value);
  return text !== undefined && matchesPattern(patternOf(pattern), text);
}

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return JSON.stringify(value) ?? 'nothing';
}
