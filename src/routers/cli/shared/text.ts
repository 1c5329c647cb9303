/** What a terminal shows: escape sequences, repainting and log lines taken out. Pure and total. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal receives
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: bells, nulls and the like are not text
const INVISIBLE = /[\x00-\x07\x0b\x0c\x0e-\x1f\x7f]/g;
/** ` --More-- `, `<--- More --->`, `---(more)---`. */
const MORE = /<?-{2,3} ?\(?more\)? ?-{2,3}>?/i;

/** The text as a reader would see it: lines parted by `\n`, nothing but printable characters and tabs. */
export function visibleText(raw: string): string {
  const plain = raw.replace(ESCAPES, '').replace(INVISIBLE, '');
  if (!/[\r\b]/.test(plain)) return plain;
  return plain
    .split('\n')
    .map((line) => painted(line.replace(/\r+$/, '')))
    .join('\n');
}

/** A line in which the cursor went back (`\r`, `\b`) and wrote over what stood there. */
function painted(line: string): string {
  if (!/[\r\b]/.test(line)) return line;
  const cells: string[] = [];
  let column = 0;
  for (const character of line) {
    if (character === '\r') column = 0;
    else if (character === '\b') column = Math.max(0, column - 1);
    else cells[column++] = character;
  }
  return cells.join('').trimEnd();
}

/** Whether the text ends in a pager's question. */
export function asksForMore(text: string): boolean {
  return new RegExp(`${MORE.source}\\s*$`, 'i').test(text.slice(-40));
}

/** The text without pager questions. */
export function withoutPager(raw: string): string {
  return raw.replace(new RegExp(MORE.source, 'gi'), '');
}

/** Lines that are not asynchronous log messages. */
export function withoutNoise(lines: readonly string[], noise: readonly RegExp[]): string[] {
  return lines.filter((line) => !noise.some((pattern) => pattern.test(line)));
}

/** Lines of a reply that say something. */
export function spokenLines(reply: string): string[] {
  return reply
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
