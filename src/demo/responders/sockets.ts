/** Binding of the responders' sockets, with the port that came out of it. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import type { Server } from 'node:net';

/** Where a responder listens: a loopback address, and a port (0 = any free one). */
export interface Place {
  readonly address: string;
  readonly port?: number;
}

/** Rejects with the system's error (`EADDRINUSE`, `EADDRNOTAVAIL`). */
export function bindUdp({ address, port = 0 }: Place): Promise<{ readonly socket: UdpSocket; readonly port: number }> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address, () => {
      socket.off('error', reject);
      // A client that is gone gives ECONNREFUSED on the next send; that is its business.
      socket.on('error', () => {});
      resolve({ socket, port: socket.address().port });
    });
  });
}

/** Rejects with the system's error. */
export function listenTcp(server: Server, { address, port = 0 }: Place): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.off('error', reject);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}

export function closeUdp(socket: UdpSocket | undefined): Promise<void> {
  return new Promise((resolve) => (socket === undefined ? resolve() : socket.close(() => resolve())));
}

export function closeTcp(server: Server | undefined): Promise<void> {
  return new Promise((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
}
