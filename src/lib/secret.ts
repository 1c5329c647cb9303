import { inspect } from 'node:util';

/**
 * A secret that cannot be printed by accident: string conversion, JSON and inspection give `[secret]`.
 * Only the code that puts it on a wire calls `reveal`.
 */
export class Secret {
  readonly #value: string;
  /** Where it came from, safe to print: `file:/etc/anytrack/keys/edge1`. */
  readonly origin: string;

  constructor(value: string, origin: string) {
    this.#value = value;
    this.origin = origin;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return `[secret from ${this.origin}]`;
  }
}
