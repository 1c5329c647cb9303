/** The `notify:` section: who is told what happened. */
import { z } from 'zod';
import { secretSchema } from '../../probes/secret-schema.ts';
import { DEFAULTS } from '../defaults.ts';
import { duration, FilePath, Host, Port, whole } from './scalars.ts';

const { notify: defaults } = DEFAULTS;

const SnmpReceiver = z.strictObject({
  target: Host.describe('Address or name of the receiver (the NMS).'),
  port: Port.default(defaults.snmp.port).describe('UDP port of the receiver.'),
  version: z
    .literal('2c')
    .default(defaults.snmp.version)
    .describe('SNMP version; v3 comes with a later version of anytrack.'),
  community: secretSchema.describe('Community of the notifications.'),
  inform: z
    .boolean()
    .default(defaults.snmp.inform)
    .describe('Send informs, which are acknowledged and retried, instead of traps.'),
  retries: whole(0, 10).default(defaults.snmp.retries).describe('How often an unacknowledged inform is sent again.'),
  timeout: duration({ min: '100ms', max: '1m' })
    .prefault(defaults.snmp.timeout)
    .describe('Wait for the acknowledgement of an inform.'),
});

/** Notifications as written, with defaults. */
export const NotifySection = z.strictObject({
  snmp: z.array(SnmpReceiver).default([]).describe('Receivers of SNMP notifications.'),
  baseOid: z
    .string()
    .regex(/^[0-2](\.(0|[1-9]\d{0,9})){5,60}$/, { error: 'must be an OID in numbers, such as 1.3.6.1.4.1.99999.1' })
    .meta({ title: 'an OID in numbers' })
    .default(defaults.baseOid)
    .describe(
      'Root of ANYTRACK-MIB; the default stands under netSnmpPlaypen and should be replaced by an arc of your own.',
    ),
  heartbeat: duration({ min: '1s', max: '1d' })
    .prefault(defaults.heartbeat)
    .describe('How often a heartbeat notification is sent.'),
  auditFile: FilePath.optional().describe(
    'Append-only file with one JSON line per change, relative to this file. Default: none.',
  ),
});

/** Notifications as written, with defaults. */
export type NotifySection = z.output<typeof NotifySection>;
