/** What of a response is shown to an operator. */
import type { Run } from '../run.ts';
import { type Head, headerValues, statusText } from './judge.ts';
import { type HttpOptions, SECRET_HEADERS } from './options.ts';

/** Headers that explain a response, beside those that the options ask about. */
const TELLING_HEADERS = ['content-type', 'content-length', 'content-encoding', 'location', 'retry-after', 'server'];

/** Notes status line and telling headers. */
export function noteHead(head: Head, options: HttpOptions, run: Run): void {
  run.note(`< HTTP ${statusText(head)}`);
  for (const name of shownHeaders(options)) {
    for (const value of headerValues(head, name)) run.note(redacted(`< ${name}: ${value}`, options));
  }
}

/** Notes the first line of a body. */
export function noteBody(body: string, options: HttpOptions, run: Run): void {
  const line = /^[^\r\n]{1,200}/.exec(body)?.[0];
  if (line !== undefined) run.note(redacted(`< ${line}`, options));
}

/** The text without the secrets that were sent: a server may echo them. */
export function redacted(text: string, options: HttpOptions): string {
  return Object.values(options.secretHeaders).reduce(
    (shown, secret) => (secret.reveal() === '' ? shown : shown.replaceAll(secret.reveal(), secret.toString())),
    text,
  );
}

function shownHeaders(options: HttpOptions): string[] {
  const asked = Object.keys(options.expect.headers).map((name) => name.toLowerCase());
  const who =
    options.identity !== undefined && 'header' in options.identity ? [options.identity.header.toLowerCase()] : [];
  return [...new Set([...TELLING_HEADERS, ...asked, ...who])].filter((name) => !SECRET_HEADERS.includes(name));
}
