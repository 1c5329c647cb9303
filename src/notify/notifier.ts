import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import { AuditLog } from './audit.ts';
import type { AnytrackEvent, NotifySettings } from './contract.ts';
import { Explanations } from './explanations.ts';
import { toLogRecord } from './log-event.ts';
import { OBJECTS } from './mib.ts';
import { type Notification, toNotification } from './notification.ts';
import { type Redact, redactor } from './redact.ts';
import { type ReceiverStatus, type SnmpDependencies, SnmpSender } from './snmp.ts';
import { TransitionFilter } from './transition-filter.ts';

/** How long a stop waits for the last notifications, milliseconds. */
const CLOSE_LIMIT_MS = 3000;

export interface NotifierOptions {
  readonly settings: NotifySettings;
  readonly site: string;
  /** Name of this host in every notification; the system's host name if left out. */
  readonly sender?: string;
  /** The notifier that this one replaces at a reload: numbering and explanations go on where it is now. */
  readonly successorOf?: Notifier;
}

/** What outlives a reload of the settings. */
interface Memory {
  readonly explanations: Explanations;
  readonly filter: TransitionFilter;
  sequence: number;
}

export interface NotifierDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Takes secrets out of the audit file and of notifications; the communities only, if left out. */
  readonly redact?: Redact;
  /** How an SNMP session is opened; tests have their own. */
  readonly openSession?: SnmpDependencies['openSession'];
}

/** Tells everything that happens: to the log, the audit file and every SNMP receiver. `emit` never throws or waits. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #log: Logger;
  readonly #snmp: SnmpSender;
  readonly #audit: AuditLog | undefined;
  readonly #redact: Redact;
  readonly #memory: Memory;

  constructor(options: NotifierOptions, dependencies: NotifierDependencies) {
    const { snmp: targets, baseOid, auditFile } = options.settings;
    const { log, redact = redactor(targets.map(({ community }) => community)) } = dependencies;
    this.#options = options;
    this.#log = log;
    this.#redact = redact;
    this.#memory = options.successorOf?.memory ?? {
      explanations: new Explanations(),
      filter: new TransitionFilter(),
      sequence: 0,
    };
    this.#snmp = new SnmpSender({ targets, baseOid }, dependencies);
    this.#audit = auditFile === undefined ? undefined : new AuditLog(auditFile, { log, redact });
  }

  /** For a successor only. */
  get memory(): Memory {
    return this.#memory;
  }

  async start(): Promise<void> {
    this.#snmp.start();
  }

  emit(event: AnytrackEvent): void {
    // Thousands a second: they are for whoever looks, not for an NMS or the disk.
    if (event.type === 'probeResult') {
      if (this.#log.isLevelEnabled('debug')) this.#write(event);
      return;
    }
    this.#memory.explanations.note(event);
    this.#record(event);
    if (!this.#memory.filter.isNews(event)) return;
    this.#write(event);
    this.#notify(event);
  }

  /** How the delivery to each receiver goes. */
  status(): readonly ReceiverStatus[] {
    return this.#snmp.status();
  }

  /** Delivers what is queued for at most `limitMs`, and closes. */
  async close(limitMs: number = CLOSE_LIMIT_MS): Promise<void> {
    await Promise.all([this.#snmp.close(limitMs), this.#audit?.close()]);
  }

  #write(event: AnytrackEvent): void {
    const { level, message, fields } = toLogRecord(event);
    this.#log[level](fields, message);
  }

  /** Every change, told before or not, except the heartbeat, which changes nothing. */
  #record(event: AnytrackEvent): void {
    if (event.type === 'heartbeat') return;
    const because =
      'report' in event ? this.#memory.explanations.because(event.policy, event.report.change.endpoint) : undefined;
    this.#audit?.write(event, because);
  }

  #notify(event: AnytrackEvent): void {
    const { site, sender = hostname() } = this.#options;
    const dropped = this.status().reduce((sum, receiver) => sum + receiver.dropped, 0);
    const notification = toNotification(event, {
      site,
      sender,
      sequence: this.#memory.sequence + 1,
      dropped,
      addressOf: (policy) => this.#memory.explanations.addressOf(policy),
    });
    if (notification === undefined) return;
    this.#memory.sequence += 1;
    this.#snmp.send(withoutSecrets(notification, this.#redact));
  }
}

/** Version 2c is readable by everybody on the way, and what a server or a router has said may repeat a secret. */
function withoutSecrets(notification: Notification, redact: Redact): Notification {
  const varbinds = notification.varbinds.map(({ object, value }) =>
    OBJECTS[object].syntax === 'text' ? { object, value: redact(`${value}`) } : { object, value },
  );
  return { ...notification, varbinds };
}
