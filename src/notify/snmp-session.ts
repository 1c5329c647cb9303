import snmp from 'net-snmp';
import type { SnmpTarget } from './contract.ts';
import type { WireNotification } from './encode.ts';

/** One socket to one receiver. */
export interface SnmpSession {
  /** Resolves once the trap has been handed to the network. */
  trap(notification: WireNotification): Promise<void>;
  /** Resolves once the receiver has acknowledged the inform; rejects when it refuses it or its time is over. */
  inform(notification: WireNotification): Promise<void>;
  close(): void;
}

/**
 * Opens a session with the net-snmp package. Retries are not its business but the queue's.
 * @param lifetimeMs how long an answer to an inform is awaited
 */
export function openSnmpSession(target: SnmpTarget, lifetimeMs: number): SnmpSession {
  const session = snmp.createSession(target.address, target.community.reveal(), {
    version: snmp.Version2c,
    transport: target.address.includes(':') ? 'udp6' : 'udp4',
    trapPort: target.port,
    retries: 0,
    timeout: lifetimeMs,
  });
  // An answer that cannot be parsed: whoever sent it, it acknowledges nothing.
  session.on('error', () => {});
  const settle = (resolve: () => void, reject: (error: Error) => void) => (error: Error | null) => {
    if (error === null) resolve();
    else reject(error);
  };
  const varbindsOf = (notification: WireNotification) => notification.varbinds.map((varbind) => ({ ...varbind }));
  return {
    trap: (notification) =>
      new Promise((resolve, reject) => {
        session.trap(notification.oid, varbindsOf(notification), {}, settle(resolve, reject));
      }),
    inform: (notification) =>
      new Promise((resolve, reject) => {
        session.inform(notification.oid, varbindsOf(notification), {}, settle(resolve, reject));
      }),
    close: () => void session.close(),
  };
}
