import type { Logger } from 'pino';
import { Daemon } from '../daemon.ts';
import { systemClock } from '../lib/clock.ts';
import { systemRandom } from '../lib/random.ts';
import { probeKinds } from '../probes/registry.ts';
import { systemSockets } from '../probes/sockets.ts';
import { routerParts } from '../routers/parts.ts';
import type { Settings } from '../settings/contract.ts';
import { version } from './version.ts';

/** The daemon on the real clock, sockets and routers. */
export function systemDaemon(settings: Settings, log: Logger): Daemon {
  return new Daemon(settings, {
    clock: systemClock,
    random: systemRandom,
    sockets: systemSockets,
    probeKinds,
    log,
    version: version(),
    routerParts: (router, anycastPrefixes) =>
      routerParts(router, anycastPrefixes, { clock: systemClock, random: systemRandom }),
  });
}
