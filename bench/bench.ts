/** `npm run bench -- NAME [--json] [--runs N]`: runs one bench. Each is a module of its own, loaded only when asked for. */
import { parseArgs } from 'node:util';

/** What every bench takes. */
interface BenchOptions {
  /** Print nothing; the report is printed as one JSON object. */
  readonly json: boolean;
  readonly runs: number;
}

type Bench = (options: BenchOptions) => Promise<unknown>;

const BENCHES: Readonly<Record<string, { readonly summary: string; readonly module: string; readonly name: string }>> =
  {
    failover: {
      summary: 'outage of the client when a server dies or freezes, against others (root)',
      module: './failover.ts',
      name: 'failoverBench',
    },
    apply: {
      summary: 'from verdict to forwarding table for 1, 100 and 500 routes (root)',
      module: './apply.ts',
      name: 'applyBench',
    },
    probes: {
      summary: 'probes per second, CPU and memory of the probe engine',
      module: './probes.ts',
      name: 'probesBench',
    },
  };

const USAGE = `usage: npm run bench -- NAME [--json] [--runs N]
${Object.entries(BENCHES)
  .map(([name, { summary }]) => `  ${name.padEnd(9)} ${summary}`)
  .join('\n')}`;

async function load(name: string): Promise<Bench> {
  const bench = BENCHES[name];
  if (bench === undefined) throw new Error(USAGE);
  // Typed as unknown: the other benches need not exist for this one to run.
  const module: Readonly<Record<string, unknown>> = await import(bench.module);
  const run = module[bench.name];
  if (typeof run !== 'function') throw new Error(`${bench.module} exports no ${bench.name}`);
  return (options) => run(options);
}

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, runs: { type: 'string', default: '7' } },
  });
  const bench = await load(positionals[0] ?? '');
  const report = await bench({ json: values.json, runs: Number(values.runs) });
  if (values.json) console.log(JSON.stringify(report));
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
