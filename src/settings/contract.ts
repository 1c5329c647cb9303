/** The whole configuration after parse, normalise and rules: what the daemon is built from. */
import type { Mark } from '../model.ts';
import type { NotifySettings } from '../notify/contract.ts';
import type { Policy } from '../policies/policy.ts';
import type { RouterSettings } from '../routers/contract.ts';

export interface Settings {
  readonly site: string;
  readonly anycastPrefixes: readonly string[];
  readonly mark: Mark;
  readonly routers: readonly RouterSettings[];
  readonly policies: readonly Policy[];
  readonly notify: NotifySettings;
  readonly log: { readonly level: 'error' | 'warn' | 'info' | 'debug' };
  /** Marked routes in anycast space that no policy names: `report` (default) tells, `remove` also withdraws them. */
  readonly orphans: 'report' | 'remove';
  /** UNIX socket of the running daemon, for `status`; absolute. */
  readonly controlSocket: string;
}

/** One thing wrong with the configuration. Printed as `file:line:col path: message`. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `probes.resolve.timeout`; empty for the document itself. */
  readonly path: string;
  /** What is wrong and what is allowed. */
  readonly message: string;
}
