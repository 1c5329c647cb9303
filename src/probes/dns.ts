import { familyOf } from '../lib/ip.ts';
import type { ProbeResult } from '../model.ts';
import type { ProbeContext, ProbeKind, ProbeTarget } from './contract.ts';
import { answersTo, type Expectation, expectationOf, judge, listed } from './dns/judge.ts';
import { Line } from './dns/line.ts';
import type { DnsMessage, DnsRecord } from './dns/message.ts';
import { type DnsOptions, dnsOptions, FLAGS } from './dns/options.ts';
import { identityQuery, mainQuery, type Query } from './dns/query.ts';
import { Run, watchDeadline } from './run.ts';

/**
 * Asks a DNS server one question and looks at every part of the answer (RFC 1035, EDNS RFC 6891, NSID RFC 5001,
 * CH TXT identity RFC 4892). One connected socket, one random id and one source port per run; what is not the
 * answer to the question asked is noted and ignored.
 */
export const dns: ProbeKind<DnsOptions> = {
  kind: 'dns',
  summary: 'A DNS query over UDP (TCP on truncation) or TCP: response code, answers, flags, TTL and who answered.',
  schema: dnsOptions,
  asksIdentity: (options) => options.expect.identity !== undefined,
  describe: ({ name, type, class: recordClass }) => `${recordClass === 'CH' ? 'CH ' : ''}${type} ${name}`,
  run: runDns,
};

/** What is worked out once per options, so that a run costs little more than its socket. */
interface Plan {
  readonly query: Query;
  readonly identityQuery: Query | undefined;
  readonly expectation: Expectation;
  /** What is asked, for the transcript: `anycast.example.com IN A +rd +edns=1232`. */
  readonly headline: string;
}

const plans = new WeakMap<DnsOptions, Plan>();

function planOf(options: DnsOptions): Plan {
  let plan = plans.get(options);
  if (plan === undefined) {
    const query = mainQuery(options);
    plan = {
      query,
      identityQuery: identityQuery(options),
      expectation: expectationOf(options),
      headline: `${query.label}${settingsOf(options)}`,
    };
    plans.set(options, plan);
  }
  return plan;
}

function runDns(target: ProbeTarget, options: DnsOptions, context: ProbeContext): Promise<ProbeResult> {
  const run = new Run(context);
  if (context.signal.aborted) return Promise.resolve(run.error('aborted', 'cancelled before it started'));
  return new Promise((resolve) => {
    const line = new Line({ target, port: options.port, transport: options.transport, context, run });
    const end = (result: ProbeResult) => {
      stop();
      line.close();
      resolve(result);
    };
    const stop = watchDeadline(context, {
      expire: () => end(run.fail('timeout', `no answer within ${context.timeoutMs} ms`)),
      abort: () => end(run.error('aborted', 'cancelled')),
    });
    converse({ target, options, run, line }).then(end, (error: unknown) => end(run.thrown(error)));
  });
}

interface Conversation {
  readonly target: ProbeTarget;
  readonly options: DnsOptions;
  readonly run: Run;
  readonly line: Line;
}

async function converse({ target, options, run, line }: Conversation): Promise<ProbeResult> {
  const plan = planOf(options);
  run.note(`; ${options.transport} to ${at(target.address, options.port)}: ${plan.headline}`);
  const answer = await line.ask(plan.query);
  if (answer.kind === 'malformed') return run.fail('malformed', `the answer is malformed: ${answer.why}`);
  noteAnswer(run, answer.message);
  const answers = answersTo(plan.query, answer.message.answers);
  const objection = judge(answer.message, answers, plan.expectation);
  if (objection !== undefined) return run.fail(objection.cause, objection.detail);
  const detail = summaryOf(answer.message.rcode, answers);
  if (options.expect.identity === undefined) return run.pass(detail);
  if (plan.identityQuery === undefined)
    return judgeIdentity(run, target, answer.message.nsid?.toString('utf8'), detail);

  run.note(`; ${plan.identityQuery.label}`);
  const identity = await line.ask(plan.identityQuery);
  if (identity.kind === 'malformed') return run.fail('malformed', `the identity is malformed: ${identity.why}`);
  noteAnswer(run, identity.message);
  return judgeIdentity(run, target, answersTo(plan.identityQuery, identity.message.answers)[0]?.text, detail);
}

function judgeIdentity(run: Run, target: ProbeTarget, who: string | undefined, detail: string): ProbeResult {
  if (target.identity === undefined) return run.error('internal', 'identity is asked for, but the endpoint has none');
  if (who === target.identity) return run.pass(`${detail}, by ${who}`);
  return run.fail(
    'wrong-identity',
    `answered by ${who ?? 'a server that does not say who it is'}, not ${target.identity}`,
  );
}

function summaryOf(rcode: string, answers: readonly DnsRecord[]): string {
  if (answers.length === 0) return `${rcode}, no answer`;
  const count = answers.length === 1 ? '1 answer' : `${answers.length} answers`;
  return `${rcode}, ${count}: ${listed(answers.map((record) => record.text))}`;
}

function noteAnswer(run: Run, message: DnsMessage): void {
  run.note(`; ${message.rcode}, flags ${flagNames(message.flags)}`);
  for (const { name, ttl, class: recordClass, type, text } of message.answers)
    run.note(`${name === '.' ? '' : name}. ${ttl} ${recordClass} ${type} ${text}`);
  if (message.nsid !== undefined) run.note(`; NSID ${message.nsid.toString('utf8')}`);
}

/** Set flags as dig writes them: `rd ra`. */
function flagNames(flags: number): string {
  const set = Object.entries(FLAGS).filter(([, bit]) => (flags & bit) !== 0);
  return set.length === 0 ? 'none' : set.map(([name]) => name.toLowerCase()).join(' ');
}

function settingsOf(options: DnsOptions): string {
  const flags = [
    options.recursionDesired && ' +rd',
    options.dnssecOk && ' +do',
    options.checkingDisabled && ' +cd',
    options.ednsSize > 0 && ` +edns=${options.ednsSize}`,
    options.expect.identity === 'nsid' && ' +nsid',
  ];
  return flags.filter(Boolean).join('');
}

function at(address: string, port: number): string {
  return familyOf(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}
