/**
 * Every metric, by name: the endpoint `/metrics` comes with the operator surfaces and will export exactly these.
 * Base units with a unit suffix; every label has as many values as the configuration or a closed list has.
 */
interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

const PROBE = ['policy', 'endpoint', 'target', 'probe'] as const;

export const METRICS = {
  anytrack_build_info: { type: 'gauge', labels: ['version'], help: 'Always 1; the version is the label.' },
  anytrack_start_time_seconds: { type: 'gauge', labels: [], help: 'When the daemon started, UNIX time.' },
  anytrack_probe_runs_total: { type: 'counter', labels: [...PROBE, 'outcome'], help: 'Runs that ended, by outcome.' },
  anytrack_probe_failures_total: {
    type: 'counter',
    labels: [...PROBE, 'cause'],
    help: 'Runs that ended as fail or error, by cause.',
  },
  anytrack_probe_busy_total: {
    type: 'counter',
    labels: PROBE,
    help: 'Slots skipped because the previous run was still out.',
  },
  anytrack_probe_duration_seconds: { type: 'histogram', labels: PROBE, help: 'Duration of runs that got an answer.' },
  anytrack_probe_lateness_seconds: {
    type: 'histogram',
    labels: [],
    help: 'How late runs started against their slots.',
  },
  anytrack_track_state: {
    type: 'gauge',
    labels: ['policy', 'endpoint', 'state'],
    help: '1 for the state that the track is in, 0 for the others.',
  },
  anytrack_verdict: {
    type: 'gauge',
    labels: ['policy', 'endpoint', 'action', 'reason'],
    help: '1 for the verdict in force.',
  },
  anytrack_endpoints_up: { type: 'gauge', labels: ['policy'], help: 'Endpoints whose track is up.' },
  anytrack_endpoints: { type: 'gauge', labels: ['policy'], help: 'Endpoints of the policy.' },
  anytrack_routes: {
    type: 'gauge',
    labels: ['router', 'state'],
    help: 'Routes by state: installed, configured, conflict, orphan, parked.',
  },
  anytrack_route_changes_total: {
    type: 'counter',
    labels: ['router', 'op', 'outcome'],
    help: 'Route changes, done only when read back.',
  },
  anytrack_route_change_seconds: {
    type: 'histogram',
    labels: ['router', 'step'],
    help: 'Time of each step of a change: queue, connect, observe, apply, readBack, witness.',
  },
  anytrack_route_drift_total: { type: 'counter', labels: ['router'], help: 'Routes found changed by somebody else.' },
  anytrack_router_session_up: { type: 'gauge', labels: ['router'], help: '1 while the session to the router is open.' },
  anytrack_router_errors_total: {
    type: 'counter',
    labels: ['router', 'code'],
    help: 'Trouble with the router, by code.',
  },
  anytrack_router_reloads_total: { type: 'counter', labels: ['router'], help: 'Reloads of the router that were seen.' },
  anytrack_notifications_total: {
    type: 'counter',
    labels: ['target', 'outcome'],
    help: 'Notifications per receiver: sent, acknowledged or dropped.',
  },
  anytrack_notification_queue: { type: 'gauge', labels: ['target'], help: 'Notifications waiting for a receiver.' },
  anytrack_prober_stalls_total: { type: 'counter', labels: [], help: 'Stalls of our own event loop.' },
  anytrack_prober_stalled_seconds_total: { type: 'counter', labels: [], help: 'Time lost in stalls.' },
  anytrack_config_reloads_total: { type: 'counter', labels: ['outcome'], help: 'Reloads, taken over or rejected.' },
} as const satisfies Readonly<Record<string, Metric>>;
