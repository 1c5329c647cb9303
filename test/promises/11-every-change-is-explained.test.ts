/** Promise 11: every change is explained: results, thresholds, policy, lines sent, the router's answer, how long each step took. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ROUTE_LINES } from '../../src/demo/ios-router/faults.ts';
import { program } from '../support/real.ts';
import { ProcessWorld } from './process-world.ts';
import { until } from './until.ts';
import { writes } from './wire.ts';

const Exchange = z.strictObject({ sent: z.string().min(1), received: z.string(), ms: z.number().nonnegative() });
const Result = z.object({
  outcome: z.enum(['pass', 'late', 'fail', 'error']),
  cause: z.string().optional(),
  detail: z.string().min(1),
  startedAt: z.number().positive(),
  phases: z.object({ total: z.number().nonnegative() }),
  transcript: z.array(z.string()),
});
const Evidence = z.strictObject({ probe: z.string(), target: z.string(), result: Result });

/** One line of the audit file about a route, with all that must stand there. Written apart from the program's own types. */
const Line = z.object({
  time: z.iso.datetime(),
  type: z.literal('routeChanged'),
  policy: z.string().min(1),
  report: z.strictObject({
    router: z.literal('edge1'),
    change: z.object({
      op: z.enum(['add', 'remove']),
      key: z.object({ vrf: z.string(), prefix: z.string(), nextHop: z.string() }),
      attributes: z.object({ tag: z.literal(4200) }),
      policy: z.string(),
      endpoint: z.enum(['a', 'b']),
      reason: z.enum(['endpoint-up', 'endpoint-down']),
    }),
    outcome: z.literal('done'),
    detail: z.string().min(1),
    sent: z.array(Exchange).min(1),
    readBack: z.strictObject({ configured: z.boolean(), installed: z.boolean() }),
    steps: z
      .array(z.strictObject({ name: z.string(), ms: z.number().nonnegative() }))
      .refine((steps) => ['observe', 'apply', 'readBack'].every((name) => steps.some((step) => step.name === name))),
  }),
  because: z.object({
    track: z.object({
      policy: z.string(),
      endpoint: z.string(),
      from: z.enum(['unknown', 'up', 'down']),
      track: z.object({ state: z.enum(['up', 'down']), reason: z.string(), explanation: z.string().min(1) }),
      up: z.number(),
      total: z.literal(2),
      thresholds: z.string().regex(/consecutive fall 2 rise 2/),
      evidence: z.array(Evidence).min(2),
    }),
    verdict: z.object({
      verdict: z.object({ action: z.enum(['announce', 'withdraw']), reason: z.string(), detail: z.string().min(1) }),
    }),
  }),
});
type Line = z.infer<typeof Line>;

let world: ProcessWorld;

beforeAll(async () => {
  world = await ProcessWorld.open();
  await world.start();
  await world.routesUp();
}, 40_000);

afterAll(() => world?.close());

/** The explained changes in the audit file; a line that does not explain its change fails the test. */
async function explained(): Promise<readonly Line[]> {
  const lines = await world.audit();
  return lines.filter(({ type }) => type === 'routeChanged').map((line) => Line.parse(line));
}

/** The line of one change, once it is there. */
function lineOf(policy: string, endpoint: string, op: 'add' | 'remove', after = 0): Promise<Line> {
  return until(`the audit line of ${op} ${policy} ${endpoint}`, async () =>
    (await explained())
      .slice(after)
      .find(({ report: { change } }) => change.policy === policy && change.endpoint === endpoint && change.op === op),
  );
}

/** What has to hold within a line, beyond its shape. */
function expectConsistent({ policy, report, because }: Line): void {
  const { change, sent, readBack } = report;
  const added = change.op === 'add';
  expect(because.track).toMatchObject({ policy, endpoint: change.endpoint, track: { state: added ? 'up' : 'down' } });
  expect(because.verdict.verdict.action).toBe(added ? 'announce' : 'withdraw');
  expect(readBack).toEqual({ configured: added, installed: added });
  const address = change.key.prefix.replace('/32', ' 255.255.255.255');
  expect(sent.map((exchange) => exchange.sent).join('\n')).toContain(`ip route ${address} ${change.key.nextHop}`);
  const last = because.track.evidence.slice(-2).map(({ result }) => result.outcome);
  expect(last.every((outcome) => (outcome === 'pass' || outcome === 'late') === added)).toBe(true);
}

function setSilent(on: boolean): void {
  world.a.dns.switches.silent = on;
}

function setStatus(on: boolean): void {
  world.a.http.switches.status = on ? 500 : 200;
}

function setReject(on: boolean): void {
  world.a.radius.switches.reject = on;
}

describe('the audit file', () => {
  test('has one line for each change of the start, whole and consistent', async () => {
    const lines = await until('six lines', async () => {
      const all = await explained();
      return all.length >= 6 && all;
    });
    expect(lines).toHaveLength(6);
    for (const line of lines) expectConsistent(line);
  });

  test.each([
    ['a name server that is silent', 'resolver', 'timeout', setSilent],
    ['a web server that answers 500', 'web', 'http-status', setStatus],
    ['a RADIUS server that refuses', 'radius', 'access-reject', setReject],
  ])('%s: which results, and on the way back too', async (_name, policy, cause, breakIt) => {
    const before = (await explained()).length;
    breakIt(true);
    const gone = await lineOf(policy, 'a', 'remove', before);
    expectConsistent(gone);
    expect(gone.because.track.evidence.map(({ result }) => result)).toContainEqual(expect.objectContaining({ cause }));
    breakIt(false);
    expectConsistent(await lineOf(policy, 'a', 'add', before));
  });

  test('a change in the middle of which the session broke says so', async () => {
    const before = (await explained()).length;
    world.router.faults.loseSession = { when: 'after', on: ROUTE_LINES, times: 1 };
    world.b.http.switches.status = 500;
    const line = await lineOf('web', 'b', 'remove', before);
    expectConsistent(line);
    expect(line.report.detail).toMatch(/session was lost/);
    world.b.http.switches.status = 200;
    await lineOf('web', 'b', 'add', before);
  });

  test('after a reload that replaces the notifier the explanations are still there', async () => {
    const before = (await explained()).length;
    const told = world.nms.received.length;
    // The router is away, so that the verdict falls before the reload and the change comes after it.
    world.router.faults.refuseConnections = true;
    world.router.cutSessions();
    world.a.http.switches.status = 500;
    await world.notified('anytrackTrackChange', told);
    await until('the verdict', async () => {
      const status = await world.status();
      return status.policies.find(({ name }) => name === 'web')?.endpoints[0]?.verdict === 'withdraw';
    });
    await world.edit('anytrack.yaml', 'retries: 1', 'retries: 2');
    world.signal('SIGHUP');
    await world.notified('anytrackConfigReload', told);
    world.router.faults.refuseConnections = false;
    expectConsistent(await lineOf('web', 'a', 'remove', before));
    world.a.http.switches.status = 200;
    await lineOf('web', 'a', 'add', before);
  });

  test('every line that the router was ever sent stands in the report of a change', async () => {
    const audit = await world.audit();
    const reported = new Set(
      audit
        .flatMap(
          (line) => z.object({ report: z.object({ sent: z.array(Exchange) }) }).safeParse(line).data?.report.sent ?? [],
        )
        .map(({ sent }) => sent.trim()),
    );
    expect(writes(world.router.log).filter((line) => !reported.has(line))).toEqual([]);
  });
});

describe('the same program without warning', () => {
  test('killed and started again: the router is sent no line, and every route stays (promise 4)', async () => {
    await world.routesUp();
    const lines = writes(world.router.log).length;
    for (let i = 0; i < 2; i++) {
      await world.end('SIGKILL');
      expect(world.ours()).toHaveLength(6);
      await world.start();
      await until('all tracks up', async () => (await world.status()).policies.every(({ up }) => up === 2));
      await until('the router to be read', async () =>
        (await world.status()).routers.every(({ session }) => session === 'up'),
      );
    }
    expect(writes(world.router.log)).toHaveLength(lines);
    expect(world.ours()).toHaveLength(6);
  });

  test('frozen for seconds (SIGSTOP) and thawed while everything hangs for a moment: no line (promises 3 and 4)', async () => {
    const lines = writes(world.router.log).length;
    const before = (await world.status()).stalls.count;
    world.signal('SIGSTOP');
    for (const endpoint of [world.a, world.b]) endpoint.hang(true);
    // Real time has to pass for a process to have been suspended; it is what is tested, not waited for.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    for (const endpoint of [world.a, world.b]) endpoint.hang(false);
    world.signal('SIGCONT');
    await until('the stall to be noticed', async () => (await world.status()).stalls.count > before);
    await until('passes', async () =>
      (await world.status()).policies.every(({ endpoints }) => endpoints.every(({ track }) => track === 'up')),
    );
    expect(writes(world.router.log)).toHaveLength(lines);
  });

  test('out of file descriptors for real (prlimit): errors, and no line; then it goes on (promise 3)', async (context) => {
    const prlimit = program('prlimit');
    if (prlimit === undefined) return context.skip('needs the program prlimit');
    const lines = writes(world.router.log).length;
    const failures = async () => {
      const { policies } = await world.status();
      return policies.flatMap(({ endpoints }) =>
        endpoints.flatMap(({ probes }) => probes.map((probe) => probe.latest?.outcome)),
      );
    };
    const told = world.output.length;
    // Fewer than it has open: from now on the kernel gives it none.
    execFileSync(prlimit, ['--pid', String(world.pid), '--nofile=10:']);
    await until('errors of every policy', () => {
      const since = world.output
        .slice(told)
        .split('\n')
        .filter((line) => line.includes('"outcome":"error"'));
      return ['resolver', 'web', 'radius'].every(
        (policy) => since.filter((line) => line.includes(`"${policy}"`)).length > 10,
      );
    });
    execFileSync(prlimit, ['--pid', String(world.pid), '--nofile=1024:']);
    await until('passes', async () => (await failures()).every((outcome) => outcome === 'pass'));
    expect(writes(world.router.log)).toHaveLength(lines);
    expect(world.ours()).toHaveLength(6);
    // The counter-proof: the same program still sees an endpoint that is really gone.
    world.a.hang(true);
    await until('three routes to go', () => world.ours().length === 3);
    world.a.hang(false);
    await world.routesUp();
  });
});
