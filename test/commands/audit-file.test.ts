import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assertAuditFile } from '../../src/commands/audit-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anytrack-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a file that can be written is made, unreadable to others', async () => {
  await assertAuditFile(join(folder, 'audit.jsonl'));
  expect((await stat(join(folder, 'audit.jsonl'))).mode & 0o007).toBe(0);
});

test.each([
  ['a missing folder', 'nowhere/audit.jsonl', /nowhere\/audit\.jsonl cannot be written: its folder does not exist/],
  ['a folder in its place', '.', /cannot be written: EISDIR/],
])('%s is told before anything starts', async (_, name, message) => {
  await expect(assertAuditFile(join(folder, name))).rejects.toThrow(message);
});

test('no audit file, nothing to check', async () => {
  await expect(assertAuditFile(undefined)).resolves.toBeUndefined();
});
