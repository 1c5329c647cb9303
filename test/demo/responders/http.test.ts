import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { HttpResponder } from '../../../src/demo/responders/http.ts';
import { FakeClock } from '../../support/fake-clock.ts';

async function startHttp(options: Partial<ConstructorParameters<typeof HttpResponder>[0]> = {}) {
  const clock = new FakeClock();
  const responder = new HttpResponder({ address: '127.0.0.1', ...options }, { clock });
  const { port } = await responder.start();
  onTestFinished(() => responder.close());
  return { responder, clock, port, url: `http://127.0.0.1:${port}/health` };
}

test('answers with status, headers and body, and counts', async () => {
  const { responder, url } = await startHttp({ body: 'a is well\n', headers: { 'x-served-by': 'a' } });
  const good = await fetch(url);
  expect([good.status, good.headers.get('x-served-by'), await good.text()]).toEqual([200, 'a', 'a is well\n']);
  responder.switches.status = 500;
  responder.switches.body = 'broken';
  const bad = await fetch(url);
  expect([bad.status, await bad.text()]).toEqual([500, 'broken']);
  expect(responder.requests).toBe(2);
});

test('delays', async () => {
  const { responder, clock, url } = await startHttp({ delayMs: 500 });
  const waiting = fetch(url);
  await expect.poll(() => responder.requests).toBe(1);
  await clock.advance(500);
  expect((await waiting).status).toBe(200);
});

test('hangs: takes the connection and the request, says nothing, and lets go on close', async () => {
  const { responder, port } = await startHttp({ hang: true });
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await expect.poll(() => responder.requests).toBe(1);
  expect(socket.bytesRead).toBe(0);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {});
  await responder.close();
  await closed;
});
