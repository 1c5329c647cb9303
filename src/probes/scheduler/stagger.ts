import { slotAfter } from './timetable.ts';

/** Fraction of the golden ratio: its multiples, taken modulo 1, are the most even spread that can grow by one. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

interface Member {
  readonly key: string;
  readonly frequencyMs: number;
}

/**
 * Spreads the probes of one frequency over their period. Place `n` is at `n * golden` modulo 1: however many there
 * are, the largest gap is at most 2.62 times the smallest, and a newcomer lands in the widest one, so that
 * nobody ever has to move (three-gap theorem).
 */
export class Stagger {
  readonly #groups = new Map<number, { next: number; readonly free: number[] }>();
  readonly #places = new Map<string, number>();

  /** Takes a place among the probes of the member's frequency. @returns its first slot from `now` on, monotonic */
  take(member: Member, startedMono: number, nowMono: number): number {
    const { frequencyMs } = member;
    const group = this.#groupOf(frequencyMs);
    const place = group.free.pop() ?? group.next++;
    this.#places.set(member.key, place);
    const slotMono = startedMono + ((place * GOLDEN) % 1) * frequencyMs;
    return slotMono === nowMono ? slotMono : slotAfter(slotMono, frequencyMs, nowMono);
  }

  /** Gives the member's place back. */
  release(member: Member): void {
    const place = this.#places.get(member.key);
    this.#places.delete(member.key);
    if (place !== undefined) this.#groupOf(member.frequencyMs).free.push(place);
  }

  #groupOf(frequencyMs: number) {
    let group = this.#groups.get(frequencyMs);
    if (group === undefined) {
      group = { next: 0, free: [] };
      this.#groups.set(frequencyMs, group);
    }
    return group;
  }
}
