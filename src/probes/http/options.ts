/** Options of the http probe, as YAML has them. */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isIP } from 'node:net';
import { z } from 'zod';
import { parseDuration } from '../../lib/duration.ts';
import { secretSchema } from '../secret-schema.ts';
import { patternSchema } from '../text-rule.ts';
import { parseJsonPath } from './json-path.ts';

/** Header names that the probe writes itself, and those whose values are secrets. Lower case. */
const OWN_HEADERS = ['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'expect'];
export const SECRET_HEADERS: readonly string[] = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie'];

const headerName = z.string().superRefine((name, context) => {
  const problem = thrownBy(() => validateHeaderName(name));
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  if (OWN_HEADERS.includes(name.toLowerCase())) {
    context.addIssue({ code: 'custom', message: `the probe sets ${name} itself; for Host see \`host\`` });
  }
});

const plainHeaderName = headerName.refine((name) => !SECRET_HEADERS.includes(name.toLowerCase()), {
  error: 'its value is a secret; use `secretHeaders`',
});

const headerValue = z
  .string()
  .refine((value) => isHeaderValue(value), { error: 'a header value has no line breaks or control characters' });

const statusSchema = z.union([
  z.int().min(100).max(599),
  z.string().regex(/^[1-5]\d\d-[1-5]\d\d$/, { error: 'a range of status codes is allowed, such as "200-299"' }),
]);

const ruleFields = {
  match: patternSchema.optional().describe('Regular expression that must match (first 512 characters).'),
  notMatch: patternSchema.optional().describe('Regular expression that must not match (first 512 characters).'),
  absent: z.literal(true).optional().describe('There must be no such value at all.'),
};

const exactlyOne = (rule: object) => Object.values(rule).filter((value) => value !== undefined).length === 1;

const headerRule = z
  .strictObject({ equals: z.string().optional().describe('The exact value.'), ...ruleFields })
  .refine(exactlyOne, { error: 'exactly one of `equals`, `match`, `notMatch` and `absent` is needed' });

const jsonRule = z
  .strictObject({
    path: z
      .string()
      .refine((text) => parseJsonPath(text) !== undefined, {
        error: "a path to one value is allowed: $.name, $['any name'], $.list[0], $.list[-1]",
      })
      .describe("Path to one value: `$.status`, `$.checks[0].ok`, `$['a name']`."),
    equals: z
      .union([z.string(), z.number(), z.boolean(), z.null()])
      .optional()
      .describe('The exact value, with its type: 1 is not "1".'),
    ...ruleFields,
  })
  .refine(({ path: _path, ...rule }) => exactlyOne(rule), {
    error: 'exactly one of `equals`, `match`, `notMatch` and `absent` is needed beside `path`',
  });

const bodySchema = z.strictObject({
  include: z.string().min(1).optional().describe('Text that the body must contain.'),
  exclude: z.string().min(1).optional().describe('Text that the body must not contain.'),
  match: patternSchema.optional().describe('Regular expression that the first 8192 characters must match.'),
  notMatch: patternSchema.optional().describe('Regular expression that the first 8192 characters must not match.'),
  json: z.array(jsonRule).min(1).optional().describe('Values of a JSON body; each rule must hold.'),
});

const expectSchema = z.strictObject({
  status: z
    .union([statusSchema, z.array(statusSchema).min(1)])
    .default('200-299')
    .describe('Status codes and ranges that are good. A redirect is good only if it is named here, or followed.'),
  headers: z
    .record(z.string().min(1), headerRule)
    .default({})
    .describe('What response headers must be, by name; of several values one must do.'),
  body: bodySchema.optional().describe('What the body must be, as UTF-8; nothing is decompressed.'),
  maxBytes: z.int().min(0).default(1_048_576).describe('Largest body, bytes; a larger one fails without being read.'),
});

const identitySchema = z.union([
  z.strictObject({ header: z.string().min(1).describe('Response header that holds it.') }),
  z.strictObject({
    body: patternSchema
      .refine((text) => groupsOf(text) === 1, { error: 'a pattern with exactly one group ( ) is allowed' })
      .describe('Regular expression with one group, which is the identity (first 8192 characters).'),
  }),
]);

const absolutePath = z.string().regex(/^\//, { error: 'an absolute path is allowed' });

const tlsSchema = z.strictObject({
  verify: z.boolean().default(true).describe('Whether the certificate must be valid for the name and trusted.'),
  ca: z
    .string()
    .startsWith('-----BEGIN ')
    .optional()
    .describe('Trusted CA certificates, PEM; instead of the public ones.'),
  caFile: absolutePath
    .optional()
    .describe('The same from a file, absolute path, read once per load of the configuration.'),
  clientCertFile: absolutePath
    .optional()
    .describe('Client certificate with its chain, PEM, absolute path; needs `clientKey`.'),
  clientKey: secretSchema.optional().describe('Private key of the client certificate, PEM, a secret reference.'),
  minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.2').describe('Oldest TLS version that is good.'),
  expiryMargin: z
    .string()
    .refine((text) => parseDuration(text) !== undefined, { error: 'a duration is allowed, such as `14d`' })
    .optional()
    .describe("Time for which the server's certificate must still be valid."),
  onExpiring: z
    .enum(['warn', 'fail'])
    .default('warn')
    .describe('Inside the margin: say so in the detail, or fail with `tls-expiring`.'),
});

const fields = z.strictObject({
  scheme: z.enum(['http', 'https']).default('http').describe('http or https.'),
  port: z.int().min(1).max(65_535).optional().describe('TCP port; default 80, with https 443.'),
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS']).default('GET').describe('Request method.'),
  path: z
    .string()
    .regex(/^\/[!"$-~]*$/, { error: 'a path from / on, without spaces or # is allowed' })
    .default('/')
    .describe('Path and query.'),
  host: z
    .string()
    .regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/, {
      error: 'a name or address, with or without port, is allowed',
    })
    .optional()
    .describe('Host header, sent as it stands, and the name for TLS; default: the address of the target.'),
  serverName: z
    .string()
    .regex(/^[A-Za-z0-9._-]+$/)
    .refine((name) => isIP(name) === 0, { error: 'a DNS name is allowed (RFC 6066 section 3)' })
    .optional()
    .describe('Name for TLS: sent as SNI and looked for in the certificate; default: that of `host`.'),
  headers: z.record(plainHeaderName, headerValue).default({}).describe('Request headers.'),
  secretHeaders: z
    .record(headerName, secretSchema)
    .default({})
    .describe('Request headers whose values are secrets, such as Authorization; secret references, never shown.'),
  body: z.string().optional().describe('Request body; not with GET or HEAD.'),
  expect: expectSchema.prefault({}).describe('What the response must be.'),
  identity: identitySchema
    .optional()
    .describe("Where the response tells who gave it, to be compared with the endpoint's `identity`."),
  redirects: z
    .enum(['none', 'follow', 'sameHost'])
    .default('none')
    .describe(
      'Whether a Location is followed: never, always, or only to the same host name. The connection always goes to the same target address: probes resolve no names.',
    ),
  maxRedirects: z.int().min(1).max(20).default(5).describe('Most redirects that are followed in one run.'),
  tls: tlsSchema.prefault({}).describe('How https is checked.'),
});

/** Options of one http probe after validation; secrets are resolved. */
export type HttpOptions = z.infer<typeof fields>;

/** A rule for a response header or a JSON value; exactly one field is set, beside `path`. */
export type ValueRule = z.infer<typeof jsonRule> | z.infer<typeof headerRule>;

/** The schema of `http:` in YAML. */
export const httpOptionsSchema = fields.superRefine((options, context) => {
  const problem = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  if (options.body !== undefined && (options.method === 'GET' || options.method === 'HEAD')) {
    problem(['body'], `${options.method} has no body; use POST or PUT`);
  }
  if (options.tls.ca !== undefined && options.tls.caFile !== undefined) {
    problem(['tls', 'caFile'], 'only one of `ca` and `caFile` is allowed');
  }
  if ((options.tls.clientCertFile === undefined) !== (options.tls.clientKey === undefined)) {
    problem(['tls', 'clientKey'], '`clientCertFile` and `clientKey` go together');
  }
  for (const [name, secret] of Object.entries(options.secretHeaders)) {
    if (!isHeaderValue(secret.reveal()))
      problem(['secretHeaders', name], 'the secret has line breaks or control characters');
  }
});

function isHeaderValue(value: string): boolean {
  return thrownBy(() => validateHeaderValue('x', value)) === undefined;
}

function thrownBy(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function groupsOf(pattern: string): number {
  try {
    return (new RegExp(`${pattern}|`, 'u').exec('')?.length ?? 1) - 1;
  } catch {
    return 0;
  }
}
