/** Platforms and drivers by the names used in the settings. One line per platform; docs/routers.md has a row for each. */
import type { Clock } from '../lib/clock.ts';
import { OperatorError } from '../lib/errors.ts';
import { frr } from './cli/frr.ts';
import { ios } from './cli/ios.ts';
import type { CliPlatform, Driver, RouterSettings } from './contract.ts';
import { createSshDriver } from './ssh/driver.ts';

/** Every platform that is driven over a command line. */
export const cliPlatforms: Readonly<Record<string, CliPlatform>> = { frr, ios, 'ios-xe': ios };

/** The platform of that name. Throws OperatorError, naming those there are. */
export function cliPlatform(name: string): CliPlatform {
  const platform = Object.hasOwn(cliPlatforms, name) ? cliPlatforms[name] : undefined;
  if (platform !== undefined) return platform;
  const known = Object.keys(cliPlatforms).join(', ');
  throw new OperatorError('configuration', `platform ${JSON.stringify(name)} is not known; there are: ${known}`);
}

/** The driver for a router with `transport: ssh`. Does nothing until it is opened. */
export function createDriver(
  settings: RouterSettings,
  anycastPrefixes: readonly string[],
  dependencies: { readonly clock: Clock },
): Driver {
  return createSshDriver(settings, cliPlatform(settings.platform), anycastPrefixes, dependencies);
}
