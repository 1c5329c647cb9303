/**
 * Who an error is for:
 * `operator` made a mistake that they can correct: one sentence, no stack, exit code 2;
 * `weather` is the world misbehaving: a code, no stack, retried;
 * `bug` is ours: with stack.
 */
export type Audience = 'operator' | 'weather' | 'bug';

/** Facts that go with an error; never a secret. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | undefined>>;

/** Base of every error that this program throws on purpose. `Code` is a closed union per subclass. */
export abstract class AnytrackError<Code extends string = string> extends Error {
  abstract readonly audience: Audience;
  readonly code: Code;
  readonly facts: ErrorFacts;

  constructor(code: Code, message: string, options: { facts?: ErrorFacts; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.facts = options.facts ?? {};
  }
}

/** A mistake in arguments, configuration or set-up that the operator can correct. Exit code 2. */
export class OperatorError extends AnytrackError<'usage' | 'configuration' | 'environment'> {
  readonly audience = 'operator';
}

/** A defect of this program: an invariant did not hold. */
export class InternalError extends AnytrackError<'internal'> {
  readonly audience = 'bug';

  constructor(message: string, options: { facts?: ErrorFacts; cause?: unknown } = {}) {
    super('internal', message, options);
  }
}

/** A wait ended because its AbortSignal fired. Not a failure: never logged above debug. */
export class AbortedError extends AnytrackError<'aborted'> {
  readonly audience = 'weather';

  constructor(message = 'aborted', options: { cause?: unknown } = {}) {
    super('aborted', message, options);
  }
}

/** Message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The errno name (`ECONNREFUSED`) or other string `code` of a thrown value, if it has one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Marks the branch of an exhaustive switch that cannot be reached. */
export function unreachable(value: never): never {
  throw new InternalError('a value outside its type was met', { facts: { value: JSON.stringify(value) } });
}
