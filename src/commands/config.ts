import type { Command } from 'commander';
import { OperatorError } from '../lib/errors.ts';
import { redactedJson, redactor, secretsIn } from '../notify/redact.ts';
import { probeKinds } from '../probes/registry.ts';
import { platforms } from '../routers/parts.ts';
import { formatProblem, type LoadedSettings, type Settings } from '../settings/contract.ts';
import { loadSettings } from '../settings/load.ts';
import { counted, type Io } from './io.ts';

export interface ConfigOption {
  readonly config: string;
}

const DEFAULT_CONFIG = '/etc/anytrack/anytrack.yaml';

/** `--config FILE`, the same in every command that has it. */
export function addConfigOption(command: Command): Command {
  return command.option('-c, --config <file>', 'the configuration', DEFAULT_CONFIG);
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
  throw new OperatorError('configuration', problemCount(file, problems.length));
}

/**
 * Standard output for what servers and routers have said: they may repeat a secret of the configuration (promise 10).
 * @returns `text` prints a line, `json` a value; both without any secret in force
 */
export function guardedOutput(settings: Settings, io: Io) {
  const redact = redactor(secretsIn(settings));
  // Made plain first, then guarded value by value: a secret of digits must not break a number.
  const guard = (value: unknown): unknown => JSON.parse(redactedJson(JSON.parse(JSON.stringify(value)), redact));
  return {
    text: (line: string) => io.out(redact(line)),
    json: (value: unknown, indent?: number) => io.out(JSON.stringify(guard(value), undefined, indent)),
  };
}

/** `3 problems in the configuration`, with a hint for who has not named one. */
export function problemCount(file: string, count: number): string {
  const hint = file === DEFAULT_CONFIG && count === 1 ? '; --config names another one' : '';
  return `${counted(count, 'problem', 'problems')} in the configuration${hint}`;
}
