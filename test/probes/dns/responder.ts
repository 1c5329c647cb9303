import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import dnsPacket, { type Answer } from 'dns-packet';
import { Deframer, frame } from '../../../src/probes/dns/framing.ts';

/** Sends the answers to a query, none or several, and whatever else a broken server does. */
export type Handler = (query: Buffer, reply: (message: Buffer) => void, from: { transport: 'udp' | 'tcp' }) => void;

/** A DNS server on loopback, UDP and TCP on one port, that does what its handler says. */
export interface Responder {
  readonly port: number;
  readonly udp: UdpSocket;
  /** Where the last UDP query came from. */
  lastFrom?: RemoteInfo;
  readonly queries: Buffer[];
  handler: Handler;
  close(): Promise<void>;
}

export async function startResponder(handler: Handler, address = '127.0.0.1'): Promise<Responder> {
  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => {
    sockets.add(socket);
    const deframer = new Deframer();
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      for (const query of deframer.push(chunk)) {
        responder.queries.push(query);
        responder.handler(query, (message) => socket.write(frame(message)), { transport: 'tcp' });
      }
    });
  });
  const { udp, port } = await bindBoth(tcp, address);
  const responder: Responder = {
    port,
    udp,
    queries: [],
    handler,
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([new Promise((done) => tcp.close(done)), new Promise<void>((done) => void udp.close(done))]);
    },
  };
  udp.on('message', (query, from) => {
    responder.lastFrom = from;
    responder.queries.push(query);
    responder.handler(query, (message) => udp.send(message, from.port, from.address), { transport: 'udp' });
  });
  return responder;
}

async function bindBoth(tcp: Server, address: string): Promise<{ udp: UdpSocket; port: number }> {
  for (let tries = 0; tries < 10; tries++) {
    await new Promise<void>((done) => void tcp.listen(0, address, done));
    const { port } = tcp.address() as { port: number };
    const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const bound = await new Promise<boolean>((done) => {
      udp.once('error', () => done(false));
      udp.bind(port, address, () => done(true));
    });
    if (bound) return { udp, port };
    await new Promise((done) => tcp.close(done));
  }
  throw new Error('found no port that is free for UDP and TCP');
}

/** What an answer has beside the echo of its question. */
export interface AnswerParts {
  readonly rcode?: number;
  /** Header flags; default RD and RA. */
  readonly flags?: number;
  readonly answers?: readonly Answer[];
  readonly nsid?: string;
}

/** A right answer to `query`, as a server would build it. */
export function answerTo(query: Buffer, { rcode = 0, flags = 0x0180, answers = [], nsid }: AnswerParts): Buffer {
  const { id = 0, questions = [] } = dnsPacket.decode(query);
  const options = nsid === undefined ? [] : [{ code: 3, data: Buffer.from(nsid) } as unknown as dnsPacket.PacketOpt];
  const opt = { name: '.', type: 'OPT', udpPayloadSize: 1232, extendedRcode: rcode >> 4, ednsVersion: 0, flags: 0 };
  return dnsPacket.encode({
    type: 'response',
    id,
    flags: flags | (rcode & 0xf),
    questions,
    answers: [...answers],
    additionals: [{ ...opt, type: 'OPT', flag_do: false, options }],
  });
}
