/** PURE: whether a message is what the options expect, and if not, why. */
import { rangeContains } from '../../lib/ip.ts';
import type { FailCause } from '../../model.ts';
import { matchesPattern } from '../pattern.ts';
import { patternOf } from '../text-rule.ts';
import type { DnsMessage, DnsRecord } from './message.ts';
import { type DnsOptions, FLAGS } from './options.ts';
import type { Query } from './query.ts';
import { canonicalAnswer } from './rdata.ts';

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
  /** Answers that must be there, and whether no other may be. */
  readonly needed: readonly string[];
  readonly only: boolean;
  readonly match: RegExp | undefined;
  readonly within: readonly string[] | undefined;
  readonly minTtl: number;
}

export function expectationOf({ type, expect }: DnsOptions): Expectation {
  const { answers, flags } = expect;
  const needed = [...(answers.exact ?? []), ...(answers.include ?? [])];
  return {
    rcodes: expect.rcode,
    requiredFlags: flags.require.reduce((bits, flag) => bits | FLAGS[flag], 0),
    forbiddenFlags: flags.forbid.reduce((bits, flag) => bits | FLAGS[flag], 0),
    min: answers.min,
    max: answers.max ?? Number.POSITIVE_INFINITY,
    needed: needed.map((text) => canonicalAnswer(type, text)),
    only: answers.exact !== undefined,
    match: answers.match === undefined ? undefined : patternOf(answers.match),
    within: answers.within,
    minTtl: expect.minTtl ?? 0,
  };
}

/**
 * Looks at response code, flags, answers and TTL, in this order; undefined = all as expected.
 * @param answers those records of the message that answer the query (`answersTo`)
 */
export function judge(
  message: DnsMessage,
  answers: readonly DnsRecord[],
  expectation: Expectation,
): Objection | undefined {
  const wrongHead = judgeRcode(message.rcode, expectation.rcodes) ?? judgeFlags(message.flags, expectation);
  if (wrongHead !== undefined || message.rcode !== 'NOERROR') return wrongHead;
  return judgeAnswers(answers, message.answers.length, expectation) ?? judgeTtl(answers, expectation.minTtl);
}

/**
 * The records that answer the query: of the asked type, owned by the name at the end of the CNAME chain
 * that starts at the asked name (RFC 1034 3.6.2).
 */
export function answersTo(query: Query, records: readonly DnsRecord[]): DnsRecord[] {
  const name = query.type === 'CNAME' || query.type === 'ANY' ? query.name : endOfChain(query, records);
  return records.filter(
    (record) =>
      record.name === name && record.class === query.class && (record.type === query.type || query.type === 'ANY'),
  );
}

/** Where the CNAME records lead; undefined if they run in a circle: each can be followed once only. */
function endOfChain(query: Query, records: readonly DnsRecord[]): string | undefined {
  let { name } = query;
  for (let hops = 0; hops <= records.length; hops++) {
    const alias = records.find((r) => r.type === 'CNAME' && r.name === name && r.class === query.class);
    if (alias === undefined) return name;
    name = alias.text;
  }
  return undefined;
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
  const { min, max, needed, only, match, within } = expected;
  if (texts.length < min) return `${texts.length} answers, at least ${min} expected`;
  if (texts.length > max) return `${texts.length} answers, at most ${max} expected`;
  const missing = needed.find((text) => !texts.includes(text));
  if (missing !== undefined) return `${missing} is missing among: ${listed(texts)}`;
  const extra = only ? texts.find((text) => !needed.includes(text)) : undefined;
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
