/** Opens sessions to a router whose command line is reached over SSH. */
import type { Clock } from '../../lib/clock.ts';
import { AbortedError } from '../../lib/errors.ts';
import type { CliPlatform, Driver, RouterSettings, Session } from '../contract.ts';
import { openShell } from './connection.ts';
import { translateError } from './errors.ts';
import { Line } from './line.ts';
import { logIn } from './login.ts';
import { SshSession } from './session.ts';

/**
 * A driver for one router. `open` throws RouterError (or AbortedError) and then leaves nothing behind.
 * @param anycastPrefixes the only space whose host routes this driver will ever write
 */
export function createSshDriver(
  settings: RouterSettings,
  platform: CliPlatform,
  anycastPrefixes: readonly string[],
  { clock }: { readonly clock: Clock },
): Driver {
  return {
    async open(signal: AbortSignal): Promise<Session> {
      const shell = await openShell(settings, { echoOff: platform.echoOff === true, clock, signal });
      const line = new Line(shell, { name: settings.name, clock });
      try {
        const conversation = await logIn(line, { settings, platform, clock, signal });
        return new SshSession(line, conversation, { platform, anycastPrefixes, clock });
      } catch (error) {
        line.destroy(undefined);
        throw error instanceof AbortedError ? error : translateError(error, settings.name);
      }
    },
  };
}
