import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { buildProgram } from '../../src/commands/program.ts';
import { realTest } from '../support/real.ts';

const UNIT = await readFile('deploy/anytrack.service', 'utf8');

test('the unit calls commands that exist, with an option that they have', () => {
  const io = { out: () => {}, err: () => {}, signal: new AbortController().signal };
  const { commands } = buildProgram(io, () => {});
  const called = [...UNIT.matchAll(/^Exec\w+=\S+ \S+cli\.js (\w+) (--\w+)/gm)].map(([, name, option]) => [
    name,
    option,
  ]);
  expect(called).toEqual([
    ['check', '--config'],
    ['run', '--config'],
  ]);
  for (const [name, option] of called) {
    const options = commands.find((command) => command.name() === name)?.options;
    expect(options?.map(({ long }) => long)).toContain(option);
  }
});

realTest('systemd understands every line of the unit', ['systemd-analyze'], async () => {
  const folder = await mkdtemp(join(tmpdir(), 'anytrack-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'anytrack.service');
  // The program is not installed here; systemd wants to see an executable.
  await writeFile(file, UNIT.replaceAll('/opt/anytrack/node_modules/.bin/node', process.execPath));
  const { stderr } = await promisify(execFile)('systemd-analyze', ['verify', '--man=no', file]);
  // It tells about units of others, too.
  expect(stderr.split('\n').filter((line) => line.includes('anytrack'))).toEqual([]);
});
