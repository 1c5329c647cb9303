/**
 * The client's view of an anycast service: asks at a fixed rate, whatever comes back (open loop), and tells who answers.
 * Runs on the lab's client until SIGTERM. Prints JSON lines: `started`, `serving` at each change of site, and at the
 * end one `outage` each and a `summary`. Times are CLOCK_MONOTONIC milliseconds.
 *
 * usage: meter.ts dns|http|radius ADDRESS [intervalMs]
 */
import { monotonicMs } from './lab.ts';
import { type Outage, outages, type Query } from './outage.ts';
import { type Asker, asker, type Kind } from './questions.ts';

/** An answer later than this is none: what a frozen server says when it thaws does not end an outage. */
const LATE_MS = 250;

/** What the meter prints. */
export type MeterLine =
  | { readonly event: 'started'; readonly at: number }
  | { readonly event: 'serving'; readonly at: number; readonly site: string; readonly server: string }
  | ({ readonly event: 'outage' } & Outage)
  | {
      readonly event: 'summary';
      readonly sent: number;
      readonly lost: number;
      /** Worst distance between when a query was due and when it was sent: the error of every time above. */
      readonly worstLatenessMs: number;
      readonly rttMs: { readonly median: number; readonly max: number };
    };

function print(line: MeterLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

class Meter {
  readonly #queries: Query[] = [];
  readonly #intervalMs: number;
  readonly #asker: Asker;
  readonly #startedAt = monotonicMs();
  #serving: string | undefined;
  #worstLatenessMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(kind: Kind, address: string, intervalMs: number) {
    this.#intervalMs = intervalMs;
    this.#asker = asker(kind, address, (sequence, server) => this.#answered(sequence, server));
  }

  start(): void {
    print({ event: 'started', at: this.#startedAt });
    this.#tick();
  }

  /** Sends what is due, and all that is overdue: a timer that fires late does not thin out the queries. */
  #tick(): void {
    for (let due = this.#due(); due <= monotonicMs(); due = this.#due()) {
      const sentAt = monotonicMs();
      this.#worstLatenessMs = Math.max(this.#worstLatenessMs, sentAt - due);
      this.#queries.push({ sentAt });
      this.#asker.ask(this.#queries.length - 1);
    }
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, this.#due() - monotonicMs()));
  }

  #due(): number {
    return this.#startedAt + this.#queries.length * this.#intervalMs;
  }

  #answered(sequence: number, server: string): void {
    const at = monotonicMs();
    const query = this.#queries[sequence];
    if (query === undefined || query.answer !== undefined || at - query.sentAt > LATE_MS) return;
    this.#queries[sequence] = { ...query, answer: { at, server } };
    const site = server.charAt(0);
    if (site === this.#serving) return;
    print({ event: 'serving', at, site, server });
    this.#serving = site;
  }

  /** Stops asking; the last questions still have their time to be answered. */
  stop(): void {
    clearTimeout(this.#timer);
    setTimeout(() => this.#finish(), LATE_MS);
  }

  #finish(): void {
    this.#asker.close();
    for (const outage of outages(this.#queries)) print({ event: 'outage', ...outage });
    const rtts = this.#queries.flatMap(({ sentAt, answer }) => (answer === undefined ? [] : [answer.at - sentAt]));
    rtts.sort((one, other) => one - other);
    print({
      event: 'summary',
      sent: this.#queries.length,
      lost: this.#queries.length - rtts.length,
      worstLatenessMs: this.#worstLatenessMs,
      rttMs: { median: rtts[rtts.length >> 1] ?? 0, max: rtts.at(-1) ?? 0 },
    });
  }
}

function main([kind, address, intervalMs]: readonly string[]): void {
  if ((kind !== 'dns' && kind !== 'http' && kind !== 'radius') || address === undefined) {
    console.error('usage: meter.ts dns|http|radius ADDRESS [intervalMs]');
    process.exitCode = 2;
    return;
  }
  const meter = new Meter(kind, address, Number(intervalMs ?? 5));
  meter.start();
  process.once('SIGTERM', () => meter.stop());
  process.once('SIGINT', () => meter.stop());
}

if (import.meta.main) main(process.argv.slice(2));
