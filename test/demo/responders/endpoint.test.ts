import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import dns from 'dns-packet';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddedEndpoint } from '../../../src/demo/responders/endpoint.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { seededRandom } from '../../support/seeded-random.ts';

async function startEndpoint() {
  const endpoint = new EmbeddedEndpoint(
    { address: '127.0.0.2', dns: { records: [] }, http: { body: 'well' }, radius: { secret: 'secret' } },
    { clock: new FakeClock(), random: seededRandom() },
  );
  const ports = await endpoint.start();
  onTestFinished(() => endpoint.close());
  return { endpoint, ports };
}

test('serves DNS, HTTP and RADIUS on one address', async () => {
  const { ports } = await startEndpoint();
  expect(new Set(Object.values(ports)).size).toBe(3);
  expect(await (await fetch(`http://127.0.0.2:${ports.http}/`)).text()).toBe('well');
});

test('hangs: silent everywhere, while TCP handshakes complete, and recovers', async () => {
  const { endpoint, ports } = await startEndpoint();
  endpoint.hang(true);
  for (const port of [ports.http, ports.dns]) {
    const socket = connect(port, '127.0.0.2');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.destroy();
  }
  const client = createSocket('udp4');
  const query = dns.encode({ type: 'query', id: 1, questions: [{ type: 'A', name: 'a' }] });
  let answers = 0;
  client.on('message', () => answers++);
  client.send(query, ports.dns, '127.0.0.2');
  client.send(Buffer.alloc(20), ports.radius, '127.0.0.2');
  await expect.poll(() => [endpoint.dns.requests, endpoint.radius.requests]).toEqual([1, 1]);
  expect(answers).toBe(0);
  endpoint.hang(false);
  client.send(query, ports.dns, '127.0.0.2');
  await expect.poll(() => answers).toBe(1);
  client.close();
});

test('two endpoints share ports on two addresses', async () => {
  const { ports } = await startEndpoint();
  const second = new EmbeddedEndpoint(
    {
      address: '127.0.0.3',
      dns: { records: [], port: ports.dns },
      http: { port: ports.http },
      radius: { secret: 's', port: ports.radius },
    },
    { clock: new FakeClock(), random: seededRandom() },
  );
  expect(await second.start()).toEqual(ports);
  await second.close();
});
