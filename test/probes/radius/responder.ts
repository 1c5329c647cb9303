/** An embedded RADIUS server that answers as the test says. Signs on its own, so that the codec is not tested by itself. */
import { createHash, createHmac } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

export const SECRET = 'xyzzy5461';

interface ReplyParts {
  readonly code?: number;
  readonly identifier?: number;
  readonly attributes?: readonly (readonly [type: number, value: string | Buffer])[];
  readonly secret?: string;
  /** Whether the reply carries a Message-Authenticator. Default true. */
  readonly signed?: boolean;
}

/** An authentic Access-Accept for `request`, but for what `parts` says. */
export function replyTo(request: Buffer, parts: ReplyParts = {}): Buffer {
  const { code = 2, identifier = request[1] ?? 0, attributes = [], secret = SECRET, signed = true } = parts;
  const rest = attributes.map(([type, value]) =>
    Buffer.concat([Buffer.of(type, Buffer.byteLength(value) + 2), bytes(value)]),
  );
  const body = Buffer.concat([
    signed ? Buffer.concat([Buffer.of(80, 18), Buffer.alloc(16)]) : Buffer.alloc(0),
    ...rest,
  ]);
  const header = Buffer.of(code, identifier, 0, 0);
  header.writeUInt16BE(20 + body.length, 2);
  const packet = Buffer.concat([header, request.subarray(4, 20), body]);
  if (signed) createHmac('md5', secret).update(packet).digest().copy(packet, 22);
  createHash('md5').update(packet).update(secret).digest().copy(packet, 4);
  return packet;
}

function bytes(value: string | Buffer): Buffer {
  return typeof value === 'string' ? Buffer.from(value) : value;
}

/** What the server sends for request number `count` (from 1); may take its time. */
export type Script = (
  request: Buffer,
  about: { readonly count: number; readonly from: RemoteInfo; readonly socket: Socket },
) => readonly Buffer[] | Promise<readonly Buffer[]>;

export interface Responder extends AsyncDisposable {
  readonly port: number;
  readonly requests: readonly Buffer[];
  readonly sources: readonly number[];
}

export async function startResponder(script: Script, address = '127.0.0.1'): Promise<Responder> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  const requests: Buffer[] = [];
  const sources: number[] = [];
  socket.on('message', async (request, from) => {
    requests.push(request);
    sources.push(from.port);
    for (const reply of await script(request, { count: requests.length, from, socket })) {
      socket.send(reply, from.port, from.address);
    }
  });
  socket.bind(0, address);
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    requests,
    sources,
    async [Symbol.asyncDispose]() {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
