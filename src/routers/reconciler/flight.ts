import type { RouteChange } from '../../model.ts';
import type { ChangeReport, Step } from '../../notify/contract.ts';
import type { ApplyReport, Exchange, RouterErrorCode, Script } from '../contract.ts';
import type { ReadBack } from './read-back.ts';

/** A change between its writing and the read-back that shows it. */
export interface Flight {
  readonly change: RouteChange;
  readonly sent: readonly Exchange[];
  /** The steps up to the write. */
  readonly steps: readonly Step[];
  /** Monotonic time of the router's answer, or of the loss of the session. */
  readonly writtenAt: number;
  /** What the router said instead of nothing. */
  readonly refusal?: { readonly code: RouterErrorCode; readonly reply: string };
  /** Another line of the same script was refused: the router may not have read this one. */
  readonly besideRefusal: boolean;
  /** The session ended before the router answered: nothing is known until the next session. */
  interrupted: boolean;
  /** Monotonic time at which it counts as not applied. */
  verifyUntil: number;
  polls: number;
  nextPollAt: number;
  /** Reported as failed, and still watched. */
  toldFailed: boolean;
}

/** Why an attempt did not succeed. */
export interface Failure {
  readonly code?: RouterErrorCode;
  readonly detail: string;
}

/** Finds the lines of one change and their replies; the whole conversation where a transaction answered as a block. */
export function exchangesByChange(script: Script, report: ApplyReport): (change: RouteChange) => readonly Exchange[] {
  const lines = Map.groupBy(script.lines, (line) => line.change);
  const replies = Map.groupBy(report.exchanges, ({ sent }) => sent.trim());
  return (change) => {
    const own = (lines.get(change) ?? []).flatMap((line) => replies.get(line.text.trim()) ?? []);
    return own.length > 0 ? own : report.exchanges;
  };
}

/** The account of one change, with everything that explains it (promise 11). */
export function reportOf(
  router: string,
  flight: Pick<Flight, 'change' | 'sent' | 'steps'> & { readonly writtenAt?: number },
  end: {
    readonly now: number;
    readonly seen: ReadBack | undefined;
    readonly failure?: Failure;
    /** What befell earlier attempts. */
    readonly notes: readonly string[];
  },
): ChangeReport {
  const { seen, failure } = end;
  const what = failure?.detail ?? seen?.detail ?? '';
  const verified: Step[] =
    flight.writtenAt === undefined || seen === undefined ? [] : [{ name: 'readBack', ms: end.now - flight.writtenAt }];
  return {
    router,
    change: flight.change,
    outcome: failure === undefined ? 'done' : 'failed',
    ...(failure?.code === undefined ? {} : { code: failure.code }),
    detail: [what, ...end.notes].join('; '),
    sent: flight.sent,
    readBack: seen === undefined ? undefined : { configured: seen.configured, installed: seen.installed },
    steps: [...flight.steps, ...verified],
  };
}
