/** What the demo tells: events of the daemon turned into short lines, purely. */
import type { AnytrackEvent, ChangeReport } from '../notify/contract.ts';
import { ENUMS } from '../notify/mib.ts';
import type { ReceivedTrap } from './trap-receiver.ts';

export interface Entry {
  /** Milliseconds since the step began. */
  readonly atMs: number;
  readonly kind:
    | 'break'
    | 'mend'
    | 'probe'
    | 'track'
    | 'verdict'
    | 'sent'
    | 'readBack'
    | 'steps'
    | 'trap'
    | 'session'
    | 'drift';
  readonly policy?: string;
  readonly endpoint?: string;
  readonly text: string;
  /** Reason or cause code, where there is one. */
  readonly code?: string;
}

/** Entries for one event, or none where the demo's reader gains nothing from it. `sinceWall` is the step's start. */
export function entriesOf(event: AnytrackEvent, sinceWall: number): readonly Entry[] {
  const atMs = event.at - sinceWall;
  switch (event.type) {
    case 'probeResult':
      return [probeEntry(event, atMs)];
    case 'trackChanged': {
      const { policy, endpoint, track } = event;
      const text = `${event.from} -> ${track.state}: ${track.explanation}, ${track.reason} by ${event.thresholds}; ${event.up} of ${event.total} up`;
      return [{ atMs, kind: 'track', policy, endpoint, text, code: track.state }];
    }
    case 'verdictChanged': {
      const { action, reason, detail, endpoint } = event.verdict;
      return [
        {
          atMs,
          kind: 'verdict',
          policy: event.policy,
          endpoint,
          text: `${action}, ${reason}: ${detail}`,
          code: action,
        },
      ];
    }
    case 'routeChanged':
    case 'routeFailed':
      return changeEntries(event.policy, event.report, atMs);
    case 'routerSession':
      return [{ atMs, kind: 'session', text: `${event.router} ${event.state}: ${event.detail}`, code: event.state }];
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
  const text = `${probe} on ${target}: ${outcome} after ${milliseconds(result.phases.total)}: ${result.detail}`;
  return { atMs, kind: 'probe', policy, endpoint, text, code };
}

function changeEntries(policy: string, report: ChangeReport, atMs: number): readonly Entry[] {
  const subject = { policy, endpoint: report.change.endpoint };
  const lines = report.sent.map((exchange) => exchange.sent.trim()).join(' | ');
  const steps = report.steps.map((step) => `${step.name} ${milliseconds(step.ms)}`).join(', ');
  return [
    { atMs, kind: 'sent', ...subject, text: `${report.router}# ${lines}`, code: report.change.op },
    { atMs, kind: 'readBack', ...subject, text: `${report.router}: ${readBackText(report)}`, code: report.outcome },
    { atMs, kind: 'steps', ...subject, text: steps },
  ];
}

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
    const found = name === 'anytrackRouteOperation' ? operationName(value(name)) : value(name);
    return found === undefined || found === '' ? [] : [`${name.replace('anytrack', '')}=${found}`];
  });
  return {
    atMs: trap.at - sinceWall,
    kind: 'trap',
    ...(policy === undefined ? {} : { policy: `${policy}` }),
    ...(endpoint === undefined ? {} : { endpoint: `${endpoint}` }),
    text: `${trap.inform ? 'inform' : 'trap'} ${trap.name} ${told.join(' ')}`,
    code: trap.name,
  };
}

/** Objects worth a reader's time, in this order. */
const TOLD = [
  'anytrackRouter',
  'anytrackRoute',
  'anytrackRouteOperation',
  'anytrackReason',
  'anytrackErrorCode',
] as const;

function operationName(value: string | number | undefined): string | undefined {
  return Object.entries(ENUMS.operation).find(([, number]) => number === value)?.[0];
}

/** `341 ms`, `0.4 ms`. */
export function milliseconds(ms: number): string {
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}

/** One line of the printed timeline. */
export function formatEntry(entry: Entry): string {
  const subject = [entry.policy, entry.endpoint].filter((part) => part !== undefined).join(' ');
  return `${`+${Math.round(entry.atMs)} ms`.padStart(10)}  ${entry.kind.padEnd(8)}  ${subject.padEnd(20)}  ${entry.text}`;
}
