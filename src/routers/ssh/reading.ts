/** Finds the answer to a command in what a terminal received. Pure and total. */
import { visibleText, withoutNoise } from '../cli/shared/text.ts';
import type { Mode, Prompts } from './prompt.ts';

/** An answer: what stands between the echo and the prompt, and the prompt's mode. */
export interface Reading {
  readonly reply: string;
  readonly mode: Mode;
}

/** Enough to hold a prompt and the log lines that may follow it. */
const TAIL = 1200;

/**
 * The answer on a terminal that echoes, once it is complete: first the echo of `sent`, then the prompt as the last line.
 * A prompt without the echo before it belongs to an earlier command. Log lines may stand anywhere.
 */
export function echoedAnswer(
  received: string,
  sent: string,
  prompts: Prompts,
  noise: readonly RegExp[],
): Reading | undefined {
  if (promptLine(visibleText(received.slice(-TAIL)).split('\n'), prompts, noise) === undefined) return undefined;
  const all = visibleText(received).split('\n');
  const end = promptLine(all, prompts, noise);
  if (end === undefined) return undefined;
  const lines = withoutNoise(all.slice(0, end.index), noise);
  const start = endOfEcho(lines, sent, prompts);
  return start === undefined ? undefined : { reply: lines.slice(start).join('\n'), mode: end.mode };
}

/** The last line, if it is a prompt; log lines printed after it are passed over. */
export function promptLine(
  lines: readonly string[],
  prompts: Prompts,
  noise: readonly RegExp[],
): { readonly index: number; readonly mode: Mode } | undefined {
  let index = lines.length - 1;
  let passedNoise = false;
  for (; index >= 0; index--) {
    const line = lines[index] ?? '';
    if (noise.some((pattern) => pattern.test(line))) passedNoise = true;
    else if (line !== '') break;
  }
  if (index < lines.length - 1 && !passedNoise) return undefined;
  const mode = prompts.modeOf(lines[index] ?? '');
  return mode === undefined ? undefined : { index, mode };
}

/**
 * Index of the first line after the echo. The echo may be broken over lines (a narrow terminal, a log line in the
 * middle), or be scrolled so that only its end stands after a `$`.
 */
function endOfEcho(lines: readonly string[], sent: string, prompts: Prompts): number | undefined {
  const wanted = squash(sent);
  let seen = '';
  for (const [index, line] of lines.entries()) {
    seen += squash(line);
    if (seen.endsWith(wanted) || isScrolled(line, wanted)) return pastRepeats(lines, index + 1, wanted, prompts);
    // An echo is never much longer than its command; what follows is a reply to something else.
    if (seen.length > 2 * wanted.length + 400) return undefined;
  }
  return undefined;
}

/** After a log line a router may print its prompt and the typed line again. */
function pastRepeats(lines: readonly string[], from: number, wanted: string, prompts: Prompts): number {
  let end = from;
  for (let index = from; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const prompt = prompts.at(line, 0);
    if (prompt !== undefined && squash(line.slice(prompt.length)) === wanted) end = index + 1;
    else if (line !== '') break;
  }
  return end;
}

const LEAST_SCROLLED = 8;

function isScrolled(line: string, wanted: string): boolean {
  const shown = squash(line.slice(line.lastIndexOf('$') + 1));
  return line.includes('$') && shown.length >= LEAST_SCROLLED && wanted.endsWith(shown);
}

function squash(text: string): string {
  return text.replace(/\s+/g, '');
}
