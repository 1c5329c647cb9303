/** Judges a reply that is already known to be authentic. Pure. */
import type { FailCause } from '../../model.ts';
import { describeRule, satisfies } from '../text-rule.ts';
import { attributeName, attributeNumber, CODE, codeName, valueText } from './dictionary.ts';
import type { RadiusOptions } from './options.ts';
import { type Packet, valuesOf } from './packet.ts';

/** Good, or why not, with one sentence for the operator. */
export type Judgement = { readonly good: true; readonly detail: string } | Complaint;

interface Complaint {
  readonly good: false;
  readonly cause: FailCause;
  readonly detail: string;
}

/**
 * Whether an authentic reply is what the options ask for: its code, then its attributes, then who gave it.
 * @param identity the endpoint's identity, compared where the options ask for it
 */
export function judgeReply(reply: Packet, options: RadiusOptions, identity: string | undefined): Judgement {
  return (
    wrongCode(reply, options) ??
    wrongAttribute(reply, options) ??
    wrongIdentity(reply, options, identity) ?? { good: true, detail: summary(reply) }
  );
}

const ANSWERS = {
  [CODE.accessAccept]: { answer: 'accept', cause: 'access-accept' },
  [CODE.accessReject]: { answer: 'reject', cause: 'access-reject' },
  [CODE.accessChallenge]: { answer: 'challenge', cause: 'access-challenge' },
} as const;

function wrongCode(reply: Packet, options: RadiusOptions): Complaint | undefined {
  if (options.accounting) {
    if (reply.code === CODE.accountingResponse) return undefined;
    return complaint('wrong-code', `${codeName(reply.code)}, expected Accounting-Response`);
  }
  const known = isAnswer(reply.code) ? ANSWERS[reply.code] : undefined;
  if (known === undefined) return complaint('wrong-code', `${codeName(reply.code)} is no answer to this request`);
  if (options.accept.includes('anyAuthentic') || options.accept.includes(known.answer)) return undefined;
  return complaint(known.cause, `${summary(reply)}; accepted: ${options.accept.join(', ')}`);
}

function isAnswer(code: number): code is keyof typeof ANSWERS {
  return code in ANSWERS;
}

function wrongAttribute(reply: Packet, options: RadiusOptions): Complaint | undefined {
  for (const rule of options.expect?.attributes ?? []) {
    const { name, values } = textsOf(reply, rule.attribute);
    if (values.some((value) => satisfies(value, rule))) continue;
    return complaint('attribute-mismatch', `${name} is ${listed(values)}, expected ${describeRule(rule)}`);
  }
  return undefined;
}

function wrongIdentity(reply: Packet, options: RadiusOptions, identity: string | undefined): Complaint | undefined {
  if (options.identity === undefined) return undefined;
  const { name, values } = textsOf(reply, options.identity.attribute);
  if (identity !== undefined && values.includes(identity)) return undefined;
  return complaint('wrong-identity', `${name} is ${listed(values)}, expected ${JSON.stringify(identity ?? '')}`);
}

function textsOf(reply: Packet, attribute: string | number) {
  const type = attributeNumber(attribute) ?? 0;
  return { name: attributeName(type), values: valuesOf(reply, type).map((value) => valueText(type, value)) };
}

function listed(values: readonly string[]): string {
  return values.length === 0 ? 'missing' : values.map((value) => JSON.stringify(value)).join(', ');
}

/** `Access-Reject: "no such user"`. */
function summary(reply: Packet): string {
  const { values } = textsOf(reply, 'Reply-Message');
  return values.length === 0 ? codeName(reply.code) : `${codeName(reply.code)}: ${listed(values)}`;
}

function complaint(cause: FailCause, detail: string): Complaint {
  return { good: false, cause, detail };
}
