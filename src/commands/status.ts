import type { Command } from 'commander';
import { fetchStatus } from '../web/control-server.ts';
import type { EndpointStatus, PolicyStatus, ProbeStatus, RouterStatus, RouteStatus, Status } from '../web/status.ts';
import { addConfigOption, type ConfigOption, settingsOf } from './config.ts';
import { ageText, counted, EXIT, type ExitCode, type Io, table } from './io.ts';

export function addStatusCommand(program: Command, io: Io, finish: (code: ExitCode) => void): void {
  addConfigOption(program.command('status'))
    .description('show what the running daemon knows: endpoints, probes, verdicts, routers and their routes')
    .option('--json', 'the same as data')
    .option('--socket <path>', "the daemon's control socket, instead of the one in the configuration")
    .addHelpText(
      'after',
      '\nExamples:\n  anytrack status\n  anytrack status --socket /run/anytrack/control.sock --json',
    )
    .action(async (options: ConfigOption & { json?: true; socket?: string }) => {
      const socket = options.socket ?? (await settingsOf(options.config, io)).controlSocket;
      const status = await fetchStatus(socket);
      if (options.json) io.out(JSON.stringify(status, undefined, 2));
      else for (const line of formatStatus(status)) io.out(line);
      finish(EXIT.ok);
    });
}

/** The status as an operator reads it: what is wrong first, then everything. */
export function formatStatus(status: Status): readonly string[] {
  const uptime = ageText(status.at - status.startedAt);
  return [
    `anytrack ${status.version} at ${status.site}, running for ${uptime}, pid ${status.pid}${stallText(status)}`,
    ...overview(status),
    ...status.policies.flatMap((policy) => ['', ...policyLines(policy)]),
    ...status.routers.flatMap((router) => ['', ...routerLines(router)]),
    ...(status.notify.length === 0 ? [] : ['', ...notifyLines(status)]),
  ];
}

/** One line of counts, and one for each thing that is not as it should be. */
function overview({ policies, routers, notify }: Status): readonly string[] {
  const endpoints = policies.flatMap((policy) => policy.endpoints.map((endpoint) => ({ policy, endpoint })));
  const wanted = routers.flatMap((router) =>
    router.routes.filter(({ want }) => want === 'present' || want === 'absent').map((route) => ({ router, route })),
  );
  const wrong = wanted.filter(({ route }) => route.installed !== (route.want === 'present'));
  const up = endpoints.filter(({ endpoint }) => endpoint.track === 'up').length;
  const sessions = routers.filter(({ session }) => session === 'up').length;
  return [
    `${up} of ${endpoints.length} endpoints up, ${sessions} of ${routers.length} router sessions up, ${wanted.length - wrong.length} of ${wanted.length} routes as wanted`,
    ...endpoints
      .filter(({ endpoint }) => endpoint.track !== 'up')
      .map(({ policy, endpoint }) => `  ! ${policy.name} ${endpoint.name} is ${endpoint.track}${causeText(endpoint)}`),
    ...policies
      .filter(isUnserved)
      .map((policy) => `  ! ${policy.name} ${policy.address}: announced by no endpoint here`),
    ...routers
      .filter(({ session, trouble }) => session !== 'up' || trouble !== undefined)
      .map(
        ({ name, session, trouble = '' }) => `  ! ${name}: session ${session}${trouble === '' ? '' : `: ${trouble}`}`,
      ),
    ...wrong.map(({ router, route }) => `  ! ${router.name}: ${routeText(route)} is ${wrongText(route)}`),
    ...routers.flatMap(({ name, routes }) =>
      routes
        .filter(({ want }) => want === 'orphan')
        .map((route) => `  ! ${name}: ${routeText(route)} is an orphan: ours by its mark, but no policy names it`),
    ),
    ...notify
      .filter(({ dropped }) => dropped > 0)
      .map(({ target, dropped }) => `  ! ${target}: ${dropped} notifications were not delivered`),
  ];
}

function isUnserved({ endpoints }: PolicyStatus): boolean {
  return endpoints.every(({ verdict }) => verdict === 'withdraw');
}

/** The first probe that is not up, with its latest result. */
function causeText({ probes }: EndpointStatus): string {
  const culprit = probes.find(({ state }) => state !== 'up');
  return culprit === undefined ? '' : `: ${culprit.probe}: ${resultText(culprit.latest)}`;
}

function wrongText({ want, configured }: RouteStatus): string {
  if (want === 'absent') return 'wanted absent, but still in the RIB';
  return configured ? 'configured, but not in the RIB' : 'wanted, but not configured';
}

function routeText({ prefix, nextHop, vrf }: RouteStatus): string {
  return `${prefix} via ${nextHop}${vrf === 'default' ? '' : ` vrf ${vrf}`}`;
}

/** `fail timeout in 300 ms: no answer within 300 ms`. */
export function resultText(latest: ProbeStatus['latest']): string {
  if (latest === undefined) return 'no result yet';
  const { outcome, cause, phases, detail } = latest;
  return `${outcome}${cause === undefined ? '' : ` ${cause}`} in ${phases.total.toFixed(1)} ms: ${detail}`;
}

function stallText({ stalls }: Status): string {
  return stalls.count === 0
    ? ''
    : `; stalled ${counted(stalls.count, 'time', 'times')}, at most ${Math.round(stalls.longestMs)} ms`;
}

function policyLines(policy: PolicyStatus): readonly string[] {
  const head = ['ENDPOINT', 'NEXT HOP', 'TRACK', 'FOR', 'VERDICT', 'WHY'];
  const rows = policy.endpoints.map((endpoint) => [
    endpoint.name,
    endpoint.nextHop,
    endpoint.explanation,
    ageText(endpoint.forMs),
    endpoint.verdict,
    `${endpoint.verdictReason}: ${endpoint.verdictDetail}`,
  ]);
  const title = `${policy.name}  ${policy.address}  ${policy.up} of ${policy.total} up`;
  return [
    title,
    ...indent(table(head, rows)),
    ...indent(table(['PROBE', 'STATE', 'RUNS', 'FAILED', 'BUSY', 'LATEST'], policy.endpoints.flatMap(probeRows))),
  ];
}

function probeRows(endpoint: EndpointStatus): readonly (readonly string[])[] {
  const isSingle = new Set(endpoint.probes.map(({ target }) => target)).size === 1;
  return endpoint.probes.map((probe) => {
    const where = isSingle ? endpoint.name : `${endpoint.name}/${probe.target}`;
    return [
      `${where} ${probe.probe}`,
      probe.state,
      `${probe.runs}`,
      `${probe.failures}`,
      `${probe.busies}`,
      resultText(probe.latest),
    ];
  });
}

function routerLines(router: RouterStatus): readonly string[] {
  const trouble = router.trouble === undefined ? '' : `: ${router.trouble}`;
  const rows = router.routes.map((route) => [
    route.vrf === 'default' ? route.prefix : `${route.prefix} vrf ${route.vrf}`,
    route.nextHop,
    route.want === 'asIs' ? 'as it is' : route.want,
    route.configured ? 'yes' : 'no',
    route.installed ? 'yes' : 'no',
    [route.policy, route.endpoint].filter((part) => part !== undefined).join(' '),
  ]);
  return [
    `${router.name}  ${router.platform}  ${router.address}  session ${router.session}${trouble}`,
    ...indent(table(['ROUTE', 'NEXT HOP', 'WANTED', 'CONFIGURED', 'IN RIB', 'POLICY'], rows)),
  ];
}

function notifyLines(status: Status): readonly string[] {
  const rows = status.notify.map(({ target, sent, queued, dropped }) => [target, `${sent}`, `${queued}`, `${dropped}`]);
  return table(['NOTIFIES', 'SENT', 'QUEUED', 'DROPPED'], rows);
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
