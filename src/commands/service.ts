import { Daemon } from '../daemon.ts';
import { systemClock } from '../lib/clock.ts';
import { systemRandom } from '../lib/random.ts';
import { createLogger } from '../notify/log.ts';
import { type Redact, redactor, secretsIn } from '../notify/redact.ts';
import { probeKinds } from '../probes/registry.ts';
import { systemSockets } from '../probes/sockets.ts';
import { routerParts } from '../routers/parts.ts';
import type { Settings } from '../settings/contract.ts';
import { version } from './version.ts';

/** The daemon with what it writes through, on the real clock, sockets and routers. */
export interface Service {
  readonly daemon: Daemon;
  /** Takes every secret that was ever in force out of a text. */
  readonly redact: Redact;
  /** Replaces the configuration of the running daemon. */
  reload(next: Settings): Promise<void>;
}

export function createService(settings: Settings, level: Settings['log'] = settings.log): Service {
  // Old secrets stay known: a reply that is still on its way may echo one.
  const secrets = [...secretsIn(settings)];
  let replace = redactor(secrets);
  const redact: Redact = (text) => replace(text);
  const log = createLogger(level, { redact });
  const daemon = new Daemon(settings, {
    clock: systemClock,
    random: systemRandom,
    sockets: systemSockets,
    probeKinds,
    log,
    redact,
    version: version(),
    routerParts: (router, anycastPrefixes) =>
      routerParts(router, anycastPrefixes, { clock: systemClock, random: systemRandom }),
  });
  const reload = (next: Settings) => {
    secrets.push(...secretsIn(next));
    replace = redactor(secrets);
    log.level = next.log.level;
    return daemon.reload(next);
  };
  return { daemon, redact, reload };
}
