/** One measurement of the probe engine in a process of its own, so that its CPU time and memory are its own. */
import { systemClock } from '../../src/lib/clock.ts';
import { keepHeapSmall } from '../../src/lib/memory.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { Secret } from '../../src/lib/secret.ts';
import type { ProbeResult } from '../../src/model.ts';
import type { ProbeContext, ProbeKind } from '../../src/probes/contract.ts';
import { probeKinds } from '../../src/probes/registry.ts';
import { type Lateness, Scheduler } from '../../src/probes/scheduler.ts';
import { systemSockets } from '../../src/probes/sockets.ts';
import { BENCH_SECRET } from './responder.ts';

/** What is to be measured. */
export type Work =
  /** As many as possible: `concurrency` runs at any time until `count` have ended or `limitMs` has passed. */
  | {
      readonly mode: 'maximum';
      readonly kind: string;
      readonly port: number;
      readonly count: number;
      readonly concurrency: number;
      readonly limitMs: number;
    }
  /** The real scheduler with `perSecond` probes of one second each. */
  | {
      readonly mode: 'scheduled';
      readonly kind: string;
      readonly port: number;
      readonly perSecond: number;
      readonly durationMs: number;
    };

export interface Measured {
  readonly probes: number;
  /** Runs that did not pass, with the first one's detail. */
  readonly lost: number;
  readonly firstLoss: string | undefined;
  readonly seconds: number;
  /** User and system time of this process. */
  readonly cpuSeconds: number;
  readonly rssMiB: number;
  readonly lateness: Lateness | undefined;
}

const OPTIONS: Readonly<Record<string, (port: number) => unknown>> = {
  dns: (port) => ({ name: 'anycast.example.com', port, expect: { answers: { include: ['192.0.2.10'] } } }),
  http: (port) => ({ port }),
  radius: (port) => ({ port, secret: new Secret(BENCH_SECRET, 'bench') }),
};

const TARGET = { address: '127.0.0.1', family: 4 } as const;
const SHARED = { clock: systemClock, random: systemRandom, sockets: systemSockets };

/** Runs before anything is counted, so that the code is compiled. */
const WARM_UP = 500;

class Count {
  probes = 0;
  lost = 0;
  firstLoss: string | undefined;

  add(result: ProbeResult): void {
    this.probes++;
    if (!('cause' in result)) return;
    this.lost++;
    this.firstLoss ??= `${result.cause}: ${result.detail}`;
  }
}

async function measure(work: Work): Promise<Measured> {
  const kind = probeKinds.get(work.kind) as ProbeKind<unknown>;
  const options = kind.schema.parse(OPTIONS[work.kind]?.(work.port));
  const run = (context: ProbeContext) => kind.run(TARGET, options, context);
  await atMaximum(run, { count: WARM_UP, concurrency: 10, limitMs: 5000 });
  const cpu = process.cpuUsage();
  const startedMono = systemClock.now();
  const { count, lateness } = work.mode === 'maximum' ? await atMaximum(run, work) : await scheduled(run, work);
  const { user, system } = process.cpuUsage(cpu);
  return {
    probes: count.probes,
    lost: count.lost,
    firstLoss: count.firstLoss,
    seconds: (systemClock.now() - startedMono) / 1000,
    cpuSeconds: (user + system) / 1e6,
    rssMiB: process.memoryUsage().rss / 2 ** 20,
    lateness,
  };
}

interface Outcome {
  readonly count: Count;
  readonly lateness: Lateness | undefined;
}

type RunProbe = (context: ProbeContext) => Promise<ProbeResult>;

async function atMaximum(
  run: RunProbe,
  { count: limit, concurrency, limitMs }: { count: number; concurrency: number; limitMs: number },
): Promise<Outcome> {
  const count = new Count();
  const context = { ...SHARED, signal: new AbortController().signal, timeoutMs: 2000, thresholdMs: 2000 };
  const endMono = systemClock.now() + limitMs;
  let started = 0;
  const worker = async () => {
    while (started < limit && systemClock.now() < endMono) {
      started++;
      count.add(await run(context));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { count, lateness: undefined };
}

async function scheduled(
  run: RunProbe,
  { perSecond, durationMs }: { perSecond: number; durationMs: number },
): Promise<Outcome> {
  const count = new Count();
  const scheduler = new Scheduler({ onResult: (_key, result) => count.add(result) }, SHARED);
  const timings = { frequencyMs: 1000, fastFrequencyMs: 100, timeoutMs: 500, thresholdMs: 250 };
  scheduler.set(Array.from({ length: perSecond }, (_, i) => ({ key: `probe ${i}`, ...timings, run })));
  scheduler.start(new AbortController().signal);
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  const lateness = scheduler.lateness();
  await scheduler.close();
  return { count, lateness };
}

if (import.meta.main) {
  // As the daemon does.
  keepHeapSmall();
  process.once('message', (work: Work) => {
    void measure(work).then((measured) => {
      process.send?.(measured, () => process.disconnect());
    });
  });
}
