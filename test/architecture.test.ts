import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

/** Every source file with its text, comments removed. */
const SOURCES = new Map(
  globSync('src/**/*.ts').map((file) => [
    file,
    readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''),
  ]),
);

/** The files that `file` imports at run time (type imports cost nothing and may point anywhere below the daemon). */
function importsOf(file: string): string[] {
  const text = SOURCES.get(file) ?? '';
  return [...text.matchAll(/^(?:import|export) (?!type )[^;]*?from '(\.[^']+)'/gm)].map((match) =>
    normalize(join(dirname(file), match[1] ?? '')),
  );
}

/** The room of the house that a file is in; a lower number is a lower floor. */
function floor(file: string): number {
  if (/^src\/(lib\/|model\.ts)/.test(file)) return 0;
  if (/^src\/(health|policies)\//.test(file)) return 1;
  if (/^src\/(probes|routers|notify|web|settings|metrics)/.test(file)) return 2;
  if (/^src\/daemon/.test(file)) return 3;
  if (/^src\/demo\//.test(file)) return 4;
  if (/^src\/commands\//.test(file)) return 5;
  if (/^src\/cli\.ts/.test(file)) return 6;
  throw new Error(`${file} is in no room of DESIGN.md's layout`);
}

test('imports go down the house, never up', () => {
  const up = [...SOURCES.keys()].flatMap((file) =>
    importsOf(file)
      .filter((target) => floor(target) > floor(file))
      .map((target) => `${file} -> ${target}`),
  );
  expect(up).toEqual([]);
});

test('probes and routers do not know each other', () => {
  const crossing = [...SOURCES.keys()].flatMap((file) =>
    importsOf(file)
      .filter(
        (target) =>
          (file.startsWith('src/probes/') && /^src\/(routers|policies|health|notify)\//.test(target)) ||
          (file.startsWith('src/routers/') && /^src\/(probes|policies|health)\//.test(target)),
      )
      .map((target) => `${file} -> ${target}`),
  );
  expect(crossing).toEqual([]);
});

test('time and chance come from src/lib only', () => {
  const users = [...SOURCES]
    .filter(([file]) => !file.startsWith('src/lib/'))
    .filter(([, text]) =>
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|[^.\w]setTimeout\(|[^.\w]setInterval\(/.test(text),
    )
    .map(([file]) => file);
  expect(users).toEqual([]);
});

test('a file over 300 lines states its reason', () => {
  const long = [...SOURCES.keys()].filter((file) => {
    const text = readFileSync(file, 'utf8');
    return text.split('\n').length > 301 && !text.includes('over 300 lines because');
  });
  expect(long).toEqual([]);
});
