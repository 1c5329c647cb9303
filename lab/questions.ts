/** What the meter asks: each kind sends one question and tells which server gave the right answer. */
import { createHash, createHmac } from 'node:crypto';
import dgram from 'node:dgram';
import net from 'node:net';
import { decode, encode } from 'dns-packet';

/** `a1`, `b2`: what every server of the lab calls itself when its service is right. */
const SERVER = /^[ab][12]$/;

/** Called with the number of a question and the server that answered it. */
export type OnAnswer = (sequence: number, server: string) => void;

/** Asks one question each time; whatever is not a right answer counts as none. */
export interface Asker {
  ask(sequence: number): void;
  close(): void;
}

export type Kind = 'dns' | 'http' | 'radius';

/** Several flows, so that where two servers share an address, both are seen (routers hash by port). */
const FLOWS = 8;

/** An asker of `kind` for `address`. */
export function asker(kind: Kind, address: string, onAnswer: OnAnswer): Asker {
  if (kind === 'http') return httpAsker(address, onAnswer);
  return datagramAsker(address, kind === 'dns' ? dns(onAnswer) : radius(onAnswer));
}

interface Protocol {
  readonly port: number;
  request(sequence: number): Buffer;
  response(message: Buffer): void;
}

/** Unconnected sockets: on a connected one, the ICMP error for one query makes the sending of the next fail. */
function datagramAsker(address: string, protocol: Protocol): Asker {
  const sockets = Array.from({ length: FLOWS }, () => {
    const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.on('message', (message, sender) => {
      if (sender.address === address) protocol.response(message);
    });
    socket.on('error', () => undefined);
    socket.bind();
    return socket;
  });
  return {
    ask(sequence) {
      sockets[sequence % FLOWS]?.send(protocol.request(sequence), protocol.port, address, () => undefined);
    },
    close() {
      for (const socket of sockets) socket.close();
    },
  };
}

/** TXT of a name that nobody asked before, so that no cache answers. */
function dns(onAnswer: OnAnswer): Protocol {
  return {
    port: 53,
    request: (sequence) =>
      encode({
        type: 'query',
        id: sequence & 0xffff,
        flags: 0x0100,
        questions: [{ type: 'TXT', name: `q${sequence}.id.any.test` }],
      }),
    response(message) {
      const { questions, answers } = decode(message);
      const sequence = Number(questions?.[0]?.name.match(/^q(\d+)\./)?.[1] ?? Number.NaN);
      const [answer] = answers ?? [];
      const text = answer?.type === 'TXT' ? String(answer.data) : '';
      if (SERVER.test(text)) onAnswer(sequence, text);
    },
  };
}

const SECRET = 'testing123';
const PASSWORD = 'user-4200';
const ACCESS_REQUEST = 1;
const ACCESS_ACCEPT = 2;
const REPLY_MESSAGE = 18;

/** Access-Request with PAP (RFC 2865 section 5.2) and Message-Authenticator (RFC 3579); the lab's servers say their name in Reply-Message. */
function radius(onAnswer: OnAnswer): Protocol {
  const open = new Map<number, number>();
  return {
    port: 1812,
    request(sequence) {
      open.set(sequence & 0xff, sequence);
      return accessRequest(sequence);
    },
    response(message) {
      const sequence = open.get(message[1] ?? -1);
      const server = message[0] === ACCESS_ACCEPT ? attribute(message, REPLY_MESSAGE) : undefined;
      if (sequence !== undefined && server !== undefined && SERVER.test(server)) onAnswer(sequence, server);
    },
  };
}

function accessRequest(sequence: number): Buffer {
  const authenticator = createHash('md5').update(`lab ${sequence}`).digest();
  const pad = createHash('md5').update(SECRET).update(authenticator).digest();
  const password = Buffer.alloc(16);
  password.write(PASSWORD);
  const hidden = password.map((byte, i) => byte ^ (pad[i] ?? 0));
  const attributes = [
    Buffer.concat([Buffer.from([80, 18]), Buffer.alloc(16)]),
    Buffer.concat([Buffer.from([1, 7]), Buffer.from('probe')]),
    Buffer.concat([Buffer.from([2, 18]), hidden]),
  ];
  const packet = Buffer.concat([Buffer.from([ACCESS_REQUEST, sequence & 0xff, 0, 0]), authenticator, ...attributes]);
  packet.writeUInt16BE(packet.length, 2);
  createHmac('md5', SECRET).update(packet).digest().copy(packet, 22);
  return packet;
}

function attribute(packet: Buffer, wanted: number): string | undefined {
  for (let at = 20; at + 2 <= packet.length; at += Math.max(2, packet[at + 1] ?? 2)) {
    if (packet[at] === wanted) return packet.subarray(at + 2, at + (packet[at + 1] ?? 2)).toString();
  }
  return undefined;
}

/** A fresh connection each time, as a new client would make. */
function httpAsker(address: string, onAnswer: OnAnswer): Asker {
  const open = new Set<net.Socket>();
  return {
    ask(sequence) {
      const socket = net.connect({ host: address, port: 80 });
      open.add(socket);
      let text = '';
      socket.on('connect', () => socket.write('GET / HTTP/1.1\r\nHost: www.any.test\r\nConnection: close\r\n\r\n'));
      socket.on('data', (data) => {
        text += data.toString('latin1');
      });
      socket.on('end', () => {
        const server = /^HTTP\/1\.1 200 [\s\S]*\r\n\r\n(\S+)\n$/.exec(text)?.[1];
        if (server !== undefined && SERVER.test(server)) onAnswer(sequence, server);
      });
      socket.on('error', () => undefined);
      socket.on('close', () => open.delete(socket));
      socket.setTimeout(2000, () => socket.destroy());
    },
    close() {
      for (const socket of open) socket.destroy();
    },
  };
}
