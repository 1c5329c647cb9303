import type { Logger } from 'pino';
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import type { Mark, ObservedRoute, RouteChange } from '../../model.ts';
import type { Emit } from '../../notify/contract.ts';
import type { CliPlatform, Driver, RouterErrorCode, RouterSettings, Script } from '../contract.ts';
import type { Conflict, Diff } from '../diff.ts';
import type { Witness } from '../witness.ts';
import type { Timing } from './timing.ts';

/** What one reconciler is about. */
export interface ReconcilerOptions {
  readonly router: RouterSettings;
  readonly mark: Mark;
  readonly anycastPrefixes: readonly string[];
  readonly orphans: 'report' | 'remove';
  /** Own tags of policies, past ones too, so that what they left behind is known as ours; the owner may add to it. */
  readonly policyTags?: ReadonlySet<number>;
  readonly timing?: Partial<Timing>;
}

/** What one reconciler works with. */
export interface ReconcilerDependencies {
  readonly driver: Driver;
  readonly platform: Pick<CliPlatform, 'capabilities' | 'render'>;
  readonly witness?: Witness;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  readonly log?: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
}

/** How a router stands, for `status` and the page. */
export interface RouterStatus {
  readonly router: string;
  /** `waiting`: between two attempts to connect; `stopped`: a person has to act first. */
  readonly session: 'closed' | 'up' | 'connecting' | 'waiting' | 'stopped';
  /** Static routes in the anycast space as last read, ours and others'. */
  readonly observed: readonly ObservedRoute[];
  /** Sent and not proved yet, or waiting for the next attempt. */
  readonly pending: readonly RouteChange[];
  /** Refused by the router for good; withdrawals among them are tried again on every drift pass. */
  readonly parked: readonly RouteChange[];
  readonly conflicts: readonly Conflict[];
  readonly orphans: readonly ObservedRoute[];
  /** The newest trouble with the session; `at` is wall time. */
  readonly lastError?: { readonly code: RouterErrorCode; readonly message: string; readonly at: number };
  /** Milliseconds until the next attempt to connect. */
  readonly nextAttemptMs?: number;
}

/** What `plan` shows: the difference and exactly what would be sent for it. */
export interface Plan extends Diff {
  readonly script: Script;
  readonly observed: readonly ObservedRoute[];
}
