import { createSocket } from 'node:dgram';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Sockets } from './contract.ts';

/** The operating system's sockets. */
export const systemSockets: Sockets = { createUdp: createSocket, connectTcp, connectTls };
