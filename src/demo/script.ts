/** What the demo breaks and mends, and what has to be seen each time. */
import { ROUTE_LINES } from './ios-router/faults.ts';
import type { Entry } from './timeline.ts';
import type { EndpointName, World } from './world.ts';

const RESOLVERS = ['resolver-10.0.0.1', 'resolver-v6'] as const;
const WEB = 'web-10.0.0.2';
const RADIUS = 'radius-10.0.0.3';

/** One act: something breaks on one endpoint, the routes of its policies go; it is mended, they come back. */
export interface Step {
  readonly title: string;
  readonly endpoint: EndpointName;
  readonly policies: readonly string[];
  /** Cause that the probe must name, per policy. */
  readonly causes: readonly string[];
  /** Sentences for the timeline. */
  readonly broken: string;
  readonly mended: string;
  break(world: World): void;
  mend(world: World): void;
  /** Beyond the usual: what else must be seen while broken. */
  readonly also?: readonly Expectation[];
}

/** Something that must be seen; `what` is printed where it was not. */
export interface Expectation {
  readonly what: string;
  seen(entries: readonly Entry[]): boolean;
}

export const STEPS: readonly Step[] = [
  {
    title: 'DNS stops answering',
    endpoint: 'a',
    policies: RESOLVERS,
    causes: ['timeout'],
    broken: 'the name server of endpoint a takes queries and answers none',
    mended: 'the name server of endpoint a answers again',
    break: ({ endpoints }) => {
      endpoints.a.dns.switches.silent = true;
    },
    mend: ({ endpoints }) => {
      endpoints.a.dns.switches.silent = false;
    },
  },
  {
    title: 'HTTP answers 500',
    endpoint: 'b',
    policies: [WEB],
    causes: ['http-status'],
    broken: 'the web server of endpoint b answers 500 Internal Server Error',
    mended: 'the web server of endpoint b answers 200 again',
    break: ({ endpoints }) => {
      endpoints.b.http.switches.status = 500;
    },
    mend: ({ endpoints }) => {
      endpoints.b.http.switches.status = 200;
    },
  },
  {
    title: 'RADIUS has the wrong secret',
    endpoint: 'a',
    policies: [RADIUS],
    causes: ['wrong-authenticator', 'timeout'],
    broken: 'the RADIUS server of endpoint a proves its answers with another secret',
    mended: 'the RADIUS server of endpoint a has the right secret again',
    break: ({ endpoints }) => {
      endpoints.a.radius.switches.wrongAnswerSecret = true;
    },
    mend: ({ endpoints }) => {
      endpoints.a.radius.switches.wrongAnswerSecret = false;
    },
  },
  {
    title: 'an endpoint hangs',
    endpoint: 'b',
    policies: [...RESOLVERS, WEB, RADIUS],
    causes: ['timeout'],
    broken: 'endpoint b is frozen: the kernel completes TCP handshakes, no service says a word',
    mended: 'endpoint b is thawed',
    break: ({ endpoints }) => endpoints.b.hang(true),
    mend: ({ endpoints }) => endpoints.b.hang(false),
  },
  {
    title: 'the router drops the session in the middle of a change',
    endpoint: 'a',
    policies: [WEB],
    causes: ['http-status'],
    broken:
      'the web server of endpoint a answers 503, and edge1 cuts the session after it took the line, before its reply',
    mended: 'the web server of endpoint a answers 200 again',
    break: ({ endpoints, router }) => {
      router.faults.loseSession = { when: 'after', on: ROUTE_LINES, times: 1 };
      endpoints.a.http.switches.status = 503;
    },
    mend: ({ endpoints }) => {
      endpoints.a.http.switches.status = 200;
    },
    also: [
      { what: 'edge1: session down', seen: (entries) => entries.some(isSession('down')) },
      { what: 'edge1: session up again', seen: (entries) => entries.some(isSession('up')) },
    ],
  },
];

function isSession(state: string): (entry: Entry) => boolean {
  return (entry) => entry.kind === 'session' && entry.code === state;
}

/** Everything that must be seen after a break. */
export function expectationsOfBreak(step: Step): readonly Expectation[] {
  return [
    ...step.policies.flatMap((policy) => [
      expect(step, policy, `a probe that names ${step.causes.join(' or ')}`, 'probe', (code) =>
        step.causes.includes(code),
      ),
      expect(step, policy, 'the track going down', 'track', (code) => code === 'down'),
      expect(step, policy, 'the verdict withdraw', 'verdict', (code) => code === 'withdraw'),
      ...change(step, policy, 'remove'),
    ]),
    ...(step.also ?? []),
  ];
}

/** Everything that must be seen after a repair. */
export function expectationsOfRepair(step: Step): readonly Expectation[] {
  return step.policies.flatMap((policy) => [
    expect(step, policy, 'a probe that passes', 'probe', (code) => code === 'pass' || code === 'late'),
    expect(step, policy, 'the track going up', 'track', (code) => code === 'up'),
    expect(step, policy, 'the verdict announce', 'verdict', (code) => code === 'announce'),
    ...change(step, policy, 'add'),
  ]);
}

/** The start: every policy's routes to both endpoints appear. */
export function expectationsOfStart(): readonly Expectation[] {
  const all = [...RESOLVERS, WEB, RADIUS];
  return (['a', 'b'] as const).flatMap((endpoint) => all.flatMap((policy) => change({ endpoint }, policy, 'add')));
}

function change(step: Pick<Step, 'endpoint'>, policy: string, op: 'add' | 'remove'): readonly Expectation[] {
  return [
    expect(step, policy, `the lines that ${op} its route`, 'sent', (code) => code === op),
    expect(step, policy, 'a read-back that proves it', 'readBack', (code) => code === 'done'),
    expect(step, policy, 'the notification of the change', 'trap', (code) => code === 'anytrackRouteChange'),
  ];
}

function expect(
  { endpoint }: Pick<Step, 'endpoint'>,
  policy: string,
  what: string,
  kind: Entry['kind'],
  fits: (code: string) => boolean,
): Expectation {
  const seen = (entry: Entry) =>
    entry.kind === kind && entry.policy === policy && entry.endpoint === endpoint && fits(entry.code ?? '');
  return { what: `${policy} ${endpoint}: ${what}`, seen: (entries) => entries.some(seen) };
}
