/** `lab.sh drill`: breaks things in the running lab, one after the other, and tells what the client saw. */
import { parseArgs } from 'node:util';
import { parseDuration } from '../src/lib/duration.ts';
import { type DrillReport, mustBeHealthy, runDrill } from './drill-run.ts';
import { DRILLS, type Drill } from './drills.ts';
import { phaseOf, setFrequency } from './lab.ts';
import { median } from './statistics.ts';

const USAGE = `usage: lab.sh drill [NAME ...] [--runs N] [--frequency 1s|100ms] [--json]
  --runs N        each drill N times; where the project has a bar, the median is held against it
  --frequency D   of the probes (writes the policies again and restarts anytrack)
  --json          one JSON object on standard output
drills:
${DRILLS.map(({ name, title }) => `  ${name.padEnd(18)} ${title}`).join('\n')}
exit codes: 0 all passed, 1 a drill failed, 2 wrong use or no healthy lab`;

/** All runs of one drill. */
interface DrillSummary {
  readonly name: string;
  readonly title: string;
  readonly passed: boolean;
  readonly reasons: readonly string[];
  readonly outageMs: { readonly median: number; readonly min: number; readonly max: number };
  readonly runs: readonly DrillReport[];
}

async function runDrills(drills: readonly Drill[], runs: number, frequencyMs: number, tell: (text: string) => void) {
  const summaries: DrillSummary[] = [];
  for (const drill of drills) {
    const reports: DrillReport[] = [];
    for (let i = 0; i < runs; i++) {
      const report = await runDrill(drill, frequencyMs, phaseOf(i, runs));
      reports.push(report);
      tell(describe(report));
    }
    summaries.push(summarise(drill, reports, frequencyMs));
  }
  return summaries;
}

function summarise(drill: Drill, runs: readonly DrillReport[], frequencyMs: number): DrillSummary {
  const times = runs.map(({ outageMs }) => outageMs);
  const middle = median(times);
  const bar = runs.length > 1 ? drill.medianBarMs?.(frequencyMs) : undefined;
  const overBar = bar !== undefined && middle > bar ? [`median outage ${middle} ms, bar ${bar} ms`] : [];
  const reasons = [...runs.flatMap((run) => run.reasons), ...overBar];
  return {
    name: drill.name,
    title: drill.title,
    passed: reasons.length === 0,
    reasons,
    outageMs: { median: middle, min: Math.min(...times), max: Math.max(...times) },
    runs,
  };
}

function describe(report: DrillReport): string {
  const { title, passed, outageMs, lost, lostOnReturn } = report;
  const routes = report.routes.map(
    ({ ms, router, change }) => `    ${String(ms).padStart(6)} ms  ${router}  ${change}`,
  );
  return [
    `${passed ? 'pass' : 'FAIL'}  ${title}: outage ${outageMs} ms, ${lost} queries lost, ${lostOnReturn} on return`,
    ...report.reasons.map((reason) => `    why: ${reason}`),
    ...routes,
    `    traps: ${counted(report.traps) || 'none'}`,
  ].join('\n');
}

/** `anytrackTrackDown x2, anytrackStarted`. */
function counted(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count > 1 ? `${name} x${count}` : name)).join(', ');
}

function choose(names: readonly string[]): Drill[] {
  const unknown = names.find((name) => !DRILLS.some((drill) => drill.name === name));
  if (unknown !== undefined) throw new Error(`no drill ${unknown}\n${USAGE}`);
  return DRILLS.filter(({ name }) => names.length === 0 || names.includes(name));
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      runs: { type: 'string', default: '1' },
      frequency: { type: 'string', default: '1s' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const drills = choose(positionals);
  const frequencyMs = parseDuration(values.frequency);
  const runs = Number(values.runs);
  if (frequencyMs === undefined || !(runs >= 1 && runs <= 100)) throw new Error(USAGE);
  await setFrequency(values.frequency);
  await mustBeHealthy();
  const summaries = await runDrills(drills, runs, frequencyMs, values.json ? () => undefined : console.log);
  const failed = summaries.filter(({ passed }) => !passed);
  if (values.json) console.log(JSON.stringify({ frequency: values.frequency, drills: summaries }));
  else console.log(verdict(summaries));
  return failed.length === 0 ? 0 : 1;
}

function verdict(summaries: readonly DrillSummary[]): string {
  const lines = summaries.map(({ name, passed, outageMs: { median: middle, min, max } }) => {
    const range = min === max ? '' : ` [${min}, ${max}]`;
    return `${passed ? 'pass' : 'FAIL'}  ${name.padEnd(18)} outage ${middle} ms${range}`;
  });
  const passed = summaries.filter((summary) => summary.passed).length;
  return ['', ...lines, `${passed} of ${summaries.length} drills passed`].join('\n');
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    console.error(`drill: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 2;
  }
}
