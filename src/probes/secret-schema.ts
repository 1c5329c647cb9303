/** How options say "a secret stands here", for probe kinds and for the settings alike. */
import { z } from 'zod';
import { Secret } from '../lib/secret.ts';

const oneKey = (key: string, description: string) => ({
  type: 'object',
  properties: { [key]: { type: 'string', minLength: 1, description } },
  required: [key],
  additionalProperties: false,
});

/** What an editor sees: the reference as it is written in YAML, `{ file: path }`, `{ env: NAME }` or `{ credential: name }`. */
const REFERENCE_JSON_SCHEMA = {
  title: 'a secret reference',
  oneOf: [
    oneKey('file', 'Path of a file that holds the secret, relative to the file that names it; not readable by others.'),
    oneKey('env', 'Name of an environment variable that holds the secret.'),
    oneKey('credential', 'Name of a systemd credential: a file in $CREDENTIALS_DIRECTORY.'),
  ],
} as const;

/** The message of a value that is not a Secret; by it the settings know where a reference is to be resolved. */
export const NOT_A_SECRET = 'secrets are references: { file: path }, { env: NAME } or { credential: name }';

/**
 * A secret. In YAML it is a reference; the settings resolve it, so that what a probe's `run` gets is a `Secret`.
 * Use it as any schema: `secretSchema.describe('Shared secret.')`, `secretSchema.optional()`.
 */
export const secretSchema = z.instanceof(Secret, { error: NOT_A_SECRET }).meta(REFERENCE_JSON_SCHEMA);
