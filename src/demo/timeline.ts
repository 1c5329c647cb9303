/** What the demo tells: events of the daemon and notifications of the NMS turned into entries, purely. */
import type { AnytrackEvent, ChangeReport } from '../notify/contract.ts';
import { ENUMS } from '../notify/mib.ts';
import type { ReceivedTrap } from './trap-receiver.ts';

export interface Entry {
  /** Milliseconds since the act began. */
  readonly atMs: number;
  readonly kind: 'break' | 'mend' | 'probe' | 'track' | 'verdict' | 'sent' | 'readBack' | 'trap' | 'session' | 'drift';
  readonly policy?: string;
  readonly endpoint?: string;
  readonly text: string;
  /** Reason or cause code, where there is one. */
  readonly code?: string;
}

/** Entries for one event, or none where the demo's reader gains nothing from it. `sinceWall` is the act's start. */
export function entriesOf(event: AnytrackEvent, sinceWall: number): readonly Entry[] {
  const atMs = event.at - sinceWall;
  switch (event.type) {
    case 'probeResult':
      return [probeEntry(event, atMs)];
    case 'trackChanged': {
      const { policy, endpoint, from, track, thresholds, up, total } = event;
      const text = `${from} -> ${track.state}, ${track.reason}: ${track.explanation}; ${up} of ${total} up; rule of ${thresholds}`;
      return [{ atMs, kind: 'track', policy, endpoint, text, code: track.state }];
    }
    case 'verdictChanged': {
      const { action, reason, detail, endpoint } = event.verdict;
      const text = `${action}, ${reason}: ${detail}`;
      return [{ atMs, kind: 'verdict', policy: event.policy, endpoint, text, code: action }];
    }
    case 'routeChanged':
    case 'routeFailed':
      return changeEntries(event.policy, event.report, atMs);
    case 'routerSession': {
      const code = event.code === undefined ? '' : ` (${event.code})`;
      const detail = event.detail.replace(`${event.router}: `, '');
      return [{ atMs, kind: 'session', text: `${event.router} ${event.state}${code}: ${detail}`, code: event.state }];
    }
    case 'routeDrift':
      return [{ atMs, kind: 'drift', policy: event.policy, endpoint: event.endpoint, text: event.detail }];
    default:
      return [];
  }
}

function probeEntry(event: AnytrackEvent & { type: 'probeResult' }, atMs: number): Entry {
  const { policy, endpoint, probe, target, result } = event;
  const outcome =
    result.outcome === 'fail' || result.outcome === 'error' ? `${result.outcome} ${result.cause}` : result.outcome;
  const code = result.outcome === 'fail' || result.outcome === 'error' ? result.cause : result.outcome;
  const { total } = result.phases;
  // Runs overlap once one of them is suspect; where a run took long, its start tells them apart.
  const begun = total < LONG_MS ? '' : `, begun at ${offset(atMs - total)}`;
  const text = `${probe} on ${target}: ${outcome} after ${milliseconds(total)}${begun}: ${result.detail}`;
  return { atMs, kind: 'probe', policy, endpoint, text, code };
}

/** A run that took so long is told with its start. */
const LONG_MS = 20;

/** The line sent and what the read-back showed, each at its own time: the report comes when all is over. */
function changeEntries(policy: string, report: ChangeReport, atMs: number): readonly Entry[] {
  const subject = { policy, endpoint: report.change.endpoint };
  const lines = report.sent.map((exchange) => exchange.sent.trim()).join(' | ');
  const sentBefore = report.steps.filter(({ name }) => AFTER_SENDING.has(name)).reduce((sum, { ms }) => sum + ms, 0);
  const taken = report.steps.filter(({ ms }) => ms >= 0.05).map(({ name, ms }) => `${name} ${milliseconds(ms)}`);
  const seen = `${report.router}: ${readBackText(report)}; took ${taken.join(', ')}`;
  return [
    { atMs: atMs - sentBefore, kind: 'sent', ...subject, text: `${report.router}# ${lines}`, code: report.change.op },
    { atMs, kind: 'readBack', ...subject, text: seen, code: report.outcome },
  ];
}

/** Steps of a change that come once its line is being typed. */
const AFTER_SENDING: ReadonlySet<string> = new Set(['apply', 'readBack', 'witness']);

function readBackText(report: ChangeReport): string {
  if (report.outcome === 'failed') return `not done (${report.code ?? 'no code'}): ${report.detail}`;
  const seen = report.readBack;
  if (seen === undefined) return report.detail;
  const configured = seen.configured ? 'in the configuration' : 'not in the configuration';
  return `${configured}, ${seen.installed ? 'in the RIB' : 'not in the RIB'}`;
}

/** A notification as the NMS got it; its objects that name the subject become the entry's. */
export function trapEntry(trap: ReceivedTrap, sinceWall: number): Entry {
  const value = (name: string) => trap.varbinds.find((varbind) => varbind.name === name)?.value;
  const [policy, endpoint] = [value('anytrackPolicy'), value('anytrackEndpoint')];
  const told = TOLD.flatMap((name) => {
    const found = textOf(name, value(name));
    return found === undefined || found === '' ? [] : [`${name.replace('anytrack', '')}=${found}`];
  });
  return {
    atMs: trap.at - sinceWall,
    kind: 'trap',
    ...(policy === undefined ? {} : { policy: `${policy}` }),
    ...(endpoint === undefined ? {} : { endpoint: `${endpoint}` }),
    text: [`${trap.inform ? 'inform' : 'trap'} ${trap.name}`, ...told].join(' '),
    code: trap.name,
  };
}

/** Objects worth a reader's time, in this order. */
const TOLD = [
  'anytrackRouter',
  'anytrackRoute',
  'anytrackRouteOperation',
  'anytrackNewState',
  'anytrackReason',
  'anytrackErrorCode',
] as const;

/** A value as the MIB names it. */
function textOf(name: (typeof TOLD)[number], value: string | number | undefined): string | number | undefined {
  const names =
    name === 'anytrackRouteOperation' ? ENUMS.operation : name === 'anytrackNewState' ? ENUMS.state : undefined;
  if (names === undefined) return value;
  return Object.entries(names).find(([, number]) => number === value)?.[0];
}

/** `341 ms`, `0.4 ms`. */
export function milliseconds(ms: number): string {
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}

/** `+341 ms`, from the start of the act. */
export function offset(ms: number): string {
  return `${ms < 0 ? '' : '+'}${Math.round(ms)} ms`;
}
