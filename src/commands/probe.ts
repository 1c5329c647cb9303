import type { Command } from 'commander';
import { type ProbeEntry, probeEntries } from '../daemon/entries.ts';
import { systemClock } from '../lib/clock.ts';
import { OperatorError } from '../lib/errors.ts';
import { systemRandom } from '../lib/random.ts';
import type { Phases, ProbeResult } from '../model.ts';
import { probeKinds } from '../probes/registry.ts';
import { systemSockets } from '../probes/sockets.ts';
import type { Settings } from '../settings/contract.ts';
import { addConfigOption, type ConfigOption, guardedOutput, settingsOf } from './config.ts';
import { EXIT, type ExitCode, type Io } from './io.ts';

interface ProbeOptions extends ConfigOption {
  readonly endpoint?: string;
  readonly probe?: string;
  readonly count: string;
  readonly json?: true;
}

export function addProbeCommand(program: Command, io: Io, finish: (code: ExitCode) => void): void {
  addConfigOption(program.command('probe <policy>'))
    .description("run a policy's probes now, once or several times, and show phases and what went over the wire")
    .option('-e, --endpoint <name>', 'only this endpoint')
    .option('-p, --probe <name>', 'only this probe')
    .option('-n, --count <number>', 'runs of each', '1')
    .option('--json', 'one JSON object per run')
    .addHelpText(
      'after',
      '\nExamples:\n  anytrack probe resolver-10.0.0.1\n  anytrack probe resolver-10.0.0.1 -e a -p resolve -n 5',
    )
    .action(async (policy: string, options: ProbeOptions) => {
      const settings = await settingsOf(options.config, io);
      const entries = chosen(settings, policy, options);
      const output = guardedOutput(settings, io);
      const count = countOf(options.count);
      let passed = true;
      for (let run = 0; run < count && !io.signal.aborted; run++) {
        for (const entry of entries) passed = (await runOnce(entry, options, { output, signal: io.signal })) && passed;
      }
      finish(passed ? EXIT.ok : EXIT.no);
    });
}

function chosen({ policies }: Settings, policyName: string, options: ProbeOptions): readonly ProbeEntry[] {
  const policy = policies.find((candidate) => candidate.name === policyName);
  if (policy === undefined)
    throw unknown(
      'policy',
      policyName,
      policies.map(({ name }) => name),
    );
  const { endpoint, probe } = options;
  if (endpoint !== undefined && !policy.endpoints.some(({ name }) => name === endpoint)) {
    throw unknown(
      'endpoint',
      endpoint,
      policy.endpoints.map(({ name }) => name),
    );
  }
  if (probe !== undefined && !policy.probes.some(({ name }) => name === probe)) {
    throw unknown(
      'probe',
      probe,
      policy.probes.map(({ name }) => name),
    );
  }
  return probeEntries(policy, probeKinds).filter(
    ({ name }) => (endpoint ?? name.endpoint) === name.endpoint && (probe ?? name.probe) === name.probe,
  );
}

function unknown(what: string, name: string, known: readonly string[]): OperatorError {
  return new OperatorError('usage', `no ${what} ${name}; there are: ${known.join(', ')}`);
}

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count;
  throw new OperatorError('usage', `--count ${text}: a whole number from 1 to 1000`);
}

async function runOnce(
  entry: ProbeEntry,
  options: ProbeOptions,
  { output, signal }: { output: ReturnType<typeof guardedOutput>; signal: AbortSignal },
): Promise<boolean> {
  const result = await entry.run({
    signal,
    timeoutMs: entry.timeoutMs,
    thresholdMs: entry.thresholdMs,
    clock: systemClock,
    random: systemRandom,
    sockets: systemSockets,
  });
  if (options.json) output.json({ probe: entry.key, ...result });
  else for (const line of formatResult(entry.key, result)) output.text(line);
  return result.outcome === 'pass' || result.outcome === 'late';
}

/** One run as an operator reads it: outcome, phases, transcript. */
export function formatResult(key: string, result: ProbeResult): readonly string[] {
  const cause = result.outcome === 'fail' || result.outcome === 'error' ? ` ${result.cause}` : '';
  return [
    `${key}  ${result.outcome.toUpperCase()}${cause}: ${result.detail}`,
    `  ${phasesText(result.phases)}`,
    ...result.transcript.map((line) => `  ${line}`),
  ];
}

/** `connect 0.4 ms, first byte 1.2 ms, total 1.3 ms`. */
function phasesText({ name, connect, tls, firstByte, total }: Phases): string {
  const phases = { name, connect, tls, 'first byte': firstByte, total };
  return Object.entries(phases)
    .flatMap(([phase, ms]) => (ms === undefined ? [] : [`${phase} ${ms.toFixed(1)} ms`]))
    .join(', ');
}
