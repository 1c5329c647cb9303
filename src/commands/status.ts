import type { Command } from 'commander';
import { formatDuration } from '../lib/duration.ts';
import { fetchStatus } from '../web/control-server.ts';
import type { EndpointStatus, PolicyStatus, RouterStatus, Status } from '../web/status.ts';
import { addConfigOption, type ConfigOption, settingsOf } from './config.ts';
import { EXIT, type ExitCode, type Io, table } from './io.ts';

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

/** The status as an operator reads it. */
export function formatStatus(status: Status): readonly string[] {
  const uptime = formatDuration(Math.round((status.at - status.startedAt) / 1000) * 1000);
  return [
    `anytrack ${status.version} at ${status.site}, running for ${uptime}, pid ${status.pid}${stallText(status)}`,
    ...status.policies.flatMap((policy) => ['', ...policyLines(policy)]),
    ...status.routers.flatMap((router) => ['', ...routerLines(router)]),
    ...(status.notify.length === 0 ? [] : ['', ...notifyLines(status)]),
  ];
}

function stallText({ stalls }: Status): string {
  return stalls.count === 0 ? '' : `; stalled ${stalls.count} times, at most ${Math.round(stalls.longestMs)} ms`;
}

function policyLines(policy: PolicyStatus): readonly string[] {
  const head = ['ENDPOINT', 'NEXT HOP', 'TRACK', 'FOR', 'VERDICT', 'WHY'];
  const rows = policy.endpoints.map((endpoint) => [
    endpoint.name,
    endpoint.nextHop,
    endpoint.explanation,
    formatDuration(Math.round(endpoint.forMs / 1000) * 1000),
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
    const { latest } = probe;
    const outcome =
      latest === undefined
        ? 'no result yet'
        : `${[latest.outcome, latest.cause].filter(Boolean).join(' ')} in ${latest.phases.total.toFixed(1)} ms: ${latest.detail}`;
    const where = isSingle ? endpoint.name : `${endpoint.name}/${probe.target}`;
    return [`${where} ${probe.probe}`, probe.state, `${probe.runs}`, `${probe.failures}`, `${probe.busies}`, outcome];
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
