/** What is asked at each step of a run, redirects included. Pure. */
import { isIP } from 'node:net';
import { type Family, familyOf } from '../../lib/ip.ts';
import { type Head, headerValues, statusText } from './judge.ts';
import type { HttpOptions } from './options.ts';

/** One request, with where it is sent beside the target's address. */
export interface HttpRequest {
  readonly scheme: 'http' | 'https';
  readonly port: number;
  /** Host header, as sent. */
  readonly host: string;
  /** Name for SNI and for the certificate; undefined where the host is an address. */
  readonly serverName: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const DEFAULT_PORT = { http: 80, https: 443 } as const;
const REDIRECTS = [301, 302, 303, 307, 308];

/** The first request of a run. */
export function firstRequest(address: string, options: HttpOptions): HttpRequest {
  const { scheme, method, path, body } = options;
  const port = options.port ?? DEFAULT_PORT[scheme];
  const host = options.host ?? authority(address, familyOf(address), port === DEFAULT_PORT[scheme] ? undefined : port);
  return {
    scheme,
    port,
    host,
    serverName: serverNameOf(options.serverName ?? host),
    method,
    path,
    headers: { ...options.headers, ...revealed(options) },
    body,
  };
}

/** Whether this response is a redirect that the options want followed. */
export function isFollowed(head: Head, options: HttpOptions): boolean {
  return options.redirects !== 'none' && REDIRECTS.includes(head.status);
}

/**
 * The request that a redirect leads to, or why it is not followed. The address stays; scheme, port, Host and SNI follow
 * the Location. Secret headers go to the same origin only.
 */
export function redirected(
  from: HttpRequest,
  head: Head,
  options: HttpOptions,
): HttpRequest | { readonly problem: string } {
  const location = headerValues(head, 'location')[0];
  if (location === undefined) return { problem: `${statusText(head)} without Location` };
  const here = new URL(`${from.scheme}://${from.host}`);
  const to = URL.parse(location, new URL(from.path, here).href);
  const problem = refusal(here, to, options);
  if (to === null || problem !== undefined) return { problem: `Location ${location} ${problem}` };

  const scheme = to.protocol === 'https:' ? 'https' : 'http';
  const sameOrigin = to.origin === here.origin;
  return {
    ...methodAfter(from, head.status),
    scheme,
    // A server on a port of its own may not know it: what stays on its origin stays on this port.
    port: sameOrigin ? from.port : Number(to.port) || DEFAULT_PORT[scheme],
    host: sameOrigin ? from.host : to.host,
    serverName: to.hostname === here.hostname ? from.serverName : serverNameOf(to.host),
    path: `${to.pathname}${to.search}`,
    headers: sameOrigin ? from.headers : options.headers,
  };
}

/** Why a Location is not followed, or undefined. */
function refusal(here: URL, to: URL | null, options: HttpOptions): string | undefined {
  if (to === null || (to.protocol !== 'http:' && to.protocol !== 'https:')) return 'is no http or https URL';
  if (here.protocol === 'https:' && to.protocol === 'http:') return 'leads from https to http';
  if (options.redirects === 'follow' || to.hostname === here.hostname) return undefined;
  return `leads to another host than ${here.hostname}`;
}

/** RFC 9110 section 15.4: 303 makes everything but HEAD a GET, 301 and 302 make a POST one; a GET has no body. */
function methodAfter({ method, body }: HttpRequest, status: number): Pick<HttpRequest, 'method' | 'body'> {
  const becomesGet = status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST';
  return becomesGet ? { method: 'GET', body: undefined } : { method, body };
}

/** Host and port as a URL and a Host header have them: `[::1]:8080`. */
function authority(address: string, family: Family, port?: number): string {
  return `${family === 6 ? `[${address}]` : address}${port === undefined ? '' : `:${port}`}`;
}

/** The host of a Host header without port and brackets. */
export function bareHost(host: string): string {
  return host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}

/** SNI carries names only, and those without a trailing dot (RFC 6066 section 3): Go's servers refuse the dot. */
function serverNameOf(host: string): string | undefined {
  const name = bareHost(host).replace(/\.$/, '');
  return isIP(name) === 0 ? name : undefined;
}

function revealed(options: HttpOptions): Record<string, string> {
  return Object.fromEntries(Object.entries(options.secretHeaders).map(([name, secret]) => [name, secret.reveal()]));
}
