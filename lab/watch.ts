/** What the drills and benches watch while something is broken: the client, the routes, the NMS. */
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { end, LAB_DIR, monotonicMs, spawnOn, spawnScript, until } from './lab.ts';
import type { MeterLine } from './meter.ts';
import type { Kind } from './questions.ts';

type Serving = Extract<MeterLine, { event: 'serving' }>;
type OutageLine = Extract<MeterLine, { event: 'outage' }>;
type Summary = Extract<MeterLine, { event: 'summary' }>;

/** What the client saw from the start of the meter to its end. */
export interface ClientReport {
  readonly outages: readonly OutageLine[];
  readonly summary: Summary | undefined;
}

/** A meter on the lab's client. */
export class ClientMeter {
  readonly #child: ChildProcess;
  readonly #lines: MeterLine[] = [];

  constructor(kind: Kind, address: string) {
    // A new connection each time is a heavier question; four times slower is still 20 ms.
    this.#child = spawnScript('client', 'meter.ts', [kind, address, kind === 'dns' ? '5' : '20']);
    onLines(this.#child, (line) => this.#lines.push(JSON.parse(line) as MeterLine));
  }

  /** Waits until `site` serves the client. @returns false if it does not within `timeoutMs` */
  servedBy(site: string, timeoutMs: number): Promise<boolean> {
    return until(() => this.serving()?.site === site, timeoutMs);
  }

  /** Who serves now, and since when. */
  serving(): Serving | undefined {
    return this.#lines.findLast((line) => line.event === 'serving');
  }

  /** Ends the meter and gives its report. */
  async finish(): Promise<ClientReport> {
    await end(this.#child);
    return {
      outages: this.#lines.filter((line) => line.event === 'outage'),
      summary: this.#lines.find((line) => line.event === 'summary'),
    };
  }
}

/** A change of a host route in a router's kernel, monotonic milliseconds. */
export interface RouteEvent {
  readonly at: number;
  readonly router: string;
  readonly op: '+' | '-';
  /** `10.0.0.1 via 10.10.10.1`; with several next hops, all of them. */
  readonly route: string;
}

/** Host routes of the anycast space; the others are noise. */
const HOST_ROUTE = /^(Deleted )?(10\.0\.0\.\d+|2001:db8:ac::[0-9a-f]+) /;

/** `ip monitor route` on a router, for the routes of the anycast space. */
export class RouteWatch {
  readonly events: RouteEvent[] = [];
  readonly #child: ChildProcess;
  #open: { at: number; op: '+' | '-'; prefix: string; hops: string[] } | undefined;

  constructor(router: string) {
    this.#child = spawnOn(router, ['ip', 'monitor', 'route']);
    onLines(this.#child, (line) => this.#line(router, line));
  }

  /** A route with several next hops is told in several lines, the next hops indented. */
  #line(router: string, line: string): void {
    const match = HOST_ROUTE.exec(line);
    if (match === null && !line.startsWith('\t')) return;
    const via = [...line.matchAll(/via (\S+)/g)].flatMap((found) => found[1] ?? []);
    if (match !== null) {
      this.#open = { at: monotonicMs(), op: match[1] === undefined ? '+' : '-', prefix: match[2] ?? '', hops: [] };
    } else if (this.#open?.hops.length) {
      this.events.pop();
    }
    if (this.#open === undefined) return;
    this.#open.hops.push(...via);
    const { at, op, prefix, hops } = this.#open;
    if (hops.length > 0) this.events.push({ at, router, op, route: `${prefix} via ${hops.join(', ')}` });
  }

  close(): Promise<void> {
    return end(this.#child);
  }
}

/** Notifications that the NMS has logged. */
export class TrapLog {
  readonly #file = join(LAB_DIR, 'nms/traps.log');
  readonly #offset = existsSync(this.#file) ? statSync(this.#file).size : 0;

  /** Names of the notifications since this object was made, in order. */
  names(): string[] {
    if (!existsSync(this.#file)) return [];
    const text = readFileSync(this.#file).subarray(this.#offset).toString();
    return [...text.matchAll(/snmpTrapOID\.0 = OID: (\S+)|\.1\.3\.6\.1\.6\.3\.1\.1\.4\.1\.0 = OID: (\S+)/g)].flatMap(
      (match) => match[1] ?? match[2] ?? [],
    );
  }
}

function onLines(child: ChildProcess, use: (line: string) => void): void {
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', use);
}
