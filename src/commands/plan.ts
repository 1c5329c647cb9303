import type { Command } from 'commander';
import { type Plans, planRoutes, type RouterPlan } from '../daemon/plan.ts';
import { systemClock } from '../lib/clock.ts';
import { parseDuration } from '../lib/duration.ts';
import { OperatorError } from '../lib/errors.ts';
import { systemRandom } from '../lib/random.ts';
import { probeKinds } from '../probes/registry.ts';
import { systemSockets } from '../probes/sockets.ts';
import { routerParts } from '../routers/parts.ts';
import type { Plan } from '../routers/reconciler.ts';
import { addConfigOption, type ConfigOption, settingsOf } from './config.ts';
import { EXIT, type ExitCode, type Io, table } from './io.ts';

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
      if (options.json) io.out(JSON.stringify(plans, undefined, 2));
      else for (const line of formatPlans(plans)) io.out(line);
      finish(plans.routers.some((router) => 'trouble' in router) ? EXIT.unreachable : EXIT.ok);
    });
}

/** The plan as an operator reads it: verdicts, then per router what would be sent. */
export function formatPlans({ verdicts, routers }: Plans): readonly string[] {
  const rows = verdicts.map(({ policy, verdict }) => [
    policy,
    verdict.endpoint,
    verdict.action,
    `${verdict.reason}: ${verdict.detail}`,
  ]);
  return [...table(['POLICY', 'ENDPOINT', 'VERDICT', 'WHY'], rows), ...routers.flatMap(routerLines)];
}

function routerLines(router: RouterPlan): readonly string[] {
  if ('trouble' in router)
    return ['', `${router.router}: cannot be read (${router.trouble.code}): ${router.trouble.message}`];
  const { plan } = router;
  const { script } = plan;
  const reasons = plan.changes.map(
    ({ op, key, policy, endpoint, reason }) =>
      `  ${op} ${key.prefix} via ${key.nextHop} for ${policy} ${endpoint}: ${reason}`,
  );
  const lines = [...script.enter, ...script.lines.map(({ text }) => text), ...script.leave];
  const what =
    plan.changes.length === 0 ? 'nothing to change' : `would be sent, in one visit (${plan.changes.length} changes):`;
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
    ...plan.conflicts.map(
      ({ desired: { key }, detail }) => `  conflict, left alone: ${key.prefix} via ${key.nextHop}: ${detail}`,
    ),
    ...plan.orphans.map(({ key }) => `  ours by its mark, but no policy names it: ${key.prefix} via ${key.nextHop}`),
  ];
}
