/** What of an event goes into the log, and at which level. */
import type { Evidence } from '../model.ts';
import type { Settings } from '../settings/contract.ts';
import type { AnytrackEvent } from './contract.ts';

/** One log record: a static message plus fields. */
export interface LogRecord {
  readonly level: Settings['log']['level'];
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** error: someone must act; warn: degraded but working; info: something changed; debug: each sample. */
export function toLogRecord(event: AnytrackEvent): LogRecord {
  const { type, at: _at, ...fields } = event;
  switch (event.type) {
    case 'probeResult':
      return record('debug', 'probe result', event, { outcome: event.result.outcome, detail: event.result.detail });
    case 'probeStateChanged': {
      const { from, to, evidence } = event;
      return record('info', 'probe state changed', event, { from, to, ...latest(evidence) });
    }
    case 'trackChanged': {
      const { from, track, up, total } = event;
      const { state: to, reason, explanation } = track;
      return record('info', 'track changed', event, { from, to, reason, explanation, up, total });
    }
    case 'verdictChanged': {
      const { endpoint, action: to, reason, detail } = event.verdict;
      return record(
        'info',
        'verdict changed',
        { ...event, endpoint },
        { from: event.from?.action, to, reason, detail },
      );
    }
    case 'routeChanged':
    case 'routeFailed':
      return routeRecord(event);
    case 'routeConflict':
      return { level: 'error', message: 'route belongs to somebody else', fields };
    case 'routeDrift':
      return { level: 'warn', message: 'route differs from what was confirmed', fields };
    case 'routeOrphan':
      return { level: 'warn', message: 'route with our mark that no policy names', fields };
    case 'routerSession':
      return { level: event.state === 'up' ? 'info' : 'warn', message: `router session ${event.state}`, fields };
    case 'routerReloaded':
      return { level: 'warn', message: 'router has restarted', fields };
    case 'proberStalled':
      return { level: 'warn', message: 'event loop stalled', fields };
    case 'configRejected':
      return { level: 'error', message: 'configuration refused, the old one stays in force', fields };
    case 'started':
    case 'stopping':
    case 'configReloaded':
      return { level: 'info', message: LIFE[event.type], fields };
    case 'heartbeat':
      return { level: 'debug', message: type, fields };
  }
}

/** The newest result: without it the log would say that a probe went down, but not why. */
function latest(evidence: readonly Evidence[]): LogRecord['fields'] {
  const result = evidence.at(-1)?.result;
  if (result === undefined) return {};
  const { outcome, detail } = result;
  const cause = outcome === 'fail' || outcome === 'error' ? { cause: result.cause } : {};
  return { outcome, ...cause, detail };
}

const LIFE = { started: 'started', stopping: 'stopping', configReloaded: 'configuration reloaded' } as const;

function record(
  level: LogRecord['level'],
  message: string,
  event: { readonly policy: string; readonly endpoint?: string; readonly target?: string; readonly probe?: string },
  fields: LogRecord['fields'],
): LogRecord {
  const { policy, endpoint, target, probe } = event;
  return { level, message, fields: { policy, endpoint, target, probe, ...fields } };
}

function routeRecord(event: AnytrackEvent & { readonly type: 'routeChanged' | 'routeFailed' }): LogRecord {
  const { router, change, code, detail } = event.report;
  const { op, key, endpoint, reason } = change;
  const failed = event.type === 'routeFailed';
  return {
    level: failed ? 'warn' : 'info',
    message: failed ? 'route could not be changed' : 'route changed',
    fields: { policy: event.policy, endpoint, router, op, key, reason, code, detail },
  };
}
