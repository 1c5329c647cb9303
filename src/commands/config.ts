import type { Command } from 'commander';
import { OperatorError } from '../lib/errors.ts';
import { probeKinds } from '../probes/registry.ts';
import { platforms } from '../routers/parts.ts';
import { formatProblem, type LoadedSettings, type Settings } from '../settings/contract.ts';
import { loadSettings } from '../settings/load.ts';
import type { Io } from './io.ts';

export interface ConfigOption {
  readonly config: string;
}

/** `--config FILE`, the same in every command that has it. */
export function addConfigOption(command: Command): Command {
  return command.option('-c, --config <file>', 'the configuration', '/etc/anytrack/anytrack.yaml');
}

/** Loads a configuration with everything that this program knows; problems are in the answer. */
export function load(file: string): Promise<LoadedSettings> {
  return loadSettings(file, { cwd: process.cwd(), env: process.env, probeKinds, platforms });
}

/**
 * The settings of a configuration that is in order.
 * @throws OperatorError after printing every problem to standard error
 */
export async function settingsOf(file: string, io: Io): Promise<Settings> {
  const { settings, problems } = await load(file);
  if (settings !== undefined) return settings;
  for (const problem of problems) io.err(formatProblem(problem));
  throw new OperatorError('configuration', problemCount(problems.length));
}

/** `3 problems in the configuration`. */
export function problemCount(count: number): string {
  return `${count} ${count === 1 ? 'problem' : 'problems'} in the configuration`;
}
