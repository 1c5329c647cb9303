import { randomBytes, randomInt } from 'node:crypto';

/** The only source of chance. Tests pass a seeded one. */
export interface Random {
  /** A number in [0, 1), for jitter. */
  fraction(): number;
  /** `length` unpredictable bytes, for ids and authenticators. */
  bytes(length: number): Buffer;
  /** An unpredictable integer in [0, bound), for query ids and ports. */
  integer(bound: number): number;
}

export const systemRandom: Random = {
  fraction: () => Math.random(),
  bytes: (length) => randomBytes(length),
  integer: (bound) => randomInt(bound),
};
