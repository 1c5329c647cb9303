/** The http probe: HTTP/1.1 and HTTPS to a given address, with Host and SNI apart from it. */
import { readFileSync } from 'node:fs';
import type { ProbeResult } from '../model.ts';
import type { ProbeContext, ProbeKind, ProbeTarget } from './contract.ts';
import { type Complaint, identityOf, judgeBody, judgeHead, statusText } from './http/judge.ts';
import { type HttpOptions, httpOptionsSchema } from './http/options.ts';
import { firstRequest, isFollowed, redirected } from './http/request.ts';
import { type ReadFile, TlsContexts } from './http/tls.ts';
import { noteBody, redacted } from './http/transcript.ts';
import { type Reply, Visit } from './http/visit.ts';
import { Run, watchDeadline } from './run.ts';

/** The http probe with its own way to read certificate files. */
export function httpProbe({ readFile }: { readFile: ReadFile }): ProbeKind<HttpOptions> {
  const contexts = new TlsContexts(readFile);
  return {
    kind: 'http',
    summary: 'HTTP or HTTPS request on a fresh connection; status, headers, body, JSON values, certificate.',
    schema: httpOptionsSchema,
    asksIdentity: (options) => options.identity !== undefined,
    describe: ({ method, scheme, host, port, path }) =>
      `${method} ${scheme}://${host ?? '(target)'}${port === undefined || host?.includes(':') ? '' : `:${port}`}${path}`,
    run: (target, options, context) => runHttp({ target, options, context, contexts, run: new Run(context) }),
  };
}

/** Asks a web server for a page and looks at the whole response. */
export const http: ProbeKind<HttpOptions> = httpProbe({ readFile: (path) => readFileSync(path, 'utf8') });

interface Session {
  readonly target: ProbeTarget;
  readonly options: HttpOptions;
  readonly context: ProbeContext;
  readonly contexts: TlsContexts;
  readonly run: Run;
}

function runHttp(session: Session): Promise<ProbeResult> {
  const { run, context, options, target } = session;
  if (options.identity !== undefined && target.identity === undefined) {
    return Promise.resolve(run.error('internal', 'identity is asked for, but the endpoint has none'));
  }
  if (context.signal.aborted) return Promise.resolve(run.error('aborted', 'cancelled before it started'));
  return new Promise((resolve) => {
    let visit: Visit | undefined;
    let over = false;
    const end = (result: ProbeResult) => {
      over = true;
      stopWatch();
      visit?.close();
      resolve(result);
    };
    const stopWatch = watchDeadline(context, {
      expire: () => end(run.fail('timeout', `no complete response within ${context.timeoutMs} ms`)),
      abort: () => end(run.error('aborted', 'the run was cancelled')),
    });
    const open = (next: Visit) => {
      visit = next;
      // The run may end between a reply and the page that it redirects to.
      if (over) next.close();
      return next.end();
    };
    converse(session, open).then(end, (error: unknown) => end(run.thrown(error)));
  });
}

/** Visits one page, and those it redirects to where the options want that. */
async function converse(session: Session, open: (visit: Visit) => Promise<Reply | ProbeResult>): Promise<ProbeResult> {
  const { target, options, run } = session;
  const wantsBody = (head: Reply['head']) => !isFollowed(head, options) && judgeHead(head, options) === undefined;
  let request = firstRequest(target.address, options);
  for (let hops = 0; hops <= options.maxRedirects; hops++) {
    const reply = await open(new Visit({ ...session, request, wantsBody }));
    if ('outcome' in reply) return reply;
    noteBody(reply.body, options, run);
    if (!isFollowed(reply.head, options)) return judged(reply, session);
    const next = redirected(request, reply.head, options);
    if ('problem' in next) return run.fail('redirect', redacted(next.problem, options));
    request = next;
  }
  return run.fail('redirect', `more than ${options.maxRedirects} redirects`);
}

function judged(reply: Reply, { options, target, run }: Session): ProbeResult {
  const complaint =
    judgeHead(reply.head, options) ?? judgeBody(reply.body, options) ?? wrongIdentity(reply, options, target.identity);
  if (complaint !== undefined) return run.fail(complaint.cause, redacted(complaint.detail, options));
  const detail = `${statusText(reply.head)}, ${reply.size} bytes`;
  return run.pass(reply.warning === undefined ? detail : `${detail}; ${reply.warning}`);
}

function wrongIdentity(reply: Reply, options: HttpOptions, expected: string | undefined): Complaint | undefined {
  if (options.identity === undefined) return undefined;
  const who = identityOf(reply.head, reply.body, options);
  if (who === expected) return undefined;
  return {
    cause: 'wrong-identity',
    detail: `answered by ${who ?? 'a server that does not say who it is'}, not ${expected}`,
  };
}
