/** The radius probe: RFC 2865, 2869, 3579 and 5997 over IPv4 and IPv6. */
import { parseDuration } from '../lib/duration.ts';
import type { ProbeKind } from './contract.ts';
import { Exchange } from './radius/exchange.ts';
import { type RadiusOptions, radiusOptionsSchema } from './radius/options.ts';
import { Run } from './run.ts';

/** Asks a RADIUS server for a sign of life that proves knowledge of the shared secret. */
export const radius: ProbeKind<RadiusOptions> = {
  kind: 'radius',
  summary: 'RADIUS Status-Server, or Access-Request with PAP or CHAP; authenticated both ways.',
  schema: radiusOptionsSchema,
  asksIdentity: (options) => options.identity !== undefined,
  describe(options) {
    if (options.mode !== 'statusServer') return `${options.mode.toUpperCase()} as ${options.user?.name ?? '?'}`;
    return options.accounting ? 'Status-Server (accounting)' : 'Status-Server';
  },
  run(target, options, context) {
    const run = new Run(context);
    if (options.identity !== undefined && target.identity === undefined) {
      return Promise.resolve(run.error('internal', 'identity is asked for, but the endpoint has none'));
    }
    const tryTimeoutMs = parseDuration(options.tryTimeout ?? '') ?? context.timeoutMs / options.tries;
    return new Exchange(options, { target, context, run, tryTimeoutMs }).result();
  },
};
