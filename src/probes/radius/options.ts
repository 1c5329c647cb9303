/** Options of the radius probe, as YAML has them. */
import { z } from 'zod';
import { parseDuration } from '../../lib/duration.ts';
import { canonicalAddress } from '../../lib/ip.ts';
import { secretSchema } from '../secret-schema.ts';
import { patternSchema, plainValueSchema } from '../text-rule.ts';
import { attributeNames, attributeNumber } from './dictionary.ts';

const octets = (least: number, most: number) =>
  z.string().refine((text) => Buffer.byteLength(text) >= least && Buffer.byteLength(text) <= most, {
    error: `must have ${least} to ${most} octets`,
  });

const attributeSchema = z
  .union([z.string(), z.int().min(1).max(255)])
  .refine((attribute) => attributeNumber(attribute) !== undefined, {
    error: `unknown attribute; allowed: a number from 1 to 255, or ${attributeNames.join(', ')}`,
  });

const expectedAttributeSchema = z
  .strictObject({
    attribute: attributeSchema.describe('Name (`Reply-Message`) or number (`18`) of the reply attribute.'),
    equals: plainValueSchema
      .optional()
      .describe('Exact value: text, decimal number, address, or lower-case hex for attributes without a text form.'),
    match: patternSchema.optional().describe('Regular expression that the value must match.'),
  })
  .refine((rule) => (rule.equals === undefined) !== (rule.match === undefined), {
    error: 'exactly one of `equals` and `match` is needed',
  });

const userSchema = z.strictObject({
  name: octets(1, 253).describe('User-Name.'),
  password: secretSchema
    .refine((password) => Buffer.byteLength(password.reveal()) <= 128, {
      error: 'a RADIUS password has at most 128 octets (RFC 2865 section 5.2)',
    })
    .describe('Password of the test user, a secret reference; at most 128 octets.'),
});

const fields = z.strictObject({
  port: z.int().min(1).max(65_535).optional().describe('UDP port; default 1812, with `accounting` 1813.'),
  secret: secretSchema.describe('Shared secret of this client, a secret reference.'),
  mode: z
    .enum(['statusServer', 'pap', 'chap'])
    .default('statusServer')
    .describe('What is sent: Status-Server (RFC 5997, no user needed), or an Access-Request with PAP or CHAP.'),
  accounting: z
    .boolean()
    .default(false)
    .describe('Ask the accounting service; only with `statusServer`. The answer must be an Accounting-Response.'),
  user: userSchema
    .optional()
    .describe('Test user; needed by `pap` and `chap`. A local one: it should not load a directory.'),
  nasIdentifier: octets(1, 253)
    .default('anytrack')
    .describe('NAS-Identifier, by which the server may know its probes.'),
  nasIpAddress: z
    .string()
    .refine((text) => canonicalAddress(text) !== undefined, { error: 'must be an IPv4 or IPv6 address' })
    .optional()
    .describe('NAS-IP-Address, or NAS-IPv6-Address for an IPv6 address.'),
  calledStationId: octets(1, 253).optional().describe('Called-Station-Id; only with `pap` and `chap`.'),
  callingStationId: octets(1, 253).optional().describe('Calling-Station-Id; only with `pap` and `chap`.'),
  messageAuthenticator: z
    .enum(['require', 'acceptMissing'])
    .default('require')
    .describe(
      'Whether an Access-Accept, -Reject or -Challenge must carry a Message-Authenticator (CVE-2024-3596). A wrong one is never accepted. Accounting-Responses have none by RFC 3579 and pass without.',
    ),
  accept: z
    .array(z.enum(['accept', 'reject', 'challenge', 'anyAuthentic']))
    .min(1)
    .default(['anyAuthentic'])
    .describe('Which authentic answers are good. Default: any of the three, since a server that says no is alive.'),
  tries: z
    .int()
    .min(1)
    .max(10)
    .default(1)
    .describe(
      'Requests sent in one run while nothing authentic has come, each with its own identifier and authenticator.',
    ),
  tryTimeout: z
    .string()
    .refine((text) => (parseDuration(text) ?? 0) > 0, { error: 'must be a duration above zero, such as `300ms`' })
    .optional()
    .describe('Time after which the next try is sent; default: the timeout of the probe divided by `tries`.'),
  expect: z
    .strictObject({
      attributes: z.array(expectedAttributeSchema).min(1).describe('Each must be met by one attribute of the reply.'),
    })
    .optional()
    .describe('What the reply must carry.'),
  identity: z
    .strictObject({
      attribute: attributeSchema.describe("Reply attribute whose value must be the endpoint's `identity`."),
    })
    .optional()
    .describe('How the reply tells which server gave it.'),
});

/** Options of one radius probe after validation; secrets are resolved. */
export type RadiusOptions = z.infer<typeof fields>;

/** The schema of `radius:` in YAML. */
export const radiusOptionsSchema = fields.superRefine((options, context) => {
  for (const { path, message } of contradictions(options)) context.addIssue({ code: 'custom', path: [path], message });
});

interface Contradiction {
  readonly path: keyof RadiusOptions;
  readonly message: string;
}

/** Options that are each right but do not go together. */
function contradictions(options: RadiusOptions): Contradiction[] {
  const found: Contradiction[] = [];
  const asksUser = options.mode !== 'statusServer';
  if (asksUser && options.user === undefined)
    found.push({ path: 'user', message: `mode ${options.mode} needs a user` });
  if (asksUser && options.accounting) {
    found.push({ path: 'accounting', message: 'only mode statusServer can ask the accounting service' });
  }
  if (options.accounting && options.accept.some((answer) => answer !== 'anyAuthentic')) {
    found.push({ path: 'accept', message: 'the accounting service has one answer; leave `accept` out' });
  }
  // RFC 5997 section 3: a Status-Server packet says nothing about users or sessions.
  for (const path of ['user', 'calledStationId', 'callingStationId'] as const) {
    if (!asksUser && options[path] !== undefined) {
      found.push({ path, message: 'does not belong into a Status-Server request; use mode pap or chap' });
    }
  }
  return found;
}
