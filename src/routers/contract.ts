/** What a driver, a session and a platform are. Drivers know bytes, platforms know words; neither decides. */
import { AnytrackError, type Audience } from '../lib/errors.ts';
import type { Family } from '../lib/ip.ts';
import type { Secret } from '../lib/secret.ts';
import type { ObservedRoute, RouteChange } from '../model.ts';

/** How one router is reached, as settings normalise it. */
export interface RouterSettings {
  readonly name: string;
  readonly platform: string;
  readonly transport: 'ssh' | 'memory';
  readonly address: string;
  readonly port: number;
  readonly username: string;
  /** At least one pinned fingerprint (`SHA256:...`) or known_hosts file; host keys are always verified. */
  readonly hostKeys: readonly string[];
  readonly knownHosts?: string;
  readonly password?: Secret;
  readonly privateKey?: Secret;
  readonly passphrase?: Secret;
  /** Path of an ssh-agent socket. */
  readonly agent?: string;
  readonly enablePassword?: Secret;
  /** Permit SHA-1 key exchange, CBC and ssh-rsa for this router only. */
  readonly legacyAlgorithms: boolean;
  readonly commandTimeoutMs: number;
  readonly readyTimeoutMs: number;
  readonly keepaliveMs: number;
  /** How often the router is read to find drift, milliseconds. */
  readonly driftCheckMs: number;
  /** Save to the startup configuration: `never` is the default and the safe choice. */
  readonly save: 'never' | 'afterChange';
  readonly witness?: { readonly address: string; readonly port: number; readonly community: Secret };
}

export type RouterErrorCode =
  // transient: retried with back-off
  | 'refused'
  | 'unreachable'
  | 'lost'
  | 'deadline'
  | 'locked'
  | 'in-use'
  | 'not-applied'
  // terminal: stop, alert, wait for a person or a reload of the settings
  | 'host-key'
  | 'authentication'
  | 'authorization'
  | 'rejected'
  | 'unexpected-output'
  | 'negotiation'
  | 'outside-anycast';

const TERMINAL: ReadonlySet<RouterErrorCode> = new Set<RouterErrorCode>([
  'host-key',
  'authentication',
  'authorization',
  'rejected',
  'unexpected-output',
  'negotiation',
  'outside-anycast',
]);

/** Trouble with one router. `terminal` ones are not retried. */
export class RouterError extends AnytrackError<RouterErrorCode> {
  readonly audience: Audience = 'weather';

  get terminal(): boolean {
    return TERMINAL.has(this.code);
  }
}

/** One command and its reply, for the audit trail. Never a password. */
export interface Exchange {
  readonly sent: string;
  readonly received: string;
  /** From the write to the reply's prompt, milliseconds. */
  readonly ms: number;
}

/** What to read: the tables and prefixes a visit is about; `all` for a periodic pass. */
export interface Scope {
  readonly vrfs: readonly string[];
  readonly families: readonly Family[];
  readonly prefixes: readonly string[] | 'all';
  /**
   * The configuration is enough, the RIB need not be asked: what is read right before a write, to see whose a route is.
   * A platform may ignore it; `installed` means nothing in the answer.
   */
  readonly configurationOnly?: boolean;
}

export interface Observation {
  /** Static routes inside the scope, ours and others'. */
  readonly routes: readonly ObservedRoute[];
  /** Monotonic uptime of the router, milliseconds, where the platform tells. */
  readonly uptimeMs?: number;
  readonly exchanges: readonly Exchange[];
}

/** Exactly what goes over the wire for a set of changes; `plan` prints it, `apply` sends it. */
export interface Script {
  readonly enter: readonly string[];
  readonly lines: readonly ScriptLine[];
  readonly leave: readonly string[];
}

export interface ScriptLine {
  readonly text: string;
  /** The change that this line serves; left out for a sub-mode line such as `vrf BLUE`. */
  readonly change?: RouteChange;
}

export interface ApplyReport {
  readonly exchanges: readonly Exchange[];
  /** Lines that the router did not take in silence. */
  readonly failures: readonly { readonly line: ScriptLine; readonly reply: string; readonly code: RouterErrorCode }[];
}

/**
 * An open conversation with one router; one command at a time, the reconciler is its only user.
 * A method that fails throws RouterError; after `lost` or `deadline` the session is dead and must be replaced.
 */
export interface Session {
  observe(scope: Scope, signal: AbortSignal): Promise<Observation>;
  apply(script: Script, signal: AbortSignal): Promise<ApplyReport>;
  /** Saves the running configuration for the next start; left out where the platform has no such step. */
  save?(signal: AbortSignal): Promise<Exchange>;
  /** Resolves when the session has ended, with what ended it. Never rejects. */
  readonly ended: Promise<RouterError | undefined>;
  close(): Promise<void>;
}

/** Opens sessions to one router. */
export interface Driver {
  open(signal: AbortSignal): Promise<Session>;
}

export interface Capabilities {
  /** Routes carry a name that we can read back. */
  readonly routeNames: boolean;
  /** Longest route name, characters. */
  readonly maxNameLength: number;
  /** `route`: each next hop has its own tag; `prefix`: next hops of one prefix and distance share one (FRR). */
  readonly tagScope: 'route' | 'prefix';
  /** `track N` on a static route. */
  readonly tracks: boolean;
  /** Several lines may be written without waiting for the prompt between them. */
  readonly pipelining: boolean;
}

/** A pattern in a reply and what it means. */
export interface ReplyRule {
  readonly pattern: RegExp;
  readonly code: RouterErrorCode;
}

/** Vendor knowledge as data plus pure functions. */
export interface CliPlatform {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Prompt without the host name part, which is learnt at login. */
  readonly prompts: { readonly exec: RegExp; readonly privileged: RegExp; readonly config: RegExp };
  /** Commands after login; replies are not judged (a paging command may be unknown to an old version). */
  readonly setUp: readonly string[];
  readonly enable?: { readonly command: string; readonly ask: RegExp };
  /** Ask the SSH server for a terminal without echo, so that lines written ahead can't mix with replies. */
  readonly echoOff?: boolean;
  /** Saves the running configuration; `done` is in the reply when it worked. */
  readonly save?: { readonly command: string; readonly done: RegExp };
  /** Observe commands that some versions do not know; such a refusal is an empty reply, not an error. */
  readonly optional?: readonly RegExp[];
  /** Reply lines that mean nothing: warnings that are known to be harmless. Everything else is a failure. */
  readonly harmless: readonly RegExp[];
  /** First match wins; an unmatched unexpected reply is `unexpected-output`. */
  readonly replies: readonly ReplyRule[];
  /** Asynchronous log lines that may appear anywhere in output and are removed. */
  readonly noise: readonly RegExp[];
  observeCommands(scope: Scope): readonly string[];
  /** Reads the replies to `observeCommands(scope)`, in order. Total: unknown lines are ignored, never a throw. */
  parse(replies: readonly Exchange[], scope: Scope): Omit<Observation, 'exchanges'>;
  render(changes: readonly RouteChange[]): Script;
  /**
   * The last gate before the wire (promise 1): what a configuration line does.
   * `{ prefix }` for a route line, `mode` for a line that changes no route, undefined for anything else, which is refused.
   */
  classify(line: string): { readonly prefix: string } | 'mode' | undefined;
}
