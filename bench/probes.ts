/** The probe engine: how many probes it does, what they cost, and how late they start. Everything on loopback. */
import { type ChildProcess, fork } from 'node:child_process';
import { probeKinds } from '../src/probes/registry.ts';
import type { IdleLateness } from './support/idle.ts';
import type { Measured, Work } from './support/prober.ts';
import type { ResponderPorts } from './support/responder.ts';
import { startUnbound } from './support/unbound.ts';

/** One measurement, with the bar it is held to, if there is one. */
export interface ProbeFigure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly bar?: { readonly atLeast?: number; readonly atMost?: number };
  readonly met?: boolean;
}

export interface ProbeFigures {
  /** What answered the DNS probes. */
  readonly dnsServer: 'unbound' | 'node';
  readonly figures: readonly ProbeFigure[];
  /** Kinds that are not built yet. */
  readonly notThere: readonly string[];
  /** Whether every bar is met. */
  readonly met: boolean;
}

/** Longest that one prober may take, over the limit of its work, milliseconds. */
const GRACE_MS = 20_000;

const MAXIMUM = { mode: 'maximum', limitMs: 20_000 } as const;

/**
 * Measures DNS, HTTP and RADIUS at maximum rate, and the scheduler at 1,000 and 5,000 DNS probes/s for 10 s each;
 * about 40 s in all. Each measurement runs in a process of its own.
 * @param json true = print nothing, the caller prints what is returned
 */
export async function probesBench({ json }: { readonly json: boolean }): Promise<ProbeFigures> {
  const responder = fork(new URL('./support/responder.ts', import.meta.url));
  const unbound = await startUnbound();
  try {
    const ports = await message<ResponderPorts>(responder, GRACE_MS);
    const result = await measureAll({ ...ports, dns: unbound?.port ?? ports.dns }, unbound ? 'unbound' : 'node');
    if (!json) print(result);
    return result;
  } finally {
    responder.disconnect();
    await unbound?.close();
  }
}

async function measureAll(ports: ResponderPorts, dnsServer: ProbeFigures['dnsServer']): Promise<ProbeFigures> {
  const figures: ProbeFigure[] = [];
  const notThere: string[] = [];
  for (const [kind, count, concurrency] of [
    ['dns', 60_000, 200],
    ['http', 10_000, 50],
    ['radius', 30_000, 100],
  ] as const) {
    if (!probeKinds.has(kind)) notThere.push(kind);
    else figures.push(...rateFigures(kind, await measure({ ...MAXIMUM, kind, port: ports[kind], count, concurrency })));
  }
  for (const [perSecond, atMost] of [
    [1000, 10],
    [5000, 25],
  ] as const) {
    const work = { mode: 'scheduled', kind: 'dns', port: ports.dns, perSecond, durationMs: 10_000 } as const;
    // Beside it an idle process: where its timers are late too, the machine is busy with something else.
    const idle = fork(new URL('./support/idle.ts', import.meta.url));
    figures.push(...latenessFigures(perSecond, atMost, await measure(work)));
    const answer = message<IdleLateness>(idle, GRACE_MS);
    idle.send('tell');
    figures.push(figure('  an idle process meanwhile: lateness p99', (await answer).p99Ms, 'ms'));
  }
  return { dnsServer, figures, notThere, met: figures.every((figure) => figure.met !== false) };
}

function rateFigures(kind: string, measured: Measured): ProbeFigure[] {
  const { probes, lost, seconds, cpuSeconds } = measured;
  const isDns = kind === 'dns';
  return [
    figure(
      `${kind}: probes answered as expected`,
      (probes - lost) / seconds,
      '/s',
      isDns ? { atLeast: 8000 } : undefined,
    ),
    figure(`${kind}: lost of ${probes}${reasonOf(measured)}`, lost, '', { atMost: 0 }),
    figure(`${kind}: CPU per 1,000 probes`, (cpuSeconds / probes) * 1000, 's', isDns ? { atMost: 0.1 } : undefined),
  ];
}

function latenessFigures(perSecond: number, atMost: number, measured: Measured): ProbeFigure[] {
  const { lateness, lost, probes, rssMiB, cpuSeconds } = measured;
  const name = `dns at ${perSecond.toLocaleString('en')}/s`;
  return [
    figure(`${name}: lateness p50`, lateness?.p50Ms ?? Number.NaN, 'ms'),
    figure(`${name}: lateness p99`, lateness?.p99Ms ?? Number.NaN, 'ms', { atMost }),
    figure(`${name}: started of ${perSecond * 10}`, lateness?.count ?? 0, '', { atLeast: perSecond * 9.9 }),
    figure(`${name}: lost of ${probes}${reasonOf(measured)}`, lost, '', { atMost: 0 }),
    figure(`${name}: CPU per 1,000 probes`, (cpuSeconds / probes) * 1000, 's'),
    figure(`${name}: RSS`, rssMiB, 'MiB', perSecond === 5000 ? { atMost: 150 } : undefined),
  ];
}

function reasonOf({ firstLoss }: Measured): string {
  return firstLoss === undefined ? '' : ` (first: ${firstLoss})`;
}

function figure(what: string, value: number, unit: string, bar?: ProbeFigure['bar']): ProbeFigure {
  if (bar === undefined) return { what, value, unit };
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = bar;
  return { what, value, unit, bar, met: value >= atLeast && value <= atMost };
}

async function measure(work: Work): Promise<Measured> {
  const prober = fork(new URL('./support/prober.ts', import.meta.url));
  const limitMs = (work.mode === 'maximum' ? work.limitMs : work.durationMs) + GRACE_MS;
  prober.send(work);
  try {
    return await message<Measured>(prober, limitMs);
  } finally {
    prober.kill('SIGKILL');
  }
}

/** The child's first message, which is what its code says it sends. */
function message<T>(child: ChildProcess, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no word from a child process within ${limitMs} ms`)), limitMs);
    child.once('message', (value) => {
      clearTimeout(timer);
      resolve(value as T);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`a child process ended with ${code} before its result`));
    });
  });
}

function print({ dnsServer, figures, notThere }: ProbeFigures): void {
  console.log(`probe engine (DNS server: ${dnsServer})`);
  for (const { what, value, unit, bar, met } of figures) {
    const text = `${round(value)} ${unit}`.trimEnd();
    const limit = bar?.atLeast !== undefined ? `at least ${bar.atLeast}` : bar && `at most ${bar.atMost}`;
    const verdict = limit === undefined ? '' : `${limit}: ${met ? 'met' : 'NOT MET'}`;
    console.log(`  ${what.padEnd(44)} ${text.padStart(14)}  ${verdict}`.trimEnd());
  }
  for (const kind of notThere) console.log(`  ${kind}: not there`);
}

function round(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

if (import.meta.main) {
  const json = process.argv.includes('--json');
  const result = await probesBench({ json });
  if (json) console.log(JSON.stringify(result));
  if (!result.met) process.exitCode = 1;
}
