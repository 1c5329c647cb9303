import { describe, expect, test } from 'vitest';
import type { AnytrackEvent } from '../../src/notify/contract.ts';
import { NOTIFICATIONS } from '../../src/notify/mib.ts';
import { type NotificationContext, toNotification } from '../../src/notify/notification.ts';
import { AT, EVENTS, TOLD } from './events.ts';

const context: NotificationContext = {
  site: 'ams1',
  sender: 'probe1',
  sequence: 7,
  dropped: 2,
  addressOf: (policy) => (policy === 'resolver' ? '10.0.0.1' : undefined),
};

/** Every varbind beside who speaks, by name without the prefix. */
function told(event: AnytrackEvent): Record<string, unknown> {
  const { name, subject, varbinds } = toNotification(event, context) ?? { name: 'nothing', subject: '', varbinds: [] };
  const own = varbinds.slice(4).map(({ object, value }) => [object.replace('anytrack', ''), value]);
  return { name: name.replace('anytrack', ''), subject, ...Object.fromEntries(own) };
}

const endpoint = { Policy: 'resolver', AddressType: '10.0.0.1', Address: '10.0.0.1', Endpoint: 'ns1' };
const onRouter = {
  Router: 'edge1',
  NextHopType: '10.10.10.1',
  NextHop: '10.10.10.1',
  Route: '10.0.0.1/32 via 10.10.10.1 vrf default',
};
const ofEndpoint = { subject: 'endpoint resolver/ns1', ...endpoint };

describe('each event and what an NMS is told', () => {
  test('single results are not told', () => {
    expect(toNotification(EVENTS.probeResult, context)).toBeUndefined();
  });

  test.each<[AnytrackEvent, Record<string, unknown>]>([
    [
      EVENTS.trackChanged,
      {
        name: 'TrackChange',
        ...ofEndpoint,
        OldState: 'up',
        NewState: 'down',
        Reason: 'failed',
        Detail: 'DOWN(resolve DOWN); resolve: consecutive fall 2 rise 3; combine all',
        UpCount: 1,
        TotalCount: 2,
      },
    ],
    [
      EVENTS.probeStateChanged,
      {
        name: 'ProbeStateChange',
        ...ofEndpoint,
        Target: 'ns1',
        Probe: 'resolve',
        OldState: 'up',
        NewState: 'down',
        Reason: 'timeout',
        Detail: 'fail',
      },
    ],
    [
      EVENTS.verdictChanged,
      {
        name: 'VerdictChange',
        ...ofEndpoint,
        OldVerdict: 'none',
        NewVerdict: 'withdraw',
        Reason: 'endpoint-down',
        Detail: 'DOWN(resolve DOWN)',
        UpCount: 1,
        TotalCount: 2,
      },
    ],
    [
      EVENTS.routeChanged,
      {
        name: 'RouteChange',
        ...ofEndpoint,
        ...onRouter,
        RouteOperation: 'remove',
        Reason: 'endpoint-down',
        Detail: 'removed, the read-back shows it',
        Duration: 16,
      },
    ],
    [
      EVENTS.routeFailed,
      {
        name: 'RouteFailure',
        ...ofEndpoint,
        ...onRouter,
        RouteOperation: 'remove',
        Reason: 'endpoint-down',
        ErrorCode: 'locked',
        Detail: 'configuration locked by admin',
        Duration: 16,
      },
    ],
    [EVENTS.routeConflict, { name: 'RouteConflict', ...ofEndpoint, ...onRouter, Detail: 'tag 7, no name of ours' }],
    [EVENTS.routeDrift, { name: 'RouteDrift', ...ofEndpoint, ...onRouter, Detail: 'was removed by somebody' }],
    [
      EVENTS.routeOrphan,
      {
        name: 'RouteOrphan',
        subject: 'router edge1',
        AddressType: '10.0.0.1',
        Address: '10.0.0.1',
        ...onRouter,
        Detail: 'no policy names it',
      },
    ],
    [
      EVENTS.routerSession,
      {
        name: 'RouterSessionChange',
        subject: 'router edge1',
        Router: 'edge1',
        NewState: 'down',
        ErrorCode: 'lost',
        Detail: 'connection reset',
      },
    ],
    [EVENTS.routerReloaded, { name: 'RouterReload', subject: 'router edge1', Router: 'edge1', Detail: 'up for 12 s' }],
    [EVENTS.proberStalled, { name: 'ProberStall', subject: 'anytrack', Duration: 1500, SpoiledCount: 7 }],
    [EVENTS.started, { name: 'Start', subject: 'anytrack', PolicyCount: 3, RouterCount: 2, Version: '0.1.0' }],
    [EVENTS.stopping, { name: 'Stop', subject: 'anytrack', Detail: 'SIGTERM' }],
    [EVENTS.heartbeat, { name: 'Heartbeat', subject: 'anytrack', UpCount: 5, TotalCount: 6, DroppedCount: 2 }],
    [EVENTS.configReloaded, { name: 'ConfigReload', subject: 'anytrack', Detail: 'policy resolver, router edge1' }],
    [
      EVENTS.configRejected,
      { name: 'ConfigReject', subject: 'anytrack', ProblemCount: 2, Detail: 'a.yaml:1:1 site: is missing' },
    ],
  ])('$type', (event, expected) => {
    expect(told(event)).toEqual(expected);
  });

  test.each(TOLD)('$type says who speaks, and carries what the MIB lists', (event) => {
    const notification = toNotification(event, context);
    expect(notification?.varbinds.slice(0, 4).map(({ value }) => value)).toEqual(['ams1', 'probe1', 7, AT]);
    expect(notification?.varbinds.map(({ object }) => object)).toEqual(
      NOTIFICATIONS[notification?.name ?? 'anytrackStart'].objects,
    );
  });

  test('every notification of the MIB is sent by some event', () => {
    const names = TOLD.map((event) => toNotification(event, context)?.name);
    expect(new Set(names)).toEqual(new Set(Object.keys(NOTIFICATIONS)));
  });
});

describe('what is not there', () => {
  test('a policy whose address is not known yet', () => {
    expect(told({ ...EVENTS.probeStateChanged, policy: 'other' })).toMatchObject({ AddressType: '', Address: '' });
  });

  test('a probe that went stale says so', () => {
    expect(told({ ...EVENTS.probeStateChanged, to: 'unknown' })).toMatchObject({ Reason: 'stale' });
  });

  test('an interface is part of the route', () => {
    const key = { vrf: 'BLUE', prefix: '2001:db8:ac::1/128', nextHop: 'fe80::1', interface: 'Gi1' };
    expect(told({ ...EVENTS.routeDrift, key })).toMatchObject({
      Address: '2001:db8:ac::1',
      Route: '2001:db8:ac::1/128 via fe80::1 Gi1 vrf BLUE',
    });
  });
});
