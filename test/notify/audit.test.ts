import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Secret } from '../../src/lib/secret.ts';
import { AuditLog } from '../../src/notify/audit.ts';
import { createLogger } from '../../src/notify/log.ts';
import { redactor } from '../../src/notify/redact.ts';
import { EVENTS, report } from './events.ts';

let folder: string;
let file: string;
let logged: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'at-audit-'));
  file = join(folder, 'audit.jsonl');
  logged = [];
});
afterEach(() => rm(folder, { recursive: true }));

function audit(path = file): AuditLog {
  const destination = { write: (line: string) => void logged.push(line) };
  return new AuditLog(path, {
    log: createLogger({ level: 'info' }, { destination }),
    redact: redactor([new Secret('hunter2!', 'env:P')]),
  });
}

async function lines(path = file): Promise<Record<string, unknown>[]> {
  const text = await readFile(path, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('a route change with everything that explains it is one line (promise 11)', async () => {
  const log = audit();
  log.write(EVENTS.routeChanged, { track: EVENTS.trackChanged, verdict: EVENTS.verdictChanged });
  await log.close();
  const [line] = await lines();
  const copy = JSON.parse(
    JSON.stringify({ ...EVENTS.routeChanged, because: { track: EVENTS.trackChanged, verdict: EVENTS.verdictChanged } }),
  );
  expect(line).toEqual({ time: '2026-01-01T00:00:01.000Z', ...copy });
});

test('lines keep their order and are appended to what is there', async () => {
  for (const name of ['one', 'two']) {
    const log = audit();
    for (let i = 0; i < 100; i++) log.write({ ...EVENTS.stopping, reason: `${name} ${i}` });
    await log.close();
  }
  const reasons = (await lines()).map(({ reason }) => reason);
  expect(reasons).toEqual(['one', 'two'].flatMap((name) => Array.from({ length: 100 }, (_, i) => `${name} ${i}`)));
  expect((await stat(file)).mode & 0o007).toBe(0);
});

test('what a router echoes of a secret is not written (promise 10)', async () => {
  const log = audit();
  const sent = [{ sent: 'enable', received: 'Password: hunter2!', ms: 1 }];
  log.write({ ...EVENTS.routeFailed, report: report({ sent, detail: 'saw hunter2!' }) });
  await log.close();
  expect(await readFile(file, 'utf8')).not.toContain('hunter2!');
});

test('after logrotate has moved the file, a new one is begun', async () => {
  const log = audit();
  log.write(EVENTS.started);
  await log.close();
  await rename(file, `${file}.1`);
  log.write(EVENTS.stopping);
  await log.close();
  expect((await lines(`${file}.1`)).map(({ type }) => type)).toEqual(['started']);
  expect((await lines()).map(({ type }) => type)).toEqual(['stopping']);
});

test('trouble with the disk is logged once, stops nothing, and no line is lost once it is mended', async () => {
  const missing = join(folder, 'later');
  const log = audit(join(missing, 'audit.jsonl'));
  log.write(EVENTS.started);
  log.write(EVENTS.routeChanged);
  await log.close();
  log.write(EVENTS.routeFailed);
  await log.close();
  expect(logged.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'error', msg: 'audit file cannot be written', code: 'ENOENT' },
  ]);
  await mkdir(missing);
  log.write(EVENTS.stopping);
  await log.close();
  const types = (await lines(join(missing, 'audit.jsonl'))).map(({ type }) => type);
  expect(types).toEqual(['started', 'routeChanged', 'routeFailed', 'stopping']);
  expect(logged).toHaveLength(2);
});
