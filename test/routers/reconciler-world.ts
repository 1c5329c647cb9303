import type { DesiredRoute, RouteAttributes, RouteKey } from '../../src/model.ts';
import type { AnytrackEvent } from '../../src/notify/contract.ts';
import type { RouterSettings } from '../../src/routers/contract.ts';
import { createMemoryDriver } from '../../src/routers/memory/driver.ts';
import { memoryPlatform } from '../../src/routers/memory/platform.ts';
import { MemoryRouter, type MemoryRouterOptions } from '../../src/routers/memory/router.ts';
import { Reconciler, type ReconcilerOptions } from '../../src/routers/reconciler.ts';
import type { Witness } from '../../src/routers/witness.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { seededRandom } from '../support/seeded-random.ts';

export const OURS: RouteAttributes = { tag: 4200, name: 'anytrack-resolver' };

export function key(last = 1, nextHop = '192.0.2.1'): RouteKey {
  return { vrf: 'default', prefix: `10.0.0.${last}/32`, nextHop };
}

export function wish(want: DesiredRoute['want'], over: Partial<DesiredRoute> = {}): DesiredRoute {
  const reason = want === 'present' ? 'endpoint-up' : want === 'absent' ? 'endpoint-down' : 'evidence-incomplete';
  return { key: key(), attributes: {}, want, policy: 'resolver', endpoint: 'ns1', reason, ...over };
}

const SETTINGS: RouterSettings = {
  name: 'edge1',
  platform: 'memory',
  transport: 'memory',
  address: '127.0.0.1',
  port: 22,
  username: 'anytrack',
  hostKeys: [],
  legacyAlgorithms: false,
  commandTimeoutMs: 1_000,
  readyTimeoutMs: 5_000,
  keepaliveMs: 10_000,
  driftCheckMs: 60_000,
  save: 'never',
};

export interface WorldOptions extends MemoryRouterOptions {
  readonly orphans?: ReconcilerOptions['orphans'];
  readonly witness?: Witness;
  readonly settings?: Partial<RouterSettings>;
  readonly platform?: typeof memoryPlatform;
}

/** One router and its reconciler, not started. */
export class World {
  readonly clock: FakeClock;
  readonly router: MemoryRouter;
  readonly reconciler: Reconciler;
  readonly events: AnytrackEvent[] = [];
  readonly stop = new AbortController();

  constructor(options: WorldOptions = {}, clock = new FakeClock()) {
    this.clock = clock;
    this.router = new MemoryRouter(options, { clock });
    this.reconciler = new Reconciler(
      {
        router: { ...SETTINGS, ...options.settings },
        mark: { tag: 4200, name: 'anytrack' },
        anycastPrefixes: ['10.0.0.0/24'],
        orphans: options.orphans ?? 'report',
      },
      {
        driver: createMemoryDriver(this.router, { clock }),
        platform: options.platform ?? memoryPlatform,
        clock,
        random: seededRandom(),
        emit: (event) => this.events.push(event),
        ...(options.witness === undefined ? {} : { witness: options.witness }),
      },
    );
  }

  /** Starts it and lets the first pass happen. */
  async start(): Promise<this> {
    this.reconciler.start(this.stop.signal);
    await settle();
    return this;
  }

  /** Tells the wishes and lets whatever can happen at once happen. */
  async want(...routes: DesiredRoute[]): Promise<void> {
    this.reconciler.setDesired(routes);
    await settle();
  }

  /** What was told since the last look, one line each. */
  told(): string[] {
    return this.events.splice(0).map(line);
  }

  /** The router's table, one line each. */
  table(): string[] {
    return this.router.table().map(({ key: { prefix, nextHop }, configured, installed, attributes }) => {
      const where = `${configured ? 'configured' : '-'} ${installed ? 'installed' : '-'}`;
      return `${prefix} ${nextHop} tag ${attributes.tag ?? '-'} ${where}`;
    });
  }

  async close(): Promise<void> {
    const closing = this.reconciler.close();
    await this.clock.advance(10_000);
    await closing;
  }
}

function line(event: AnytrackEvent): string {
  switch (event.type) {
    case 'routeChanged':
    case 'routeFailed': {
      const { change, code, detail } = event.report;
      const what = `${change.op} ${change.key.prefix} ${change.key.nextHop}`;
      return `${event.type} ${what}${code === undefined ? '' : ` [${code}]`}: ${detail}`;
    }
    case 'routeConflict':
    case 'routeDrift':
    case 'routeOrphan':
      return `${event.type} ${event.key.prefix} ${event.key.nextHop}: ${event.detail}`;
    case 'routerSession':
      return `session ${event.state}${event.code === undefined ? '' : ` [${event.code}]`}`;
    case 'routerReloaded':
      return `reloaded: ${event.detail}`;
    default:
      return event.type;
  }
}
