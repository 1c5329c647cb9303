/**
 * What the probes of the bench ask, in a process of its own: DNS, HTTP and RADIUS on loopback, each as cheap as can be,
 * so that the prober is what is measured. Tells its ports to its parent and ends with it.
 */
import { createHash, createHmac } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Ports on 127.0.0.1. */
export interface ResponderPorts {
  readonly dns: number;
  readonly http: number;
  readonly radius: number;
}

/** Shared secret of the RADIUS answers; of no value outside. */
export const BENCH_SECRET = 'bench';

const RECEIVE_BUFFER = 4 * 1024 * 1024;

/** Answers every query with `192.0.2.10`: the query's header and question, and one A record by compression. */
function dnsAnswer(query: Buffer): Buffer {
  let end = 12;
  while ((query[end] ?? 0) !== 0) end += (query[end] ?? 0) + 1;
  end += 5;
  const answer = Buffer.alloc(end + 16);
  query.copy(answer, 0, 0, end);
  answer.writeUInt16BE(0x8180, 2);
  answer.writeUInt16BE(1, 6);
  answer.writeUInt16BE(0, 10);
  answer.set([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 10], end);
  return answer;
}

/** Access-Accept with Message-Authenticator alone (RFC 2869 5.14, RFC 5997 3). */
function radiusAnswer(request: Buffer): Buffer {
  const answer = Buffer.alloc(38);
  answer.set([2, request[1] ?? 0, 0, 38]);
  request.copy(answer, 4, 4, 20);
  answer.set([80, 18], 20);
  createHmac('md5', BENCH_SECRET).update(answer).digest().copy(answer, 22);
  createHash('md5').update(answer).update(BENCH_SECRET).digest().copy(answer, 4);
  return answer;
}

async function serveUdp(answer: (query: Buffer) => Buffer): Promise<number> {
  const socket: Socket = createSocket({
    type: 'udp4',
    recvBufferSize: RECEIVE_BUFFER,
    lookup: (address, _options, done) => done(null, address, 4),
  });
  socket.on('message', (query: Buffer, from: RemoteInfo) => socket.send(answer(query), from.port, from.address));
  // With a lookup that answers at once, `bind` has emitted `listening` before it returns.
  socket.bind(0, '127.0.0.1');
  return socket.address().port;
}

async function serveHttp(): Promise<number> {
  const server = createServer((_request, response) => response.end('ok\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

if (import.meta.main) {
  process.on('disconnect', () => process.exit());
  const ports: ResponderPorts = {
    dns: await serveUdp(dnsAnswer),
    http: await serveHttp(),
    radius: await serveUdp(radiusAnswer),
  };
  process.send?.(ports);
}
