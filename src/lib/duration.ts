const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Parses a duration as it is written in YAML: a number and one unit, `500ms`, `1s`, `1.5s`, `10m`, `2h`, `1d`.
 * @returns milliseconds, or undefined where the text is not a duration
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)$/.exec(text);
  const unit = match?.[2] === undefined ? undefined : UNIT_MS[match[2]];
  if (match === null || unit === undefined) return undefined;
  return Number(match[1]) * unit;
}

/** Writes milliseconds as the shortest exact text that `parseDuration` reads back: 1500 -> `1.5s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
  ] as const) {
    if (ms % size === 0) return `${ms / size}${unit}`;
  }
  if (ms >= 1000) return `${Number((ms / 1000).toFixed(6))}s`;
  return `${Number(ms.toFixed(6))}ms`;
}
