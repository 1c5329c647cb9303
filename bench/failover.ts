/** How long the client is without an answer when the server of site a dies or freezes, by who withdraws its route. */
import { mustBeHealthy } from '../lab/drill-run.ts';
import { lab, monotonicMs, pause, pauseToPhase, phaseOf, setFrequency, signalDaemon } from '../lab/lab.ts';
import { median } from '../lab/statistics.ts';
import { ClientMeter } from '../lab/watch.ts';
import { CONTENDERS, type Contender } from './contenders.ts';

/** Milliseconds over all runs. */
interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** One row of the table. */
interface FailoverRow {
  readonly contender: string;
  readonly detail: string;
  readonly fault: Fault;
  readonly outageMs: Spread;
  /** Queries lost, median. */
  readonly lost: number;
  /** Median outage over that of the floor. */
  readonly timesFloor: number;
  /** Single outages, in order. */
  readonly runs: readonly number[];
  /** Worst error of the meter's clock, milliseconds. */
  readonly meterLatenessMs: number;
}

/** What `npm run bench -- failover --json` prints. */
export interface FailoverReport {
  readonly bench: 'failover';
  readonly runs: number;
  readonly rows: readonly FailoverRow[];
}

type Fault = 'killed' | 'frozen';

interface Run {
  readonly outageMs: number;
  readonly lost: number;
  readonly meterLatenessMs: number;
}

const FAULTS: Readonly<Record<Fault, { hit(): void; mend(): Promise<void> }>> = {
  killed: {
    hit: () => signalDaemon('a1.unbound', 'SIGKILL'),
    mend: async () => void (await lab('start', 'a1.unbound')),
  },
  frozen: {
    hit: () => signalDaemon('a1.unbound', 'SIGSTOP'),
    mend: async () => signalDaemon('a1.unbound', 'SIGCONT'),
  },
};

/** How long a peer may take to move the client, either way. */
const MOVE_MS = 20_000;

/**
 * Runs every contender through every fault in the lab, which is brought up if it is not, and left healthy.
 * @param options.json print nothing but return the report
 * @param options.runs of each contender and fault
 */
export async function failoverBench(options: { json: boolean; runs: number }): Promise<FailoverReport> {
  const tell = options.json ? () => undefined : console.log;
  await lab('up');
  const rows: Omit<FailoverRow, 'timesFloor'>[] = [];
  try {
    for (const contender of CONTENDERS) rows.push(...(await compete(contender, options.runs, tell)));
  } finally {
    await setFrequency('1s');
    await lab('start', 'pa.anytrack');
    await mustBeHealthy();
  }
  const report = { bench: 'failover', runs: options.runs, rows: compared(rows) } as const;
  tell(table(report.rows));
  return report;
}

async function compete(contender: Contender, runs: number, tell: (text: string) => void) {
  const rows: Omit<FailoverRow, 'timesFloor'>[] = [];
  await contender.start();
  try {
    for (const fault of ['killed', 'frozen'] as const) {
      const results: Run[] = [];
      for (let i = 0; i < runs; i++) results.push(await once(contender, fault, phaseOf(i, runs)));
      const row = rowOf(contender, fault, results);
      tell(`${contender.name}, ${fault}: ${row.runs.join(' ')} ms`);
      rows.push(row);
    }
  } finally {
    await contender.stop();
  }
  return rows;
}

/** One fault, from a healthy lab to a healthy lab. */
async function once(contender: Contender, fault: Fault, phase: number): Promise<Run> {
  const meter = new ClientMeter('dns', '10.0.0.1');
  try {
    await must(meter.servedBy('a', MOVE_MS), `${contender.name}: site a does not serve the client`);
    await pauseToPhase(1200, phase);
    const hitAt = monotonicMs();
    FAULTS[fault].hit();
    contender.atFault?.();
    const moved = await meter.servedBy('b', MOVE_MS);
    await pause(1500 + Math.random() * 1000);
    const mendedAt = monotonicMs();
    await FAULTS[fault].mend();
    contender.atMend?.();
    await must(Promise.resolve(moved), `${contender.name}: the client did not move to site b`);
    await must(meter.servedBy('a', MOVE_MS), `${contender.name}: the client did not come back to site a`);
    const { outages, summary } = await meter.finish();
    const during = outages.filter(({ startedAt }) => startedAt > hitAt - 25 && startedAt < mendedAt);
    return {
      outageMs: Math.round(Math.max(0, ...during.map(({ ms }) => ms ?? 0))),
      lost: during.reduce((total, { lost }) => total + lost, 0),
      meterLatenessMs: Math.round(summary?.worstLatenessMs ?? 0),
    };
  } finally {
    await meter.finish();
  }
}

async function must(condition: Promise<boolean>, complaint: string): Promise<void> {
  if (!(await condition)) throw new Error(complaint);
}

function rowOf({ name, detail }: Contender, fault: Fault, results: readonly Run[]): Omit<FailoverRow, 'timesFloor'> {
  const runs = results.map(({ outageMs }) => outageMs);
  return {
    contender: name,
    detail,
    fault,
    outageMs: { median: median(runs), min: Math.min(...runs), max: Math.max(...runs) },
    lost: median(results.map(({ lost }) => lost)),
    runs,
    meterLatenessMs: Math.max(...results.map(({ meterLatenessMs }) => meterLatenessMs)),
  };
}

/** Adds the ratio to the floor of the same fault. */
function compared(rows: readonly Omit<FailoverRow, 'timesFloor'>[]): FailoverRow[] {
  return rows.map((row) => {
    const floor = rows.find(({ contender, fault }) => contender === 'floor' && fault === row.fault);
    // The meter asks every 5 ms: below that there is nothing to divide by.
    const ratio = row.outageMs.median / Math.max(5, floor?.outageMs.median ?? Number.NaN);
    return { ...row, timesFloor: Number(ratio.toFixed(1)) };
  });
}

function table(rows: readonly FailoverRow[]): string {
  const lines = rows.map(({ contender, fault, outageMs: { median: middle, min, max }, lost, timesFloor }) =>
    [
      contender.padEnd(22),
      fault.padEnd(8),
      String(middle).padStart(6),
      `[${min}, ${max}]`.padStart(14),
      String(lost).padStart(6),
      String(timesFloor).padStart(8),
    ].join(''),
  );
  return ['contender             fault   outage ms    [min, max]  lost x floor', ...lines].join('\n');
}
