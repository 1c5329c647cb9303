/** The real reconciler, the real SSH driver and the real ios platform, against the simulated router. */
import { onTestFinished } from 'vitest';
import { routeLine } from '../../src/demo/ios-router/route-text.ts';
import type { SimulatedIosRouterOptions } from '../../src/demo/ios-router/router.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { Secret } from '../../src/lib/secret.ts';
import type { DesiredRoute, RouteKey } from '../../src/model.ts';
import type { AnytrackEvent } from '../../src/notify/contract.ts';
import { ios } from '../../src/routers/cli/ios.ts';
import type { CliPlatform, RouterSettings } from '../../src/routers/contract.ts';
import { Reconciler, type ReconcilerOptions } from '../../src/routers/reconciler.ts';
import { createSshDriver } from '../../src/routers/ssh/driver.ts';
import { startRouter } from '../demo/ios-router/router-world.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { until } from './until.ts';
import { ANYCAST } from './wire.ts';

export const MARK = { tag: 4200, name: 'anytrack' };
export const KEY: RouteKey = { vrf: 'default', prefix: '10.0.0.1/32', nextHop: '10.10.10.1' };
/** The line of a route of ours, as the router shows it. */
export const OUR_LINE = 'ip route 10.0.0.1 255.255.255.255 10.10.10.1 tag 4200 name anytrack-resolver';

export function wish(want: DesiredRoute['want'], key: Partial<RouteKey> = {}, rest: Partial<DesiredRoute> = {}) {
  const reason = want === 'present' ? 'endpoint-up' : want === 'absent' ? 'endpoint-down' : 'evidence-incomplete';
  return { key: { ...KEY, ...key }, attributes: {}, want, policy: 'resolver', endpoint: 'a', reason, ...rest } as const;
}

export function sshSettings(name: string, port: number, hostKey: string): RouterSettings {
  return {
    name,
    platform: 'ios',
    transport: 'ssh',
    address: '127.0.0.1',
    port,
    username: 'anytrack',
    password: new Secret('right', 'test'),
    hostKeys: [hostKey],
    legacyAlgorithms: false,
    commandTimeoutMs: 2_000,
    readyTimeoutMs: 5_000,
    keepaliveMs: 10_000,
    driftCheckMs: 60_000,
    save: 'never',
  };
}

export interface IosWorldOptions {
  readonly router?: Partial<SimulatedIosRouterOptions>;
  readonly platform?: CliPlatform;
  readonly settings?: Partial<RouterSettings>;
  readonly reconciler?: Partial<ReconcilerOptions>;
}

/** One router and its reconciler, started; the end of the test closes both. */
export async function iosWorld(options: IosWorldOptions = {}) {
  const { router, port, hostKeyFingerprint } = await startRouter(options.router);
  const settings = { ...sshSettings('edge1', port, hostKeyFingerprint), ...options.settings };
  const platform = options.platform ?? ios;
  const events: AnytrackEvent[] = [];
  const reconciler = new Reconciler(
    { router: settings, mark: MARK, anycastPrefixes: ANYCAST, orphans: 'report', ...options.reconciler },
    {
      driver: createSshDriver(settings, platform, ANYCAST, { clock: systemClock }),
      platform,
      clock: systemClock,
      random: seededRandom(),
      emit: (event) => events.push(event),
    },
  );
  onTestFinished(() => reconciler.close());
  reconciler.start(new AbortController().signal);
  const running = () => router.device.running.map(routeLine);
  return {
    router,
    reconciler,
    events,
    running,
    /** Waits until the running configuration has the line, or no longer has it. */
    shows: (line: string, there = true) =>
      until(`${line} to be ${there ? 'there' : 'gone'}`, () => running().includes(line) === there),
    eventsOf: <T extends AnytrackEvent['type']>(type: T) =>
      events.filter((event): event is AnytrackEvent & { readonly type: T } => event.type === type),
  };
}
