/** PURE: whether a message is what the options expect, and if not, why. */
import { rangeContains } from '../../lib/ip.ts';
import type { FailCause } from '../../model.ts';
import { matchesPattern } from '../pattern.ts';
import { patternOf } from '../text-rule.ts';
import type { DnsMessage, DnsRecord } from './message.ts';
import { type DnsOptions, FLAGS } from './options.ts';
import type { Query } from './query.ts';
import { canonicalAnswer, canonicalName } from './rdata.ts';

/** Why a message is not right; `detail` is a sentence for the operator. */
export interface Objection {
  readonly cause: FailCause;
  readonly detail: string;
}

/** What is expected, in the form in which answers are compared. Made once per options. */
export interface Expectation {
  readonly rcodes: readonly string[];
  readonly requiredFlags: number;
  readonly forbiddenFlags: number;
  readonly min: number;
  readonly max: number;
  readonly exact: ReadonlySet<string> | undefined;
  readonly include: readonly string[];
  readonly match: RegExp | undefined;
  readonly within: readonly string[] | undefined;
  readonly minTtl: number;
}

export function expectationOf({ type, expect }: DnsOptions): Expectation {
  const { answers, flags } = expect;
  const canonical = (texts: readonly string[]) => texts.map((text) => canonicalAnswer(type, text));
  return {
    rcodes: expect.rcode,
    requiredFlags: flags.require.reduce((bits, flag) => bits | FLAGS[flag], 0),
    forbiddenFlags: flags.forbid.reduce((bits, flag) => bits | FLAGS[flag], 0),
    min: answers.min,
    max: answers.max ?? Number.POSITIVE_INFINITY,
    exact: answers.exact && new Set(canonical(answers.exact)),
    include: canonical(answers.include ?? []),
    match: answers.match === undefined ? undefined : patternOf(answers.match),
    within: answers.within,
    minTtl: expect.minTtl ?? 0,
  };
}

/** Looks at response code, flags, answers and TTL, in this order; undefined = all as expected. */
export function judge(message: DnsMessage, query: Query, expectation: Expectation): Objection | undefined {
  const wrongRcode = judgeRcode(message.rcode, expectation.rcodes);
  if (wrongRcode !== undefined) return wrongRcode;
  const wrongFlags = judgeFlags(message.flags, expectation);
  if (wrongFlags !== undefined) return wrongFlags;
  if (message.rcode !== 'NOERROR') return undefined;
  const answers = answersTo(query, message.answers);
  return judgeAnswers(answers, message.answers.length, expectation) ?? judgeTtl(answers, expectation.minTtl);
}

/**
 * The records that answer the query: of the asked type, owned by the name at the end of the CNAME chain
 * that starts at the asked name (RFC 1034 3.6.2). A chain that runs in a circle ends nowhere.
 */
export function answersTo(query: Query, records: readonly DnsRecord[]): DnsRecord[] {
  const own = records.filter((record) => record.class === query.class);
  let name = query.name;
  if (query.type !== 'CNAME' && query.type !== 'ANY') {
    for (let hops = 0; hops <= own.length; hops++) {
      const alias = own.find((record) => record.type === 'CNAME' && record.name === name);
      if (alias === undefined) break;
      name = canonicalName(alias.text);
    }
  }
  return own.filter((record) => record.name === name && (record.type === query.type || query.type === 'ANY'));
}

function judgeRcode(rcode: string, expected: readonly string[]): Objection | undefined {
  if (expected.includes(rcode)) return undefined;
  const detail = `${rcode}, expected ${expected.join(' or ')}`;
  if (rcode === 'NXDOMAIN') return { cause: 'nxdomain', detail };
  if (rcode === 'SERVFAIL') return { cause: 'servfail', detail };
  return { cause: 'wrong-rcode', detail };
}

function judgeFlags(flags: number, { requiredFlags, forbiddenFlags }: Expectation): Objection | undefined {
  const missing = namesOfFlags(requiredFlags & ~flags);
  const unwanted = namesOfFlags(forbiddenFlags & flags);
  if (missing === '' && unwanted === '') return undefined;
  const parts = [missing && `${missing} not set`, unwanted && `${unwanted} set`].filter(Boolean);
  return { cause: 'wrong-flags', detail: `flags: ${parts.join(', ')}` };
}

function namesOfFlags(bits: number): string {
  if (bits === 0) return '';
  const set = Object.entries(FLAGS).filter(([, bit]) => (bits & bit) !== 0);
  return set.map(([name]) => name).join(' ');
}

function judgeAnswers(answers: readonly DnsRecord[], inAll: number, expected: Expectation): Objection | undefined {
  if (answers.length === 0 && expected.min > 0) {
    const others = inAll === 0 ? 'no record' : `${inAll} records, none of the asked name and type`;
    return { cause: 'no-answer', detail: `NOERROR, but ${others}` };
  }
  const wrong = wrongAnswer(
    answers.map((record) => record.text),
    expected,
  );
  return wrong === undefined ? undefined : { cause: 'wrong-answer', detail: wrong };
}

function wrongAnswer(texts: readonly string[], expected: Expectation): string | undefined {
  const { min, max, exact, include, match, within } = expected;
  if (texts.length < min) return `${texts.length} answers, at least ${min} expected`;
  if (texts.length > max) return `${texts.length} answers, at most ${max} expected`;
  const missing = [...(exact ?? []), ...include].find((text) => !texts.includes(text));
  if (missing !== undefined) return `${missing} is missing among: ${listed(texts)}`;
  const extra = exact && texts.find((text) => !exact.has(text));
  if (extra !== undefined) return `${extra} was not expected`;
  if (match !== undefined && !texts.some((text) => matchesPattern(match, text)))
    return `none matches ${match.source}: ${listed(texts)}`;
  const outside = within && texts.find((text) => !within.some((prefix) => rangeContains(prefix, text)));
  if (outside !== undefined) return `${outside} lies outside ${within?.join(', ')}`;
  return undefined;
}

function judgeTtl(answers: readonly DnsRecord[], minTtl: number): Objection | undefined {
  const low = answers.find((record) => record.ttl < minTtl);
  return low && { cause: 'low-ttl', detail: `TTL ${low.ttl} s, at least ${minTtl} s expected` };
}

/** The first few texts of a list, for a sentence. */
export function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, 5).join(', ');
  return texts.length > 5 ? `${shown} and ${texts.length - 5} more` : shown;
}
