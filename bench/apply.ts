/** From verdict to forwarding table on a real FRR router over SSH, beside the ways of others. Root, about a minute. */
import { FRR_NEEDS, type FrrRouter, startFrr } from '../test/support/frr.ts';
import { missing } from '../test/support/real.ts';
import { RouteMonitor } from './apply/route-monitor.ts';
import * as ways from './apply/ways.ts';

/** Milliseconds from the start of a change. */
interface Times {
  /** Until the way believes that it is done. */
  readonly doneMs: number;
  /** Until the last route was in, or out of, the router's forwarding table. */
  readonly fibMs: number;
}

/** One row of the table; medians in milliseconds. */
export interface ApplyRow extends Times {
  readonly way: string;
  readonly routes: number;
  readonly op: 'both' | 'add' | 'remove';
  readonly changes: number;
  /** `fibMs` over that of the row it is compared with. */
  readonly ratio: number;
  readonly comparedWith: string;
}

export interface ApplyBar {
  readonly what: string;
  readonly value: number;
  readonly atMost: number;
  readonly met: boolean;
}

/** What `npm run bench -- apply --json` prints. */
export interface ApplyReport {
  readonly bench: 'apply';
  readonly rows: readonly ApplyRow[];
  readonly bars: readonly ApplyBar[];
  readonly met: boolean;
}

const SINGLE_CHANGES = 40;
const BATCH_RUNS = 5;
/** zebra and the kernel come to rest, and the reconciler's 50 ms for gathering changes are over. */
const REST_MS = 80;

/**
 * Measures one change in every way, and batches of 100 and 500 against `vtysh -f`.
 * @param json true = print nothing, the caller prints what is returned
 */
export async function applyBench({ json }: { readonly json: boolean }): Promise<ApplyReport> {
  const reason = missing(FRR_NEEDS);
  if (reason !== undefined) throw new Error(`bench apply ${reason}`);
  const router = await startFrr();
  const monitor = new RouteMonitor(router.namespace);
  try {
    await monitor.ready();
    const single = await measureSingle(router, monitor);
    const batches = [...(await measureBatches(router, monitor, 100)), ...(await measureBatches(router, monitor, 500))];
    const bars = barsOf(single, batches);
    const report: ApplyReport = {
      bench: 'apply',
      rows: [...single, ...batches],
      bars,
      met: bars.every(({ met }) => met),
    };
    if (!json) print(report);
    return report;
  } finally {
    monitor.close();
    await router.close();
  }
}

/** Ways take turns change by change, so that a slow moment of the machine hits all alike. */
async function measureSingle(router: FrrRouter, monitor: RouteMonitor): Promise<ApplyRow[]> {
  const quick = [await ways.bareShell(router), await ways.ourSession(router), await ways.ourReconciler(router)];
  const slow = [ways.freshVtysh(router), ways.openSsh(router), await ways.netmiko(router)].filter(
    (way) => way !== undefined,
  );
  const times = new Map<ways.Way, Times[]>([...quick, ...slow].map((way) => [way, []]));
  for (let i = -2; i < SINGLE_CHANGES; i++) {
    for (const way of i < SINGLE_CHANGES / 3 ? times.keys() : quick) {
      const both = await addAndRemove(way, monitor, ['10.9.9.9']);
      if (i >= 0) times.get(way)?.push(...both);
    }
  }
  for (const way of times.keys()) await way.close();
  const floor = median(times.get(quick[0] as ways.Way) ?? [], 'fibMs');
  return [...times].map(([way, of]) => row(way.name, 1, 'both', of, floor, 'bare ssh2 shell loop'));
}

async function measureBatches(router: FrrRouter, monitor: RouteMonitor, count: number): Promise<ApplyRow[]> {
  const addresses = Array.from({ length: count }, (_, i) => `10.9.${i >> 8}.${i & 255}`);
  const rows: ApplyRow[] = [];
  const floors: Record<'add' | 'remove', number> = { add: 0, remove: 0 };
  for (const open of [ways.vtyshFile, ways.ourSession, ways.ourReconciler]) {
    const way = await open(router);
    const times: Times[] = [];
    for (let i = 0; i < BATCH_RUNS; i++) times.push(...(await addAndRemove(way, monitor, addresses)));
    await way.close();
    for (const [op, of] of [
      ['add', times.filter((_, i) => i % 2 === 0)],
      ['remove', times.filter((_, i) => i % 2 === 1)],
    ] as const) {
      if (open === ways.vtyshFile) floors[op] = median(of, 'fibMs');
      rows.push(row(way.name, count, op, of, floors[op], 'vtysh -f, one file'));
    }
  }
  return rows;
}

async function addAndRemove(
  way: ways.Way,
  monitor: RouteMonitor,
  addresses: readonly string[],
): Promise<[Times, Times]> {
  return [await timed(way, monitor, 'add', addresses), await timed(way, monitor, 'remove', addresses)];
}

async function timed(
  way: ways.Way,
  monitor: RouteMonitor,
  op: 'add' | 'remove',
  addresses: readonly string[],
): Promise<Times> {
  const seen = monitor.last(addresses, op === 'add');
  const begun = performance.now();
  await way.change({ op, addresses });
  const doneMs = performance.now() - begun;
  const fibMs = (await seen) - begun;
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  return { doneMs, fibMs };
}

function barsOf(single: readonly ApplyRow[], batches: readonly ApplyRow[]): ApplyBar[] {
  const find = (rows: readonly ApplyRow[], way: string, op: string) =>
    rows.findLast((candidate) => candidate.way === way && candidate.op === op);
  const session = find(single, 'anytrack, session.apply', 'both');
  const whole = find(single, 'anytrack, verdict to proof', 'both');
  const withdrawn = find(batches, 'anytrack, session.apply', 'remove');
  const proved = find(batches, 'anytrack, verdict to proof', 'remove');
  const bar = (what: string, value: number | undefined, atMost: number): ApplyBar => {
    const measured = value ?? Number.POSITIVE_INFINITY;
    return { what, value: measured, atMost, met: measured <= atMost };
  };
  return [
    bar('one route into the FIB by session.apply, times the bare loop', session?.ratio, 2),
    bar('one route from verdict to FIB with the read before it, times the bare loop', whole?.ratio, 2),
    bar('one whole change with read-back, ms', whole?.doneMs, 40),
    bar('500 withdrawals, last out of the FIB, times vtysh -f', withdrawn?.ratio, 3),
    bar('500 withdrawals, from the FIB to the proof, ms', proved && proved.doneMs - proved.fibMs, 1000),
  ];
}

function row(
  way: string,
  routes: number,
  op: ApplyRow['op'],
  times: readonly Times[],
  floor: number,
  comparedWith: string,
): ApplyRow {
  const fibMs = median(times, 'fibMs');
  return {
    way,
    routes,
    op,
    changes: times.length,
    doneMs: median(times, 'doneMs'),
    fibMs,
    ratio: fibMs / floor,
    comparedWith,
  };
}

function median(times: readonly Times[], field: keyof Times): number {
  const sorted = times.map((time) => time[field]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function print({ rows, bars }: ApplyReport): void {
  console.log(`${'way'.padEnd(30)} routes  op      changes  done ms   FIB ms   ratio`);
  for (const { way, routes, op, changes, doneMs, fibMs, ratio, comparedWith } of rows) {
    const figures = [doneMs.toFixed(1).padStart(8), fibMs.toFixed(1).padStart(8), ratio.toFixed(2).padStart(7)];
    console.log(
      `${way.padEnd(30)} ${String(routes).padStart(6)}  ${op.padEnd(7)} ${String(changes).padStart(7)} ${figures.join(' ')} x ${comparedWith}`,
    );
  }
  for (const { what, value, atMost, met } of bars) {
    console.log(`${met ? 'met ' : 'MISS'}  ${what}: ${value.toFixed(2)} (at most ${atMost})`);
  }
}
