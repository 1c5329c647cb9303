import type { Command } from 'commander';
import { formatDuration } from '../lib/duration.ts';
import { OperatorError } from '../lib/errors.ts';
import { formatProblem, type LoadedSettings, type Settings } from '../settings/contract.ts';
import { addConfigOption, type ConfigOption, load, problemCount } from './config.ts';
import { counted, EXIT, type ExitCode, type Io, table } from './io.ts';

interface CheckOptions extends ConfigOption {
  readonly expand?: string | true;
  readonly json?: true;
}

export function addCheckCommand(program: Command, io: Io, finish: (code: ExitCode) => void): void {
  addConfigOption(program.command('check'))
    .description(
      'check the configuration: every problem of all files, and the worst-case detection time of each policy',
    )
    .option('--expand [policy]', 'print policies with templates merged and defaults filled in')
    .option('--json', 'the same as data')
    .addHelpText(
      'after',
      '\nExamples:\n  anytrack check -c config/anytrack.yaml\n  anytrack check -c config/anytrack.yaml --expand resolver-10.0.0.1',
    )
    .action(async (options: CheckOptions) => {
      const loaded = await load(options.config);
      finish(options.json ? printJson(loaded, io) : print(loaded, options, io));
    });
}

function print(loaded: LoadedSettings, { config, expand }: CheckOptions, io: Io): ExitCode {
  for (const problem of loaded.problems) io.err(formatProblem(problem));
  if (loaded.settings === undefined) {
    io.err(`anytrack: ${problemCount(config, loaded.problems.length)}`);
    return EXIT.operator;
  }
  const lines = expand === undefined ? summary(loaded.settings, loaded) : expansion(loaded, expand);
  for (const line of lines) io.out(line);
  return EXIT.ok;
}

function printJson({ settings, problems, detection }: LoadedSettings, io: Io): ExitCode {
  io.out(
    JSON.stringify({ ok: settings !== undefined, problems, detection: Object.fromEntries(detection) }, undefined, 2),
  );
  return settings === undefined ? EXIT.operator : EXIT.ok;
}

function expansion({ expanded }: LoadedSettings, wanted: string | true): readonly string[] {
  const names = wanted === true ? [...expanded.keys()] : [wanted];
  return names.map((name) => {
    const text = expanded.get(name);
    if (text === undefined) {
      throw new OperatorError('usage', `no policy ${name}; there are: ${[...expanded.keys()].join(', ')}`);
    }
    return `# ${name}\n${text}`;
  });
}

/** What is configured, and how long a break may go unnoticed. */
function summary(settings: Settings, { detection }: LoadedSettings): readonly string[] {
  const rows = settings.policies.map((policy) => {
    const worst = detection.get(policy.name);
    const { action } = policy.routeWhenUnknown;
    return [
      policy.name,
      policy.address,
      policy.endpoints.map((endpoint) => endpoint.name).join(' '),
      policy.probes.map((probe) => probe.name).join(' '),
      policy.routers.join(' '),
      worst === undefined ? '' : `${formatDuration(worst.downMs)} down, ${formatDuration(worst.upMs)} up`,
      `${policy.onStop} on stop, ${action} when unknown`,
    ];
  });
  const { length: policies } = settings.policies;
  const { length: routers } = settings.routers;
  return [
    `the configuration of ${settings.site} is in order: ${counted(policies, 'policy', 'policies')}, ${counted(routers, 'router', 'routers')}`,
    '',
    ...table(['POLICY', 'ADDRESS', 'ENDPOINTS', 'PROBES', 'ROUTERS', 'WORST DETECTION', 'ROUTES'], rows),
    '',
    'what the worst-case detection is made of (the visit to the router comes on top, usually well under 50 ms):',
    ...explanations(detection),
  ];
}

/** Each way to detect once, with the policies that share it: fifty alike have one explanation. */
function explanations(detection: LoadedSettings['detection']): readonly string[] {
  const byText = Map.groupBy(detection, ([, { explanation }]) => explanation);
  return [...byText].flatMap(([explanation, policies]) => [
    `  ${policies.map(([name]) => name).join(', ')}`,
    ...explanation.split('; ').map((part) => `    ${part}`),
  ]);
}
