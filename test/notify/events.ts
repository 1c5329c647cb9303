/** One valid event of every type: a test states only its difference. */
import type { RouteKey, Verdict } from '../../src/model.ts';
import type { AnytrackEvent, ChangeReport } from '../../src/notify/contract.ts';
import { result } from '../health/world.ts';

/** 2026-01-01T00:00:01Z. */
export const AT = Date.UTC(2026, 0, 1, 0, 0, 1);

export type EventOf<T extends AnytrackEvent['type']> = Extract<AnytrackEvent, { readonly type: T }>;

const key: RouteKey = { vrf: 'default', prefix: '10.0.0.1/32', nextHop: '10.10.10.1' };

const where = { policy: 'resolver', endpoint: 'ns1' } as const;
const address = '10.0.0.1';
const verdict: Verdict = { endpoint: 'ns1', action: 'withdraw', reason: 'endpoint-down', detail: 'DOWN(resolve DOWN)' };
const evidence = [{ probe: 'resolve', target: 'ns1', result: result('fail', 5000, 500) }];

export function report(difference: Partial<ChangeReport> = {}): ChangeReport {
  return {
    router: 'edge1',
    change: { op: 'remove', key, attributes: { tag: 4200 }, ...where, reason: 'endpoint-down' },
    outcome: 'done',
    detail: 'removed, the read-back shows it',
    sent: [{ sent: 'no ip route 10.0.0.1/32 10.10.10.1', received: '', ms: 2 }],
    readBack: { configured: false, installed: false },
    steps: [
      { name: 'decide', ms: 0.2 },
      { name: 'apply', ms: 3 },
      { name: 'readBack', ms: 12.4 },
    ],
    ...difference,
  };
}

export const EVENTS: { readonly [T in AnytrackEvent['type']]: EventOf<T> } = {
  probeResult: { at: AT, type: 'probeResult', ...where, target: 'ns1', probe: 'resolve', result: result('pass', 5000) },
  probeStateChanged: {
    at: AT,
    type: 'probeStateChanged',
    ...where,
    target: 'ns1',
    probe: 'resolve',
    from: 'up',
    to: 'down',
    evidence,
  },
  trackChanged: {
    at: AT,
    type: 'trackChanged',
    ...where,
    address,
    from: 'up',
    track: { state: 'down', sinceMono: 5000, explanation: 'DOWN(resolve DOWN)', reason: 'failed' },
    up: 1,
    total: 2,
    evidence,
    thresholds: 'resolve: consecutive fall 2 rise 3; combine all',
  },
  verdictChanged: {
    at: AT,
    type: 'verdictChanged',
    policy: 'resolver',
    address,
    verdict,
    from: undefined,
    up: 1,
    total: 2,
  },
  routeChanged: { at: AT, type: 'routeChanged', policy: 'resolver', report: report() },
  routeFailed: {
    at: AT,
    type: 'routeFailed',
    policy: 'resolver',
    report: report({ outcome: 'failed', code: 'locked', detail: 'configuration locked by admin', readBack: undefined }),
  },
  routeConflict: { at: AT, type: 'routeConflict', router: 'edge1', ...where, key, detail: 'tag 7, no name of ours' },
  routeDrift: { at: AT, type: 'routeDrift', router: 'edge1', ...where, key, detail: 'was removed by somebody' },
  routeOrphan: { at: AT, type: 'routeOrphan', router: 'edge1', key, detail: 'no policy names it' },
  routerSession: {
    at: AT,
    type: 'routerSession',
    router: 'edge1',
    state: 'down',
    code: 'lost',
    detail: 'connection reset',
  },
  routerReloaded: { at: AT, type: 'routerReloaded', router: 'edge1', detail: 'up for 12 s' },
  proberStalled: { at: AT, type: 'proberStalled', stalledMs: 1500.4, spoiled: 7 },
  started: { at: AT, type: 'started', policies: 3, routers: 2, version: '0.1.0' },
  stopping: { at: AT, type: 'stopping', reason: 'SIGTERM' },
  heartbeat: { at: AT, type: 'heartbeat', up: 5, total: 6 },
  configReloaded: { at: AT, type: 'configReloaded', changed: ['policy resolver', 'router edge1'] },
  configRejected: {
    at: AT,
    type: 'configRejected',
    problems: ['a.yaml:1:1 site: is missing', 'a.yaml:2:1 x: unknown key'],
  },
};

/** Every event that an NMS is told. */
export const TOLD: readonly AnytrackEvent[] = Object.values(EVENTS).filter((event) => event.type !== 'probeResult');
