import { Command, CommanderError } from 'commander';
import { addCheckCommand } from './check.ts';
import { addDemoCommand } from './demo.ts';
import { EXIT, type ExitCode, explain, type Io } from './io.ts';
import { addPlanCommand } from './plan.ts';
import { addProbeCommand } from './probe.ts';
import { addRunCommand } from './run.ts';
import { addStatusCommand } from './status.ts';
import { version } from './version.ts';

const EXIT_CODES = `
Exit codes: 0 done; 1 the answer is no (a probe did not pass, a demo step did not happen);
2 a mistake in arguments or configuration; 3 something outside is not as it must be (no daemon
answers, a router cannot be read, a port is taken); 70 internal error.`;

/** The program with all its commands; each names its exit code through `finish`. */
export function buildProgram(io: Io, finish: (code: ExitCode) => void): Command {
  const program = new Command('anytrack')
    .description('router-side health tracker for anycast services')
    .version(version())
    .addHelpText('after', EXIT_CODES)
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
      outputError: (text, write) => write(inOurStyle(text)),
    })
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

/** `error: unknown command 'stat'\n(Did you mean status?)` becomes one sentence like those of our own errors. */
function inOurStyle(text: string): string {
  return text
    .replace(/^error: /, 'anytrack: ')
    .replace(/\n\(Did you mean (?:one of )?(.*)\?\)/, '; did you mean $1?')
    .replace(/\n$/, '; --help shows what is allowed\n');
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
