/** From what happened to what an NMS is told. Pure. */
import type { ProbeResult, RouteKey } from '../model.ts';
import type { AnytrackEvent, ChangeReport } from './contract.ts';
import { NOTIFICATIONS, type NotificationName, type ObjectName } from './mib.ts';

/** A value by the MIB's words: text, a number, the name of an enumeration's member, or an IP address in text. */
export type Value = string | number;

interface Varbind {
  readonly object: ObjectName;
  readonly value: Value;
}

/** One notification, ready to be encoded. */
export interface Notification {
  readonly name: NotificationName;
  /** What it is about. Notifications of one subject reach a receiver in the order in which they happened. */
  readonly subject: string;
  /** Exactly the objects that the MIB lists for it, in that order. */
  readonly varbinds: readonly Varbind[];
}

/** What the event itself does not know. */
export interface NotificationContext {
  readonly site: string;
  /** Name of this host. */
  readonly sender: string;
  /** Number of this notification: 1 for the first since the start. A gap at the NMS is a loss. */
  readonly sequence: number;
  /** Notifications dropped since the start, over all receivers. */
  readonly dropped: number;
  /** The anycast address of a policy, where it is known. */
  readonly addressOf: (policy: string) => string | undefined;
}

type Values = Partial<Record<ObjectName, Value>>;

interface Told {
  readonly name: NotificationName;
  readonly subject: string;
  readonly values: Values;
}

/** The notification for an event; undefined for what is not told (each single result). */
export function toNotification(event: AnytrackEvent, context: NotificationContext): Notification | undefined {
  const told = tell(event, context);
  if (told === undefined) return undefined;
  const values: Values = {
    anytrackSite: context.site,
    anytrackSender: context.sender,
    anytrackSequence: context.sequence,
    anytrackEventTime: event.at,
    ...told.values,
  };
  const varbinds = NOTIFICATIONS[told.name].objects.map((object) => ({ object, value: values[object] ?? '' }));
  return { name: told.name, subject: told.subject, varbinds };
}

function tell(event: AnytrackEvent, context: NotificationContext): Told | undefined {
  switch (event.type) {
    case 'probeResult':
      return undefined;
    case 'trackChanged':
    case 'probeStateChanged':
    case 'verdictChanged':
      return tellEndpoint(event, context);
    case 'routeChanged':
    case 'routeFailed':
    case 'routeConflict':
    case 'routeDrift':
    case 'routeOrphan':
      return tellRoute(event);
    case 'routerSession':
    case 'routerReloaded':
      return tellRouter(event);
    default:
      return tellDaemon(event, context);
  }
}

type EventOf<T extends AnytrackEvent['type']> = Extract<AnytrackEvent, { readonly type: T }>;

function tellEndpoint(
  event: EventOf<'trackChanged' | 'probeStateChanged' | 'verdictChanged'>,
  context: NotificationContext,
): Told {
  const values = 'verdict' in event ? verdictValues(event) : 'track' in event ? trackValues(event) : probeValues(event);
  const endpoint = 'verdict' in event ? event.verdict.endpoint : event.endpoint;
  const address = 'address' in event ? event.address : (context.addressOf(event.policy) ?? '');
  return {
    name: (
      {
        trackChanged: 'anytrackTrackChange',
        probeStateChanged: 'anytrackProbeStateChange',
        verdictChanged: 'anytrackVerdictChange',
      } as const
    )[event.type],
    subject: endpointSubject(event.policy, endpoint),
    values: { anytrackPolicy: event.policy, ...addressValues(address), anytrackEndpoint: endpoint, ...values },
  };
}

function trackValues({ from, track, thresholds, up, total }: EventOf<'trackChanged'>): Values {
  return {
    anytrackOldState: from,
    anytrackNewState: track.state,
    anytrackReason: track.reason,
    anytrackDetail: `${track.explanation}; ${thresholds}`,
    anytrackUpCount: up,
    anytrackTotalCount: total,
  };
}

function probeValues({ target, probe, from, to, evidence }: EventOf<'probeStateChanged'>): Values {
  const newest = evidence.at(-1)?.result;
  return {
    anytrackTarget: target,
    anytrackProbe: probe,
    anytrackOldState: from,
    anytrackNewState: to,
    anytrackReason: to === 'unknown' || newest === undefined ? 'stale' : reasonOfResult(newest),
    anytrackDetail: newest?.detail ?? '',
  };
}

/** The cause of a failure, or else the outcome itself. */
function reasonOfResult(result: ProbeResult): string {
  return 'cause' in result ? result.cause : result.outcome;
}

function verdictValues({ from, verdict, up, total }: EventOf<'verdictChanged'>): Values {
  return {
    anytrackOldVerdict: from?.action ?? 'none',
    anytrackNewVerdict: verdict.action,
    anytrackReason: verdict.reason,
    anytrackDetail: verdict.detail,
    anytrackUpCount: up,
    anytrackTotalCount: total,
  };
}

function tellRoute(
  event: EventOf<'routeChanged' | 'routeFailed' | 'routeConflict' | 'routeDrift' | 'routeOrphan'>,
): Told {
  const name = (
    {
      routeChanged: 'anytrackRouteChange',
      routeFailed: 'anytrackRouteFailure',
      routeConflict: 'anytrackRouteConflict',
      routeDrift: 'anytrackRouteDrift',
      routeOrphan: 'anytrackRouteOrphan',
    } as const
  )[event.type];
  if ('report' in event) {
    const { router, change, detail } = event.report;
    const endpoint = { anytrackPolicy: event.policy, anytrackEndpoint: change.endpoint };
    const values = { ...endpoint, ...routeValues(router, change.key, detail), ...reportValues(event.report) };
    return { name, subject: endpointSubject(event.policy, change.endpoint), values };
  }
  const values = routeValues(event.router, event.key, event.detail);
  if (event.type === 'routeOrphan') return { name, subject: routerSubject(event.router), values };
  const { policy, endpoint } = event;
  return {
    name,
    subject: endpointSubject(policy, endpoint),
    values: { anytrackPolicy: policy, anytrackEndpoint: endpoint, ...values },
  };
}

function routeValues(router: string, key: RouteKey, detail: string): Values {
  const through = key.interface === undefined ? key.nextHop : `${key.nextHop} ${key.interface}`;
  return {
    ...addressValues(key.prefix.slice(0, key.prefix.indexOf('/'))),
    anytrackRouter: router,
    anytrackNextHopType: key.nextHop,
    anytrackNextHop: key.nextHop,
    anytrackRoute: `${key.prefix} via ${through} vrf ${key.vrf}`,
    anytrackDetail: detail,
  };
}

function reportValues({ change, code, steps }: ChangeReport): Values {
  return {
    anytrackRouteOperation: change.op,
    anytrackReason: change.reason,
    anytrackErrorCode: code ?? '',
    anytrackDuration: Math.round(steps.reduce((sum, step) => sum + step.ms, 0)),
  };
}

function tellRouter(event: EventOf<'routerSession' | 'routerReloaded'>): Told {
  const subject = routerSubject(event.router);
  const values: Values = { anytrackRouter: event.router, anytrackDetail: event.detail };
  if (event.type === 'routerReloaded') return { name: 'anytrackRouterReload', subject, values };
  return {
    name: 'anytrackRouterSessionChange',
    subject,
    values: { ...values, anytrackNewState: event.state, anytrackErrorCode: event.code ?? '' },
  };
}

function tellDaemon(
  event: EventOf<'proberStalled' | 'started' | 'stopping' | 'heartbeat' | 'configReloaded' | 'configRejected'>,
  context: NotificationContext,
): Told {
  const about = (name: NotificationName, values: Values): Told => ({ name, subject: 'anytrack', values });
  switch (event.type) {
    case 'proberStalled': {
      const { stalledMs, spoiled } = event;
      return about('anytrackProberStall', { anytrackDuration: Math.round(stalledMs), anytrackSpoiledCount: spoiled });
    }
    case 'started': {
      const { policies, routers, version } = event;
      const counts = { anytrackPolicyCount: policies, anytrackRouterCount: routers };
      return about('anytrackStart', { ...counts, anytrackVersion: version });
    }
    case 'stopping':
      return about('anytrackStop', { anytrackDetail: event.reason });
    case 'heartbeat': {
      const counts = { anytrackUpCount: event.up, anytrackTotalCount: event.total };
      return about('anytrackHeartbeat', { ...counts, anytrackDroppedCount: context.dropped });
    }
    case 'configReloaded':
      return about('anytrackConfigReload', { anytrackDetail: event.changed.join(', ') });
    case 'configRejected': {
      const { problems } = event;
      return about('anytrackConfigReject', {
        anytrackProblemCount: problems.length,
        anytrackDetail: problems[0] ?? '',
      });
    }
  }
}

function addressValues(address: string): Values {
  return { anytrackAddressType: address, anytrackAddress: address };
}

function endpointSubject(policy: string, endpoint: string): string {
  return `endpoint ${policy}/${endpoint}`;
}

function routerSubject(router: string): string {
  return `router ${router}`;
}
