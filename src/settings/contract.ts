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

/** The longest that a policy takes to notice a break and a repair, with the formula in words. */
export interface Detection {
  /** From the break to the track going down, milliseconds. */
  readonly downMs: number;
  /** From the repair to the track going up, milliseconds. */
  readonly upMs: number;
  readonly explanation: string;
}

/** What loading gives, good or bad. */
export interface LoadedSettings {
  /** Undefined if there is any problem: a bad configuration never replaces a good one (promise 9). */
  readonly settings: Settings | undefined;
  /** Everything wrong in all files, in the order of files and lines. */
  readonly problems: readonly Problem[];
  /** YAML text per policy name: templates merged, defaults filled in, secrets as references. */
  readonly expanded: ReadonlyMap<string, string>;
  /** Worst-case detection time per policy name. */
  readonly detection: ReadonlyMap<string, Detection>;
}

/** `config/policies/a.yaml:3:5 probes.web.timeout: what is wrong and what is allowed`. */
export function formatProblem({ file, line, column, path, message }: Problem): string {
  return `${file}:${line}:${column}${path === '' ? '' : ` ${path}`}: ${message}`;
}
