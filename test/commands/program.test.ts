import { expect, test } from 'vitest';
import { EXIT } from '../../src/commands/io.ts';
import { main } from '../../src/commands/program.ts';

/** What a command line prints to standard error, and its exit code. */
async function run(...args: string[]): Promise<{ readonly code: number; readonly err: string; readonly out: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const code = await main(args, { ...io, signal: new AbortController().signal });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test.each([
  [['stat'], "anytrack: unknown command 'stat'; did you mean status?; --help shows what is allowed"],
  [
    ['status', '--sockt', 'x'],
    "anytrack: unknown option '--sockt'; did you mean --socket?; --help shows what is allowed",
  ],
  [['probe'], "anytrack: missing required argument 'policy'; --help shows what is allowed"],
  [['check', '-c'], "anytrack: option '-c, --config <file>' argument missing; --help shows what is allowed"],
  [['plan', '--wait', '5'], 'anytrack: --wait 5: a duration such as 500ms or 10s'],
])('%j is a mistake of the operator: one sentence, exit code 2', async (args, message) => {
  expect(await run(...args)).toEqual({ code: EXIT.operator, err: message, out: '' });
});

test('help and version are answers', async () => {
  expect(await run('--version')).toMatchObject({ code: EXIT.ok, err: '' });
  expect((await run('probe', '--help')).out).toContain('Examples:');
});
