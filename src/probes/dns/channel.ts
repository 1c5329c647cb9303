/** How a query gets to the server and its answer back: one UDP socket or one TCP connection per run. */
import type { SocketOptions } from 'node:dgram';
import type { ProbeTarget, Sockets } from '../contract.ts';
import { Deframer, frame } from './framing.ts';

/** One way to the server. Messages are whole; everything that happens is told to the listener. */
export interface Channel {
  /** Sends once the channel is open. Errors come to the listener. */
  send(message: Buffer): void;
  /** Closes at once. What was on its way up (a last ICMP error) may still reach the listener. */
  close(): void;
}

export interface ChannelListener {
  onMessage(message: Buffer): void;
  onError(error: Error): void;
  /** TCP: the connection stands. */
  onConnect?(): void;
}

export interface ChannelOptions {
  readonly target: ProbeTarget;
  readonly port: number;
  /** Port to send from; undefined = the kernel's random choice. */
  readonly sourcePort: number | undefined;
  readonly sockets: Sockets;
}

/**
 * Addresses are already numbers, and answering at once saves each run two trips through the thread pool
 * that `dns.lookup` would take.
 */
const numericLookup: NonNullable<SocketOptions['lookup']> = (address, options, done) =>
  done(null, address, options.family === 6 ? 6 : 4);

/**
 * A connected UDP socket: the kernel drops datagrams of every other sender, and an ICMP port unreachable
 * comes back as ECONNREFUSED at once (udp(7)).
 */
export function openUdp({ target, port, sourcePort, sockets }: ChannelOptions, listener: ChannelListener): Channel {
  const socket = sockets.createUdp({ type: target.family === 6 ? 'udp6' : 'udp4', lookup: numericLookup });
  let connected = false;
  let waiting: Buffer | undefined;
  const onSent = (error: Error | null) => {
    if (error !== null) listener.onError(error);
  };
  // A failed bind is told within `bind`, when the caller does not have this channel yet and could not close it.
  socket.on('error', (error) => process.nextTick(() => listener.onError(error)));
  socket.on('message', (message) => listener.onMessage(message));
  socket.on('connect', () => {
    connected = true;
    if (waiting !== undefined) socket.send(waiting, onSent);
  });
  const connect = () => socket.connect(port, target.address);
  if (target.source === undefined && sourcePort === undefined) connect();
  else socket.bind({ port: sourcePort ?? 0, ...(target.source !== undefined && { address: target.source }) }, connect);
  return {
    send(message) {
      if (connected) socket.send(message, onSent);
      else waiting = message;
    },
    close() {
      // The socket may be about to tell that it is connected.
      waiting = undefined;
      socket.close();
    },
  };
}

/** A TCP connection with the length framing of RFC 1035 4.2.2. */
export function openTcp({ target, port, sourcePort, sockets }: ChannelOptions, listener: ChannelListener): Channel {
  const socket = sockets.connectTcp({
    host: target.address,
    port,
    family: target.family,
    noDelay: true,
    autoSelectFamily: false,
    ...(target.source !== undefined && { localAddress: target.source }),
    ...(sourcePort !== undefined && { localPort: sourcePort }),
  });
  const deframer = new Deframer();
  socket.on('connect', () => listener.onConnect?.());
  socket.on('error', (error) => listener.onError(error));
  socket.on('end', () => listener.onError(closedEarly()));
  socket.on('data', (chunk: Buffer) => {
    for (const message of deframer.push(chunk)) listener.onMessage(message);
  });
  return {
    send: (message) => void socket.write(frame(message)),
    close: () => void socket.destroy(),
  };
}

function closedEarly(): Error {
  return Object.assign(new Error('the server closed the connection before its answer'), { code: 'ECONNRESET' });
}
