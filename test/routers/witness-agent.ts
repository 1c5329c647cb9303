import { createSocket } from 'node:dgram';
import { encode, Packet, parse } from 'snmp-native';

/** How the agent below misbehaves. */
export interface AgentFaults {
  silent?: boolean;
  /** Drops so many requests first. */
  drop?: number;
  community?: string;
  requestIdOffset?: number;
  garbage?: Buffer;
}

const oidText = (oid: readonly number[]) => oid.join('.');
const order = (a: readonly number[], b: readonly number[]) => {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? -1) - (b[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
};

/** SNMP v2c: noSuchObject and endOfMibView repeat the OID that was asked for (RFC 3416). */
function answerFor(rows: Record<string, { type: number; value: number }>, oid: number[] | undefined, asked: number[]) {
  const row = oid === undefined ? undefined : rows[oidText(oid)];
  if (oid === undefined || row === undefined)
    return { oid: asked, type: oid === undefined ? 0x82 : 0x80, value: 'none' };
  return { oid, ...row };
}

/** A small SNMP v2c agent on loopback with the given rows; `close` it. */
export async function startAgent(rows: Record<string, { type: number; value: number }>, faults: AgentFaults = {}) {
  const sorted = Object.keys(rows)
    .map((text) => text.split('.').map(Number))
    .sort(order);
  const socket = createSocket('udp4');
  const requests: string[] = [];
  socket.on('message', (message, peer) => {
    const request = parse(message);
    const asked = request.pdu.varbinds[0]?.oid ?? [];
    requests.push(`${request.pdu.type === 0 ? 'get' : 'next'} ${oidText(asked)}`);
    if (faults.silent || (faults.drop ?? 0) > requests.length - 1) return;
    if (faults.garbage !== undefined) socket.send(faults.garbage, peer.port, peer.address);
    const oid = request.pdu.type === 0 ? asked : sorted.find((candidate) => order(candidate, asked) > 0);
    const answer = new Packet();
    answer.community = faults.community ?? request.community;
    answer.pdu.type = 2;
    answer.pdu.reqid = request.pdu.reqid + (faults.requestIdOffset ?? 0);
    answer.pdu.varbinds = [answerFor(rows, oid, asked)];
    socket.send(encode(answer), peer.port, peer.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    port: socket.address().port,
    requests,
    close: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
}
