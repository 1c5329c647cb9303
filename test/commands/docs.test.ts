import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/commands/io.ts';
import { buildProgram } from '../../src/commands/program.ts';

const DOC = readFileSync('docs/cli.md', 'utf8');
const io = { out: () => {}, err: () => {}, signal: new AbortController().signal };
const commands = buildProgram(io, () => {}).commands;

test('docs/cli.md has a section for every command, and none more', () => {
  const sections = [...DOC.matchAll(/^## anytrack (\S+)$/gm)].map((match) => match[1]);
  expect(sections.toSorted()).toEqual(commands.map((command) => command.name()).toSorted());
});

test.each(commands.map((command) => [command.name(), command] as const))(
  '%s: its options are those of the program',
  (name, command) => {
    const section = DOC.split(/^## /m).find((text) => text.startsWith(`anytrack ${name}\n`)) ?? '';
    const documented = [...section.matchAll(/^\| `(-[^`]+)`\s*\|/gm)].map((match) => match[1]);
    expect(documented.toSorted()).toEqual(command.options.map((option) => option.flags).toSorted());
  },
);

test('every exit code is documented', () => {
  const documented = [...DOC.matchAll(/^\| (\d+)\s*\|/gm)].map((match) => Number(match[1]));
  expect(documented).toEqual(Object.values(EXIT));
});
