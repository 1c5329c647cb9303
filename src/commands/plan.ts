import type { Command } from 'commander';
import { type Plans, planRoutes, type RouterPlan } from '../daemon/plan.ts';
import { systemClock } from '../lib/clock.ts';
import { parseDuration } from '../lib/duration.ts';
import { OperatorError } from '../lib/errors.ts';
import { systemRandom } from '../lib/random.ts';
import type { RouteKey } from '../model.ts';
import { probeKinds } from '../probes/registry.ts';
import { systemSockets } from '../probes/sockets.ts';
import { routerParts } from '../routers/parts.ts';
import type { Plan } from '../routers/reconciler.ts';
import type { EndpointStatus } from '../web/status.ts';
import { addConfigOption, type ConfigOption, guardedOutput, settingsOf } from './config.ts';
import { counted, EXIT, type ExitCode, type Io, table } from './io.ts';
import { resultText } from './status.ts';

interface PlanOptions extends ConfigOption {
  readonly wait: string;
  readonly json?: true;
}

export function addPlanCommand(program: Command, io: Io, finish: (code: ExitCode) => void): void {
  addConfigOption(program.command('plan'))
    .description('probe, read every router, and show what would be sent and why; nothing is sent')
    .option('--wait <duration>', 'how long to wait for a verdict on every endpoint', '10s')
    .option('--json', 'the same as data')
    .addHelpText('after', '\nExamples:\n  anytrack plan -c config/anytrack.yaml\n  anytrack plan --wait 30s --json')
    .action(async (options: PlanOptions) => {
      const waitMs = parseDuration(options.wait);
      if (waitMs === undefined)
        throw new OperatorError('usage', `--wait ${options.wait}: a duration such as 500ms or 10s`);
      const settings = await settingsOf(options.config, io);
      const plans = await planRoutes(
        settings,
        { waitMs, signal: io.signal },
        {
          clock: systemClock,
          random: systemRandom,
          sockets: systemSockets,
          probeKinds,
          routerParts: (router, prefixes) =>
            routerParts(router, prefixes, { clock: systemClock, random: systemRandom }),
        },
      );
      const output = guardedOutput(settings, io);
      if (options.json) output.json(plans, 2);
      else for (const line of formatPlans(plans)) output.text(line);
      finish(plans.routers.some((router) => 'trouble' in router) ? EXIT.unreachable : EXIT.ok);
    });
}

/** The plan as an operator reads it: verdicts with the results behind those that announce nothing, then each router. */
export function formatPlans({ policies, routers }: Plans): readonly string[] {
  const rows = policies.flatMap(({ name, endpoints }) =>
    endpoints.map((endpoint) => [
      name,
      endpoint.name,
      endpoint.verdict,
      `${endpoint.verdictReason}: ${endpoint.verdictDetail}`,
    ]),
  );
  const evidence = policies.flatMap(({ name, endpoints }) => endpoints.flatMap((it) => troubleLines(name, it)));
  return [
    ...table(['POLICY', 'ENDPOINT', 'VERDICT', 'WHY'], rows),
    ...(evidence.length === 0 ? [] : ['', 'probes that did not pass:', ...evidence]),
    ...routers.flatMap(routerLines),
  ];
}

/** The latest result of each probe that is not up. */
function troubleLines(policy: string, { name, probes }: EndpointStatus): readonly string[] {
  return probes
    .filter(({ state }) => state !== 'up')
    .map(({ target, probe, latest }) => `  ${policy} ${name}: ${probe} on ${target}: ${resultText(latest)}`);
}

function routerLines(router: RouterPlan): readonly string[] {
  if ('trouble' in router)
    return ['', `${router.router}: cannot be read (${router.trouble.code}): ${router.trouble.message}`];
  const { plan } = router;
  const { script } = plan;
  const reasons = plan.changes.map(
    ({ op, key, policy, endpoint, reason }) => `  ${op} ${place(key)} for ${policy} ${endpoint}: ${reason}`,
  );
  const lines = [...script.enter, ...script.lines.map(({ text }) => text), ...script.leave];
  const what =
    plan.changes.length === 0
      ? 'nothing to change'
      : `would be sent, in one visit (${counted(plan.changes.length, 'change', 'changes')}):`;
  return [
    '',
    `${router.router}: ${what}`,
    ...(plan.changes.length === 0 ? [] : [...reasons, ...lines.map((line) => `    ${line}`)]),
    ...notes(plan),
  ];
}

/** What stands in the way or is nobody's, so that it is not a surprise later. */
function notes(plan: Plan): readonly string[] {
  return [
    ...plan.conflicts.map(({ desired: { key }, detail }) => `  conflict, left alone: ${place(key)}: ${detail}`),
    ...plan.orphans.map(({ key }) => `  orphan, ours by its mark, but no policy names it: ${place(key)}`),
  ];
}

/** `10.0.0.1/32 via 10.10.10.1`, with the VRF where it is not the global one. */
function place({ prefix, nextHop, vrf }: RouteKey): string {
  return `${prefix} via ${nextHop}${vrf === 'default' ? '' : ` vrf ${vrf}`}`;
}
