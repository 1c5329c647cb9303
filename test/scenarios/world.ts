import { pino } from 'pino';
import { z } from 'zod';
import { Daemon, type DaemonDependencies } from '../../src/daemon.ts';
import type { HealthRules } from '../../src/health/rules.ts';
import type { ErrorCause, FailCause, ProbeResult } from '../../src/model.ts';
import type { AnytrackEvent } from '../../src/notify/contract.ts';
import type { Policy } from '../../src/policies/policy.ts';
import type { ProbeContext, ProbeKind, ProbeTarget } from '../../src/probes/contract.ts';
import { Run } from '../../src/probes/run.ts';
import { systemSockets } from '../../src/probes/sockets.ts';
import type { RouterSettings } from '../../src/routers/contract.ts';
import { createMemoryDriver } from '../../src/routers/memory/driver.ts';
import { memoryPlatform } from '../../src/routers/memory/platform.ts';
import { MemoryRouter } from '../../src/routers/memory/router.ts';
import type { Settings } from '../../src/settings/contract.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** How a target answers: well, not at all, with a failure, so that our own side fails, or so that its run never ends. */
export type Answer = 'pass' | 'hang' | 'never' | FailCause | { readonly error: ErrorCause };

/** A policy in which everything is well; a test states its difference. */
export function aPolicy(difference: Partial<Policy> & { readonly rules?: Partial<HealthRules> } = {}): Policy {
  const { rules, ...rest } = difference;
  const endpoints = rest.endpoints ?? ['a', 'b'].map((name, i) => anEndpoint(name, `10.10.10.${i + 1}`));
  const health = endpoints.map(({ name, targets }) => [
    name,
    someRules(
      targets.map((target) => target.name),
      rules,
    ),
  ]);
  return {
    name: 'resolver',
    description: '',
    address: '10.0.0.1',
    family: 4,
    vrf: 'default',
    routers: ['edge1'],
    route: {},
    endpoints,
    probes: [
      {
        name: 'check',
        kind: 'fake',
        options: {},
        via: 'nextHop',
        frequencyMs: 1000,
        fastFrequencyMs: 100,
        timeoutMs: 300,
        thresholdMs: 100,
      },
    ],
    health: Object.fromEntries(health),
    pool: { minHealthy: { up: 1, down: 1 }, announce: 'each' },
    routeWhenUnknown: { action: 'hold' },
    onStop: 'hold',
    makeBeforeBreak: false,
    ...rest,
  };
}

export function anEndpoint(name: string, nextHop: string): Policy['endpoints'][number] {
  return { name, nextHop, targets: [{ name, address: nextHop }], priority: 0 };
}

function someRules(targets: readonly string[], difference: Partial<HealthRules> = {}): HealthRules {
  return {
    probes: [
      {
        name: 'check',
        reaction: { type: 'consecutive', fall: 2, rise: 2 },
        mode: 'reachability',
        role: 'required',
        not: false,
        staleAfterMs: 3300,
        timeoutMs: 300,
      },
    ],
    targets,
    targetsAtLeast: 1,
    combine: { type: 'all' },
    delay: { upMs: 0, downMs: 0 },
    ...difference,
  };
}

export function aRouter(name: string): RouterSettings {
  return {
    name,
    platform: 'memory',
    transport: 'memory',
    address: '192.0.2.1',
    port: 22,
    username: 'anytrack',
    hostKeys: [],
    legacyAlgorithms: false,
    commandTimeoutMs: 1000,
    readyTimeoutMs: 1000,
    keepaliveMs: 10_000,
    driftCheckMs: 30_000,
    save: 'never',
  };
}

export function someSettings(difference: Partial<Settings> = {}): Settings {
  return {
    site: 'ams1',
    anycastPrefixes: ['10.0.0.0/24'],
    mark: { tag: 4200, name: 'anytrack' },
    routers: [aRouter('edge1')],
    policies: [aPolicy()],
    notify: { snmp: [], baseOid: '1.3.6.1.4.1.8072.9999.9999.4200', heartbeatMs: 60_000 },
    log: { level: 'error' },
    orphans: 'report',
    controlSocket: '/nonexistent',
    ...difference,
  };
}

/** A whole daemon on a fake clock, with memory routers and targets that answer as told. */
export class World {
  readonly clock = new FakeClock();
  readonly events: AnytrackEvent[] = [];
  readonly routers: Readonly<Record<string, MemoryRouter>>;
  /** What the daemon was built with, for whatever else is to run in this world. */
  readonly dependencies: DaemonDependencies;
  readonly daemon: Daemon;
  /** By target address; `pass` where nothing is said. */
  readonly answers = new Map<string, Answer>();

  constructor(settings: Settings = someSettings(), routers: Readonly<Record<string, MemoryRouter>> = {}) {
    this.routers = Object.fromEntries(
      settings.routers.map(({ name }) => [name, routers[name] ?? new MemoryRouter({}, { clock: this.clock })]),
    );
    this.dependencies = {
      clock: this.clock,
      random: seededRandom(),
      sockets: systemSockets,
      probeKinds: new Map([['fake', this.#fakeKind()]]),
      log: pino({ level: 'silent' }),
      version: 'test',
      redact: (text) => text,
      routerParts: ({ name }) => ({
        driver: createMemoryDriver(this.#router(name), { clock: this.clock }),
        platform: memoryPlatform,
      }),
    };
    this.daemon = new Daemon(settings, this.dependencies);
    this.daemon.subscribe((event) => this.events.push(event));
  }

  async start(): Promise<void> {
    await this.daemon.start();
    await this.clock.advance(0);
  }

  /** Next hops of the address's installed routes on a router, sorted. */
  installed(router = 'edge1', prefix = '10.0.0.1/32'): readonly string[] {
    return this.#router(router)
      .table()
      .filter((route) => route.installed && route.key.prefix === prefix)
      .map((route) => route.key.nextHop)
      .sort();
  }

  eventsOf<T extends AnytrackEvent['type']>(type: T): readonly (AnytrackEvent & { readonly type: T })[] {
    return this.events.filter((event): event is AnytrackEvent & { readonly type: T } => event.type === type);
  }

  #router(name: string): MemoryRouter {
    const router = this.routers[name];
    if (router === undefined) throw new Error(`no router ${name}`);
    return router;
  }

  #fakeKind(): ProbeKind<unknown> {
    return {
      kind: 'fake',
      summary: 'answers as told',
      schema: z.unknown(),
      asksIdentity: () => false,
      describe: () => 'fake',
      run: (target, _options, context) => this.#answer(target, context),
    };
  }

  #answer(target: ProbeTarget, context: ProbeContext): Promise<ProbeResult> {
    const run = new Run(context);
    const answer = this.answers.get(target.address) ?? 'pass';
    return new Promise((resolve) => {
      const after = (ms: number, end: () => ProbeResult) => {
        const timer = context.clock.timer(ms, () => resolve(end()));
        context.signal.addEventListener('abort', () => {
          timer.cancel();
          resolve(run.error('aborted', 'aborted'));
        });
      };
      if (answer === 'never') return;
      if (answer === 'pass') after(1, () => run.pass('well'));
      else if (answer === 'hang') after(context.timeoutMs, () => run.fail('timeout', 'no answer'));
      else if (typeof answer === 'string') after(1, () => run.fail(answer, 'ill'));
      else after(1, () => run.error(answer.error, 'our side'));
    });
  }
}
