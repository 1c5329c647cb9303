/** Keeps secrets out of whatever is written (promise 10), by the key they stand under and by their value. */
import { Secret } from '../lib/secret.ts';

/** Keys whose value is a secret wherever they stand. */
export const SECRET_KEYS = [
  'authKey',
  'community',
  'enablePassword',
  'passphrase',
  'password',
  'privKey',
  'privateKey',
  'secret',
  'sharedSecret',
  'token',
  'userPassword',
] as const;

const REDACTED = '[secret]';

/** A shorter text would be found inside innocent words, and hides nothing. */
const SHORTEST_SECRET = 4;

const KEYS: ReadonlySet<string> = new Set(SECRET_KEYS);

/** Replaces every occurrence of a known secret in a text. */
export type Redact = (text: string) => string;

/** Every Secret inside a value, however deep: the settings, the options of probes. */
export function secretsIn(value: unknown): readonly Secret[] {
  if (value instanceof Secret) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(secretsIn);
}

/** A redactor for these secrets. Lines of a secret of several lines (a private key) are found one by one. */
export function redactor(secrets: readonly Secret[]): Redact {
  const texts = secrets.flatMap((secret) => {
    const value = secret.reveal();
    const lines = value.split(/\r?\n/).filter((line) => line.length >= 16);
    return [value, value.trim(), ...lines].flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]);
  });
  const wanted = [...new Set(texts)].filter((text) => text.length >= SHORTEST_SECRET);
  // Longest first, so that a secret that contains another one goes as a whole.
  wanted.sort((a, b) => b.length - a.length);
  return (text) => wanted.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
}

/** JSON of a value in one line: what stands under a secret key replaced, known secrets taken out of every text and key. */
export function redactedJson(value: unknown, redact: Redact): string {
  const text = JSON.stringify(value, (key, inner: unknown) => {
    if (KEYS.has(key) && inner !== undefined) return REDACTED;
    if (inner instanceof Error) return { name: inner.name, message: redact(inner.message) };
    if (typeof inner === 'string') return redact(inner);
    // Clocks count in fractions that mean nothing: a microsecond is exact enough for milliseconds.
    if (typeof inner === 'number') return Math.round(inner * 1000) / 1000;
    return isRecord(inner) ? redactKeys(inner, redact) : inner;
  });
  return text ?? 'null';
}

/** A finished JSON line without known secrets. Taken apart first: a secret of digits must not break a number. */
export function redactLine(line: string, redact: Redact): string {
  return redact(line) === line ? line : `${redactedJson(JSON.parse(line), redact)}\n`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function redactKeys(record: Readonly<Record<string, unknown>>, redact: Redact): Readonly<Record<string, unknown>> {
  if (Object.keys(record).every((key) => redact(key) === key)) return record;
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [redact(key), value]));
}
