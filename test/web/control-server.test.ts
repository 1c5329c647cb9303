import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ControlServer, fetchStatus } from '../../src/web/control-server.ts';
import type { Status } from '../../src/web/status.ts';

const STATUS: Status = {
  site: 'ams1',
  version: '0.1.0',
  pid: 1,
  startedAt: 0,
  at: 0,
  policies: [],
  routers: [],
  stalls: { count: 0, longestMs: 0 },
  notify: [],
};

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anytrack-'));
  path = join(folder, 'control.sock');
});
afterEach(() => rm(folder, { recursive: true }));

function get(url: string): Promise<{ code: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    request({ socketPath: path, path: url }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ code: response.statusCode, body }));
    })
      .on('error', reject)
      .end();
  });
}

test('the status goes through the socket unchanged', async () => {
  const server = new ControlServer({ path }, { status: () => STATUS, redact: (text) => text });
  await server.start();
  expect(await fetchStatus(path)).toEqual(STATUS);
  await server.close();
});

test('anything else is refused with what is allowed', async () => {
  const server = new ControlServer({ path }, { status: () => STATUS, redact: (text) => text });
  await server.start();
  const answer = await get('/api/v1/routes');
  expect(answer.code).toBe(404);
  expect(answer.body).toContain('allowed: GET /api/v1/status');
  await server.close();
});

test('with no daemon there the client says so', async () => {
  await expect(fetchStatus(path)).rejects.toThrow(/no anytrack answers on .*control.sock: .*is it running\?/);
});

test('a socket left by a killed daemon is replaced', async () => {
  const killed = spawn(process.execPath, [
    '-e',
    `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`,
  ]);
  await once(killed.stdout, 'data');
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const server = new ControlServer({ path }, { status: () => STATUS, redact: (text) => text });
  await server.start();
  expect((await fetchStatus(path)).site).toBe('ams1');
  await server.close();
});

test('a file that is no socket is left alone', async () => {
  await writeFile(path, 'precious');
  const server = new ControlServer({ path }, { status: () => STATUS, redact: (text) => text });
  await expect(server.start()).rejects.toThrow(/exists and is not a socket/);
  expect(await readFile(path, 'utf8')).toBe('precious');
});

test('a second daemon on one socket is refused', async () => {
  const first = new ControlServer({ path }, { status: () => STATUS, redact: (text) => text });
  await first.start();
  const second = new ControlServer({ path }, { status: () => STATUS, redact: (text) => text });
  await expect(second.start()).rejects.toThrow(/another anytrack already runs/);
  expect((await fetchStatus(path)).site).toBe('ams1');
  await first.close();
});

test('a folder that is not there is called so, not "permission denied"', async () => {
  const server = new ControlServer({ path: '/nonexistent/anytrack.sock' }, { status: () => STATUS, redact: String });
  await expect(server.start()).rejects.toThrow(
    'cannot listen on /nonexistent/anytrack.sock: there is no folder /nonexistent; make it, or set `controlSocket`',
  );
});
