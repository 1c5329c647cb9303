import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { CliPlatform, Driver, RouterSettings } from './contract.ts';
import { createMemoryDriver } from './memory/driver.ts';
import { MemoryRouter } from './memory/router.ts';
import { cliPlatform, cliPlatforms, createDriver } from './registry.ts';
import { createSnmpWitness, type Witness } from './witness.ts';

/** What a reconciler needs to reach one router. */
export interface RouterParts {
  readonly driver: Driver;
  readonly platform: Pick<CliPlatform, 'capabilities' | 'render'>;
  readonly witness?: Witness;
}

/** Every platform by its name in the settings. */
export const platforms: ReadonlyMap<string, CliPlatform> = new Map(Object.entries(cliPlatforms));

/** The parts for a router as it is configured. Nothing is opened yet. */
export function routerParts(
  router: RouterSettings,
  anycastPrefixes: readonly string[],
  dependencies: { readonly clock: Clock; readonly random: Random },
): RouterParts {
  const platform = cliPlatform(router.platform);
  if (router.transport === 'memory') {
    return { driver: createMemoryDriver(new MemoryRouter({}, dependencies), dependencies), platform };
  }
  const { witness } = router;
  return {
    driver: createDriver(router, anycastPrefixes, dependencies),
    platform,
    ...(witness === undefined ? {} : { witness: createSnmpWitness(witness, dependencies) }),
  };
}
