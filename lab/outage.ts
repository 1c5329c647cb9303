/** From single queries to outages. Pure. */

/** One query of the meter. Times are monotonic milliseconds. */
export interface Query {
  readonly sentAt: number;
  /** Left out where no right answer came in time. */
  readonly answer?: { readonly at: number; readonly server: string };
}

/** A stretch of time in which the client lost queries. */
export interface Outage {
  /** When the first lost query was sent. */
  readonly startedAt: number;
  /** From there to the first right answer to a query sent after the last lost one; left out = it did not end. */
  readonly ms?: number;
  readonly lost: number;
  readonly before?: string;
  readonly after?: string;
}

/** So many answered queries in a row end an outage; fewer are a gleam in it. */
export const CALM = 20;

/** The outages in `queries`, which are in the order of sending. */
export function outages(queries: readonly Query[], calm = CALM): Outage[] {
  const found: Outage[] = [];
  let serving: string | undefined;
  for (let i = 0; i < queries.length; i++) {
    const answer = queries[i]?.answer;
    if (answer !== undefined) {
      serving = answer.server;
      continue;
    }
    const last = lastLost(queries, i, calm);
    found.push(outageOf(queries, i, last, serving));
    i = last;
  }
  return found;
}

/** Index of the last lost query before `calm` answered ones in a row. */
function lastLost(queries: readonly Query[], first: number, calm: number): number {
  let last = first;
  for (let i = first + 1; i < queries.length && i - last <= calm; i++) {
    if (queries[i]?.answer === undefined) last = i;
  }
  return last;
}

function outageOf(queries: readonly Query[], first: number, last: number, before: string | undefined): Outage {
  const startedAt = queries[first]?.sentAt ?? 0;
  const lost = queries.slice(first, last + 1).filter((query) => query.answer === undefined).length;
  const next = queries[last + 1]?.answer;
  return {
    startedAt,
    lost,
    ...(before !== undefined && { before }),
    ...(next !== undefined && { ms: next.at - startedAt, after: next.server }),
  };
}
