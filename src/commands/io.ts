import { AbortedError, AnytrackError, codeOf, messageOf } from '../lib/errors.ts';

/** Exit codes of every command; documented in docs/cli.md. */
export const EXIT = {
  /** Done, and the answer is yes. */
  ok: 0,
  /** The answer is no: a probe did not pass, a demo step did not happen. */
  no: 1,
  /** A mistake in arguments or configuration that the operator can correct. */
  operator: 2,
  /** Something outside is not as it must be: no daemon answers, a router cannot be read, a port is taken. */
  unreachable: 3,
  /** A defect of anytrack. */
  internal: 70,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Where a command writes and what ends it. Tests pass their own. */
export interface Io {
  /** Writes a line to standard output. */
  readonly out: (line: string) => void;
  /** Writes a line to standard error. */
  readonly err: (line: string) => void;
  /** Fires on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** The process's own streams; the first SIGINT or SIGTERM asks the command to end, a second one ends the process. */
export function processIo(): Io {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort(name));
  // A reader that has seen enough (`| head`) is no defect of ours.
  process.stdout.on('error', (error) => process.exit(codeOf(error) === 'EPIPE' ? EXIT.ok : EXIT.internal));
  return {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    signal: interrupted.signal,
  };
}

/** What a thrown value means for the operator: the lines to print and the exit code. A stack only for our own defects. */
export function explain(error: unknown): { readonly lines: readonly string[]; readonly code: ExitCode } {
  if (error instanceof AbortedError) return { lines: [], code: EXIT.ok };
  if (!(error instanceof AnytrackError) || error.audience === 'bug') {
    const stack = error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error);
    return { lines: [`anytrack: internal error, please report it: ${stack}`], code: EXIT.internal };
  }
  const code = error.audience === 'operator' && error.code !== 'environment' ? EXIT.operator : EXIT.unreachable;
  return { lines: [`anytrack: ${error.message}`], code };
}

/** A table with left-aligned columns two spaces apart; the last column is not padded. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** `1 router`, `2 routers`. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** How long something has lasted, in the two largest units that matter: `45s`, `3m 20s`, `12d 4h`. */
export function ageText(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1000));
  const parts = [
    [Math.floor(total / 86_400), 'd'],
    [Math.floor(total / 3600) % 24, 'h'],
    [Math.floor(total / 60) % 60, 'm'],
    [total % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ');
}
