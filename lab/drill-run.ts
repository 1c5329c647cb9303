/** Runs one drill once and judges it. */
import { type Drill, routesWhileBroken } from './drills.ts';
import { anycastRoutes, healthyRoutes, monotonicMs, pause, pauseToPhase, pidOf, until } from './lab.ts';
import { ClientMeter, type ClientReport, type RouteEvent, RouteWatch, TrapLog } from './watch.ts';

/** What one run of a drill showed. */
export interface DrillReport {
  readonly name: string;
  readonly title: string;
  readonly passed: boolean;
  /** Why it did not pass; empty if it did. */
  readonly reasons: readonly string[];
  /** Longest outage of the client while it was broken, milliseconds; 0 = none. */
  readonly outageMs: number;
  readonly lost: number;
  /** Queries lost after the mending, when the routes came back. */
  readonly lostOnReturn: number;
  /** Changes of host routes, milliseconds after the hit. */
  readonly routes: readonly { readonly ms: number; readonly router: string; readonly change: string }[];
  /** Names of the notifications received, in order. */
  readonly traps: readonly string[];
  /** Worst error of the meter's clock, milliseconds. */
  readonly meterLatenessMs: number;
}

/** Longest wait for the expected state after the hit, and for health after the mending. */
const REACT_MS = 15_000;
const RECOVER_MS = 25_000;
/** Informs are acknowledged in milliseconds; this is for a lost one. */
const TRAPS_MS = 5_000;

/** Whether both sites announce what they have and nothing else. */
export function isHealthy(): boolean {
  return (['a', 'b'] as const).every((site) => same(anycastRoutes(`r${site}`, 'static'), healthyRoutes(site)));
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.join('\n') === other.join('\n');
}

/** Waits until the lab is well. @throws with what is missing */
export async function mustBeHealthy(): Promise<void> {
  for (const daemon of ['pa.anytrack', 'pb.anytrack']) {
    if (pidOf(daemon) === undefined) throw new Error(`${daemon} does not run: lab.sh start ${daemon}`);
  }
  if (await until(isHealthy, RECOVER_MS)) return;
  const found = ['ra', 'rb'].map((router) => `${router}: ${anycastRoutes(router, 'static').join('; ') || 'none'}`);
  throw new Error(`the lab is not healthy; static routes of ${found.join(' and ')}`);
}

/**
 * Runs `drill` in a healthy lab and leaves it healthy.
 * @param phase of the second at which it hits, 0 to 1
 */
export async function runDrill(drill: Drill, frequencyMs: number, phase: number): Promise<DrillReport> {
  await mustBeHealthy();
  const meter = new ClientMeter(drill.client.kind, drill.client.address);
  const watches = [new RouteWatch('ra'), new RouteWatch('core')];
  const traps = new TrapLog();
  const reasons: string[] = [];
  if (!(await meter.servedBy('a', 10_000))) reasons.push('site a did not serve the client before the hit');
  await pauseToPhase(700, phase);

  const hitAt = monotonicMs();
  try {
    await drill.hit();
    reasons.push(...(await awaitReaction(drill, meter)));
    await pause(500);
  } catch (error) {
    reasons.push(error instanceof Error ? error.message : String(error));
  }
  const mendedAt = monotonicMs();
  await drill.mend();
  if (!(await until(isHealthy, RECOVER_MS))) reasons.push(`not healthy ${RECOVER_MS / 1000} s after the mending`);
  if (!(await meter.servedBy('a', 5000))) reasons.push('the client did not come back to site a');
  await until(() => missingTraps(drill, traps).length === 0, TRAPS_MS);

  const client = await meter.finish();
  await Promise.all(watches.map((watch) => watch.close()));
  const events = watches.flatMap((watch) => watch.events).sort((one, other) => one.at - other.at);
  return judge(drill, frequencyMs, { reasons, client, events, hitAt, mendedAt, traps });
}

/** Waits for the state that the drill names. @returns what did not come */
async function awaitReaction(drill: Drill, meter: ClientMeter): Promise<string[]> {
  const wanted = routesWhileBroken(drill);
  const reasons: string[] = [];
  if (!(await until(() => same(anycastRoutes('ra', 'static'), wanted), REACT_MS))) {
    reasons.push(`routes of ra are ${anycastRoutes('ra', 'static').join('; ') || 'none'}`);
  }
  if (!(await meter.servedBy(drill.servedBy, 5000))) reasons.push(`site ${drill.servedBy} does not serve the client`);
  return reasons;
}

function missingTraps(drill: Drill, traps: TrapLog): string[] {
  const names = traps.names();
  return drill.traps.filter((wanted) => !names.some((name) => name.endsWith(wanted)));
}

interface Seen {
  readonly reasons: readonly string[];
  readonly client: ClientReport;
  readonly events: readonly RouteEvent[];
  readonly hitAt: number;
  readonly mendedAt: number;
  readonly traps: TrapLog;
}

function judge(drill: Drill, frequencyMs: number, seen: Seen): DrillReport {
  const { client, events, hitAt, mendedAt } = seen;
  const reasons = [...seen.reasons];
  // The query before the hit may still have been on its way.
  const during = client.outages.filter(({ startedAt }) => startedAt >= hitAt - 25 && startedAt < mendedAt);
  const after = client.outages.filter(({ startedAt }) => startedAt >= mendedAt);
  const outageMs = Math.max(0, ...during.map(({ ms }) => ms ?? Number.POSITIVE_INFINITY));
  const most = drill.maxOutageMs(frequencyMs);
  if (outageMs > most) reasons.push(`outage of ${outageMs.toFixed(0)} ms, at most ${most} ms`);
  if (drill.routes === 'none' && events.length > 0) reasons.push('routes changed');
  if (drill.routes === 'restored' && !events.some(({ op }) => op === '-')) reasons.push('no route was ever lost');
  for (const name of missingTraps(drill, seen.traps)) reasons.push(`no notification ${name}`);
  return {
    name: drill.name,
    title: drill.title,
    passed: reasons.length === 0,
    reasons,
    outageMs: Math.round(outageMs),
    lost: sum(during.map(({ lost }) => lost)),
    lostOnReturn: sum(after.map(({ lost }) => lost)),
    routes: events.map(({ at, router, op, route }) => ({
      ms: Math.round(at - hitAt),
      router,
      change: `${op}${route}`,
    })),
    traps: seen.traps.names(),
    meterLatenessMs: Math.round(client.summary?.worstLatenessMs ?? 0),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
