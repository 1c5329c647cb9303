/** Every default value, as it would be written in YAML. What depends on another option is derived in normalise-*.ts. */

export const DEFAULTS = {
  policiesFolder: 'policies/',
  templatesFolder: 'templates/',
  controlSocket: '/run/anytrack/anytrack.sock',
  logLevel: 'info',
  orphans: 'report',
  mark: { name: 'anytrack' },

  router: {
    transport: 'ssh',
    port: 22,
    legacyAlgorithms: false,
    commandTimeout: '10s',
    /** A loaded router takes long over key exchange and AAA. */
    readyTimeout: '45s',
    keepalive: '10s',
    driftCheck: '1m',
    /** A transient route in the startup configuration would stand after a reload. */
    save: 'never',
    witness: { port: 161 },
  },

  notify: {
    /** netSnmpPlaypen.4200: free for experiments, to be replaced by the operator's own arc. */
    baseOid: '1.3.6.1.4.1.8072.9999.9999.4200',
    heartbeat: '1m',
    snmp: { port: 162, version: '2c', inform: true, retries: 3, timeout: '2s' },
  },

  vrf: 'default',
  endpointPriority: 0,
  targetsAtLeast: 1,

  probe: {
    via: 'nextHop',
    frequency: '1s',
    /** At most; never slower than `frequency`. */
    fastFrequencyMs: 100,
    /** At most; never longer than `frequency`. */
    timeoutMs: 500,
    role: 'required',
    not: false,
  },

  track: {
    reaction: { type: 'consecutive', fall: 2, rise: 3 },
    combine: { type: 'all' },
    mode: 'reachability',
    delay: '0s',
  },

  pool: { minHealthy: 1, announce: 'each' },
  routeWhenUnknown: 'hold',
  onStop: 'hold',
  makeBeforeBreak: false,
} as const;
