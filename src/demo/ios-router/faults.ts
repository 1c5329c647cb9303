/** Everything that can be made to go wrong with the simulated router. Switches are plain fields, changed at run time. */

/** Where in the life of a command the session is cut: before it had an effect, or after it and before the reply. */
export interface SessionLoss {
  readonly when: 'before' | 'after';
  /** Which commands: `ROUTE_LINES`, or any expression on the line. */
  readonly on: RegExp;
  /** How many times from now on; counts down to 0. */
  times: number;
}

export interface Faults {
  echoMsPerByte: number;
  replyDelayMs: number;
  splitEveryByte: boolean;
  syslogInReply: readonly string[];
  textInReply: readonly string[];
  warningOnWrite: string | undefined;
  lock: string | undefined;
  lockMidSession: string | undefined;
  refuseCommands: RegExp | undefined;
  refuseLogins: boolean;
  refuseConnections: boolean;
  silentConnections: boolean;
  hangOn: RegExp | undefined;
  loseSession: SessionLoss | undefined;
  ignoreWrites: boolean;
  nextHopsUnreachable: boolean;
}

/** One row per switch: what the router does while it is set. */
export const FAULTS: Readonly<Record<keyof Faults, string>> = {
  echoMsPerByte: 'echoes each byte after this many milliseconds: a slow line',
  replyDelayMs: 'answers each command after this many milliseconds: a busy CPU',
  splitEveryByte: 'sends every byte of output in a packet of its own',
  syslogInReply: 'puts these log texts, stamped, in the middle of every reply, as `terminal monitor` does',
  textInReply:
    'puts these lines as they are in the middle of every reply that has lines, such as text that looks like a prompt',
  warningOnWrite: 'takes a route line but answers it with this text',
  lock: 'answers `configure terminal` with this text: another user holds the configuration (texts in LOCKS)',
  lockMidSession: 'answers a configuration line with this text, does not run it and falls back to exec mode',
  refuseCommands: 'answers commands that match with `Command authorization failed.` (AAA)',
  refuseLogins: 'refuses every password and key',
  refuseConnections: 'resets new TCP connections: all vty lines are in use',
  silentConnections: 'accepts new TCP connections and never says a word',
  hangOn: 'echoes a command that matches and never answers it, nor anything after it',
  loseSession: 'cuts the session at a command that matches, before or after it has had its effect',
  ignoreWrites: 'takes route lines in silence and does nothing: accepted but not done',
  nextHopsUnreachable: 'installs no static route in the RIB, though the configuration has it',
};

export function noFaults(): Faults {
  return {
    echoMsPerByte: 0,
    replyDelayMs: 0,
    splitEveryByte: false,
    syslogInReply: [],
    textInReply: [],
    warningOnWrite: undefined,
    lock: undefined,
    lockMidSession: undefined,
    refuseCommands: undefined,
    refuseLogins: false,
    refuseConnections: false,
    silentConnections: false,
    hangOn: undefined,
    loseSession: undefined,
    ignoreWrites: false,
    nextHopsUnreachable: false,
  };
}

/** Lines that add or remove a static route. */
export const ROUTE_LINES = /^\s*(no\s+)?ip(v6)?\s+route\s/;

/** What IOS and IOS-XE say when the configuration is held by somebody else (texts collected by Cisco's unicon). */
export const LOCKS = {
  process: "Configuration mode is locked by process '484' user 'NETCONF' from terminal '64'. Please try later.",
  exclusive: "Configuration mode locked exclusively by user 'alice' process '88' from terminal '0'. Please try later.",
  standby: 'Config mode cannot be entered during Standby initialization.',
  midSession:
    "Config session is locked by process '566', user will be pushed back to exec mode. Command execution is locked, Please try later.",
} as const;

/** Log texts without their stamp, for `syslogInReply` and `syslog()`. */
export const SYSLOG = {
  configured: '%SYS-5-CONFIG_I: Configured from console by alice on vty1 (192.0.2.99)',
  track: '%TRACK-6-STATE: 100 ip sla 100 reachability Up -> Down',
} as const;

/** Whether the session is to be cut here; counts it. */
export function losesSession(faults: Faults, when: SessionLoss['when'], line: string): boolean {
  const loss = faults.loseSession;
  if (loss === undefined || loss.when !== when || loss.times <= 0 || !loss.on.test(line)) return false;
  loss.times--;
  return true;
}
