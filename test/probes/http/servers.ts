/** Embedded servers: one that speaks HTTP, one that sends any bytes. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';

export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** Number of connections that came. */
  readonly connections: () => number;
  /** Resolves when the first request (or, for a raw server, its first bytes) came. */
  readonly asked: Promise<void>;
}

export async function startHttp(
  listener: RequestListener,
  { tls, address }: { tls?: ServerOptions; address?: string } = {},
) {
  const server = tls === undefined ? createServer() : createTlsServer(tls);
  server.on('request', listener);
  const asked = new Promise<void>((resolve) => server.once('request', () => resolve()));
  return await serve(server, asked, address);
}

/** Calls `onRequest` with each connection once its first bytes are in. */
export async function startRaw(onRequest: (socket: Socket, request: string) => void): Promise<TestServer> {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const server = createTcpServer((socket) => {
    socket.once('data', (bytes) => {
      onRequest(socket, bytes.toString('latin1'));
      resolve();
    });
  });
  return await serve(server, asked);
}

async function serve(server: Server, asked: Promise<void>, address = '127.0.0.1'): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, address);
  await once(server, 'listening');
  return {
    // A server that listens on an address has an AddressInfo.
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
}
