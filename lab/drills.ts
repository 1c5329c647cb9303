/** What can break, and what must happen then. One entry per drill; drill.ts runs them. */
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anycastRoutes, healthyRoutes, LAB_DIR, lab, PREFIX, pause, pidOf, run, signalDaemon, until } from './lab.ts';
import type { Kind } from './questions.ts';

/** One failure, from the hit to the mending. */
export interface Drill {
  readonly name: string;
  readonly title: string;
  /** Through whose eyes it is seen. */
  readonly client: { readonly kind: Kind; readonly address: string };
  hit(): Promise<void>;
  mend(): Promise<void>;
  /** Static routes of site a's router that are to be gone, and to be there instead, while it is broken. */
  readonly without: readonly string[];
  readonly instead?: readonly string[];
  /** Who serves the client while it is broken. */
  readonly servedBy: 'a' | 'b';
  /** Longest outage of the client, for probes every `frequencyMs`. */
  maxOutageMs(frequencyMs: number): number;
  /** Bar for the median of several runs, where the project has one. */
  medianBarMs?(frequencyMs: number): number;
  /** `none`: no route may change at all; `restored`: routes go and come back before anybody mends. */
  readonly routes?: 'none' | 'restored';
  /** Notifications that the NMS must have received by the end. */
  readonly traps: readonly string[];
}

const RESOLVER = { kind: 'dns', address: '10.0.0.1' } as const;
const RESOLVER6 = { kind: 'dns', address: '2001:db8:ac::53' } as const;
const WEB = { kind: 'http', address: '10.0.0.2' } as const;
const RADIUS = { kind: 'radius', address: '10.0.0.3' } as const;

const A1_RESOLVER = '10.0.0.1 via 10.10.10.1';
const A1_RESOLVER6 = '2001:db8:ac::53 via 2001:db8:a::1';
const A2_RESOLVER6 = '2001:db8:ac::53 via 2001:db8:a::2';
const A1_WEB = '10.0.0.2 via 10.10.10.1';
const A1_RADIUS = '10.0.0.3 via 10.10.10.1';
const A2_RADIUS = '10.0.0.3 via 10.10.10.2';

const TRACK_AND_ROUTE = ['anytrackTrackChange', 'anytrackVerdictChange', 'anytrackRouteChange'];

/** Time for the write, the routing protocol and a busy machine. */
const SLACK_MS = 400;

/** A server that says no, or something wrong: the next run sees it, one fast run confirms. */
const refused = (frequencyMs: number) => frequencyMs + 100 + SLACK_MS;

/** A silent server: the next run is late at its threshold, confirmation starts then and must run into its timeout. */
const silent = (frequencyMs: number) => frequencyMs + 100 + 300 + 100 + SLACK_MS;

const killedBar = (frequencyMs: number) => (frequencyMs >= 1000 ? 750 : 250);
const frozenBar = (frequencyMs: number) => (frequencyMs >= 1000 ? 1500 : 700);

const start = async (daemon: string) => {
  await lab('start', daemon);
};
const kill = async (daemon: string) => signalDaemon(daemon, 'SIGKILL');

/** Waits for a state that the drill needs before it goes on. */
async function reached(what: string, check: () => boolean, timeoutMs = 10_000): Promise<void> {
  if (!(await until(check, timeoutMs))) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
}

const isRoute = (route: string) => anycastRoutes('ra', 'static').includes(route);

/** Gives unbound other data; SIGHUP makes it read them without a gap. */
function serve(data: 'right' | 'wrong'): void {
  copyFileSync(join(LAB_DIR, 'a1', `unbound-${data}.conf`), join(LAB_DIR, 'a1/unbound.conf'));
  signalDaemon('a1.unbound', 'SIGHUP');
}

/** Ends every SSH session that the router has open; its listener stays. */
function killSessions(router: string): void {
  const listener = pidOf(`${router}.sshd`);
  for (const entry of readdirSync('/proc')) {
    if (/^\d+$/.test(entry) && parentOf(entry) === listener) process.kill(Number(entry), 'SIGKILL');
  }
}

/** Fourth field of stat; the second one is in brackets and may hold anything. */
function parentOf(pid: string): number | undefined {
  try {
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[1],
    );
  } catch {
    return undefined;
  }
}

/** Isolated ports of a switch reach all others but each other: a silent cut between anytrack and its router. */
async function isolate(state: 'on' | 'off'): Promise<void> {
  for (const port of ['pa', 'ra']) {
    await run('bridge', ['-n', `${PREFIX}swa`, 'link', 'set', 'dev', port, 'isolated', state]);
  }
}

const CUT_MS = 3000;

export const DRILLS: readonly Drill[] = [
  {
    name: 'dns-killed',
    title: 'DNS daemon killed',
    client: RESOLVER,
    hit: () => kill('a1.unbound'),
    mend: () => start('a1.unbound'),
    without: [A1_RESOLVER, A1_RESOLVER6],
    servedBy: 'b',
    maxOutageMs: refused,
    medianBarMs: killedBar,
    traps: TRACK_AND_ROUTE,
  },
  {
    name: 'dns-frozen',
    title: 'DNS daemon frozen',
    client: RESOLVER,
    hit: async () => signalDaemon('a1.unbound', 'SIGSTOP'),
    mend: async () => signalDaemon('a1.unbound', 'SIGCONT'),
    without: [A1_RESOLVER, A1_RESOLVER6],
    servedBy: 'b',
    maxOutageMs: silent,
    medianBarMs: frozenBar,
    traps: TRACK_AND_ROUTE,
  },
  {
    name: 'dns-wrong',
    title: 'DNS answers wrong',
    client: RESOLVER,
    hit: async () => serve('wrong'),
    mend: async () => serve('right'),
    without: [A1_RESOLVER, A1_RESOLVER6],
    servedBy: 'b',
    maxOutageMs: refused,
    traps: TRACK_AND_ROUTE,
  },
  {
    name: 'link-down',
    title: "server's link down",
    client: RESOLVER,
    hit: async () => void (await run('ip', ['-n', `${PREFIX}swa`, 'link', 'set', 'a1', 'down'])),
    mend: async () => void (await run('ip', ['-n', `${PREFIX}swa`, 'link', 'set', 'a1', 'up'])),
    without: [A1_RESOLVER, A1_RESOLVER6, A1_WEB, A1_RADIUS],
    instead: [A2_RADIUS],
    servedBy: 'b',
    maxOutageMs: silent,
    traps: TRACK_AND_ROUTE,
  },
  {
    name: 'session-killed',
    title: 'router session killed as the DNS daemon dies',
    client: RESOLVER,
    async hit() {
      killSessions('ra');
      await kill('a1.unbound');
    },
    mend: () => start('a1.unbound'),
    without: [A1_RESOLVER, A1_RESOLVER6],
    servedBy: 'b',
    maxOutageMs: (frequencyMs) => refused(frequencyMs) + 1500,
    traps: [...TRACK_AND_ROUTE, 'anytrackRouterSessionChange'],
  },
  {
    name: 'router-cut',
    title: `router unreachable for ${CUT_MS / 1000} s as the DNS daemon dies`,
    client: RESOLVER,
    async hit() {
      await isolate('on');
      await kill('a1.unbound');
      await pause(CUT_MS);
      const early = !isRoute(A1_RESOLVER);
      await isolate('off');
      if (early) throw new Error('the route went although the router could not be reached: the cut does not cut');
    },
    async mend() {
      await isolate('off');
      await start('a1.unbound');
    },
    without: [A1_RESOLVER, A1_RESOLVER6],
    servedBy: 'b',
    // The cut itself, the deadline of a command that was on its way, and a back-off.
    maxOutageMs: (frequencyMs) => CUT_MS + refused(frequencyMs) + 5000,
    traps: [...TRACK_AND_ROUTE, 'anytrackRouterSessionChange'],
  },
  {
    name: 'staticd-restarted',
    title: "router's staticd killed and restarted",
    client: RESOLVER,
    async hit() {
      await kill('ra.staticd');
      await reached('zebra removes the static routes', () => anycastRoutes('ra', 'static').length === 0);
      await start('ra.staticd');
    },
    mend: async () => undefined,
    without: [],
    servedBy: 'a',
    routes: 'restored',
    maxOutageMs: () => SLACK_MS,
    traps: ['anytrackRouteDrift', 'anytrackRouteChange'],
  },
  {
    name: 'anytrack-killed',
    title: 'anytrack killed and restarted',
    client: RESOLVER,
    async hit() {
      await kill('pa.anytrack');
      await pause(1500);
      await start('pa.anytrack');
      await pause(4000);
    },
    mend: async () => undefined,
    without: [],
    servedBy: 'a',
    routes: 'none',
    maxOutageMs: () => 0,
    traps: ['anytrackStart'],
  },
  {
    name: 'both-servers',
    title: 'both servers of a site fail, one after the other',
    client: RESOLVER6,
    async hit() {
      await kill('a1.unbound');
      await reached('the first next hop goes', () => !isRoute(A1_RESOLVER6) && isRoute(A2_RESOLVER6));
      await pause(1000);
      await kill('a2.unbound');
    },
    async mend() {
      await start('a1.unbound');
      await start('a2.unbound');
    },
    without: [A1_RESOLVER, A1_RESOLVER6, A2_RESOLVER6],
    servedBy: 'b',
    // BGP carries IPv6 in the lab and holds an update for 50 ms in each router.
    maxOutageMs: (frequencyMs) => refused(frequencyMs) + 200,
    traps: TRACK_AND_ROUTE,
  },
  {
    name: 'http-500',
    title: 'web server answers 500',
    client: WEB,
    hit: async () => writeFileSync(join(LAB_DIR, 'a1/broken'), ''),
    mend: async () => rmSync(join(LAB_DIR, 'a1/broken'), { force: true }),
    without: [A1_WEB],
    servedBy: 'a',
    maxOutageMs: refused,
    traps: TRACK_AND_ROUTE,
  },
  {
    name: 'radius-stopped',
    title: 'RADIUS server stopped, the backup takes over',
    client: RADIUS,
    hit: () => kill('a1.freeradius'),
    mend: () => start('a1.freeradius'),
    without: [A1_RADIUS],
    instead: [A2_RADIUS],
    servedBy: 'a',
    maxOutageMs: refused,
    traps: TRACK_AND_ROUTE,
  },
];

/** Static routes of site a's router while the drill's failure lasts. */
export function routesWhileBroken(drill: Drill): string[] {
  const left = healthyRoutes('a').filter((route) => !drill.without.includes(route));
  return [...left, ...(drill.instead ?? [])].sort();
}
