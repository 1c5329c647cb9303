/**
 * The part of JSONPath (RFC 9535) that names one value: `$`, `.name`, `['any name']`, `[0]`, `[-1]` from the end.
 * No wildcards, slices or filters: a check that may mean several values cannot say which one was wrong. Pure and total.
 */

/** A member name or an array index; a negative index counts from the end. */
export type PathStep = string | number;

const STEP =
  /\.(?<name>[\p{L}_][\p{L}\p{N}_-]*)|\[(?<index>-?(?:0|[1-9]\d{0,8}))\]|\['(?<single>[^']*)'\]|\["(?<double>[^"]*)"\]/uy;

/** The steps of a path, or undefined if it is none of this subset: `$.a.b[0]` -> `['a', 'b', 0]`. */
export function parseJsonPath(text: string): readonly PathStep[] | undefined {
  if (!text.startsWith('$')) return undefined;
  const steps: PathStep[] = [];
  for (let at = 1; at < text.length; ) {
    STEP.lastIndex = at;
    const found = STEP.exec(text)?.groups;
    if (found === undefined) return undefined;
    const { name, index, single, double } = found;
    steps.push(index === undefined ? (name ?? single ?? double ?? '') : Number(index));
    at = STEP.lastIndex;
  }
  return steps;
}

/** The value at the end of the path, or undefined where there is none. Only own members count. */
export function valueAt(root: unknown, steps: readonly PathStep[]): unknown {
  let value = root;
  for (const step of steps) {
    if (typeof step === 'number') {
      value = Array.isArray(value) ? value.at(step) : undefined;
    } else {
      value = isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined;
    }
  }
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
