#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { addCheckCommand } from './commands/check.ts';
import { addDemoCommand } from './commands/demo.ts';
import { EXIT, type ExitCode, explain, type Io } from './commands/io.ts';
import { addPlanCommand } from './commands/plan.ts';
import { addProbeCommand } from './commands/probe.ts';
import { addRunCommand } from './commands/run.ts';
import { addStatusCommand } from './commands/status.ts';
import { version } from './commands/version.ts';

const EXIT_CODES = `
Exit codes: 0 done; 1 the answer is no (a probe did not pass, a demo step did not happen);
2 a mistake in arguments or configuration; 3 something could not be reached; 70 internal error.`;

/** The program with all its commands; each names its exit code through `finish`. */
export function buildProgram(io: Io, finish: (code: ExitCode) => void): Command {
  const program = new Command('anytrack')
    .description('router-side health tracker for anycast services')
    .version(version())
    .addHelpText('after', EXIT_CODES)
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
    .exitOverride();
  for (const add of [
    addRunCommand,
    addDemoCommand,
    addCheckCommand,
    addPlanCommand,
    addProbeCommand,
    addStatusCommand,
  ]) {
    add(program, io, finish);
  }
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  return program;
}

/** Runs the program with `args`; never rejects. */
export async function main(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = buildProgram(io, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has printed its own message already; only --help and --version end well.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.operator;
    const { lines, code: explained } = explain(error);
    for (const line of lines) io.err(line);
    return explained;
  }
}

if (import.meta.main) {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort(name));
  process.exitCode = await main(process.argv.slice(2), {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    signal: interrupted.signal,
  });
}
