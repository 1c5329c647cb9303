/** When one probe runs: its slots, its pace and the runs that are out. Time is an argument; nothing here has effects. */

export interface Timings {
  /** Start to start, milliseconds. */
  readonly frequencyMs: number;
  /** Start to start while evidence against the current state accumulates; at most `frequencyMs`. */
  readonly fastFrequencyMs: number;
  readonly timeoutMs: number;
  readonly thresholdMs: number;
}

/** A run that has not ended. */
export interface OutRun {
  /** Counts up by start, per probe, from 1. */
  readonly number: number;
  readonly startedMono: number;
  /** Our loop stalled while it was out: its result will say so. */
  spoiled: boolean;
}

/** What is to be done now; `dueMono` is when it should have been done. */
export type Decision = { readonly action: 'start' | 'busy'; readonly dueMono: number } | undefined;

/** How far a run may go over its timeout before it is given up: a probe that does not end itself is a defect. */
export const OVERRUN_MS = 1000;

/**
 * A confirmation that is later than this is dropped: we are short of time ourselves, so that slow answers may be
 * our own doing, and confirming every probe at ten times its rate would make it worse.
 */
const SHED_AFTER_MS = 50;

/** Slots, pace and runs of one probe. */
export class Timetable {
  readonly #timings: Timings;
  /** Most runs out at one time: those that fit into a timeout at the fast frequency, and one. */
  readonly #maxOut: number;
  #out: OutRun[] = [];
  #lastNumber = 0;
  #lastStartMono = Number.NEGATIVE_INFINITY;
  /** The next slot at the normal frequency. */
  #slotMono: number;
  /** The next slot at the fast frequency; undefined = the normal pace holds. */
  #fastSlotMono: number | undefined;
  #fast = false;
  #hintMono: number | undefined;
  #lastHintMono = Number.NEGATIVE_INFINITY;
  /** A run later than those up to this number has passed: they make nothing suspect and no slot busy. */
  #refutedUpTo = 0;

  constructor(timings: Timings, firstSlotMono: number) {
    this.#timings = timings;
    this.#maxOut = Math.ceil(timings.timeoutMs / timings.fastFrequencyMs) + 1;
    this.#slotMono = firstSlotMono;
  }

  /** Runs that are out. */
  get out(): readonly OutRun[] {
    return this.#out;
  }

  /** Decides what is due at `now` and moves on to the next slots. A missed slot is skipped, never caught up. */
  decide(nowMono: number): Decision {
    this.#followPace(nowMono);
    const dueMono = Math.min(this.#fastSlotMono ?? this.#slotMono, this.#hintMono ?? Number.POSITIVE_INFINITY);
    if (dueMono > nowMono) return undefined;
    const hinted = this.#hintMono !== undefined && this.#hintMono <= nowMono;
    const confirms = !hinted && this.#fastSlotMono !== undefined;
    this.skipTo(nowMono);
    if (confirms && nowMono - dueMono > SHED_AFTER_MS) return undefined;
    if (hinted) {
      this.#hintMono = undefined;
      this.#lastHintMono = nowMono;
    }
    return { action: this.#mayStart(hinted) ? 'start' : 'busy', dueMono };
  }

  /** Notes that a run starts now. */
  begin(nowMono: number): OutRun {
    const run: OutRun = { number: ++this.#lastNumber, startedMono: nowMono, spoiled: false };
    this.#lastStartMono = nowMono;
    this.#out.push(run);
    return run;
  }

  /** Notes that a run ended. @returns false if it was not out any more */
  end(run: OutRun, passed: boolean): boolean {
    const index = this.#out.indexOf(run);
    if (index < 0) return false;
    this.#out.splice(index, 1);
    if (passed && !run.spoiled) this.#refutedUpTo = Math.max(this.#refutedUpTo, run.number);
    return true;
  }

  /** Health says whether evidence against the current state is accumulating. */
  setFast(on: boolean): void {
    this.#fast = on;
  }

  /** Asks for a run now; a further hint within one fast frequency is put off to its end, and those after it join it. */
  hint(nowMono: number): void {
    this.#hintMono ??= Math.max(nowMono, this.#lastHintMono + this.#timings.fastFrequencyMs);
  }

  /** Marks every run that is out as spoiled by a stall. @returns how many */
  spoil(): number {
    for (const run of this.#out) run.spoiled = true;
    return this.#out.length;
  }

  /** Moves every slot that has passed to the next one after `now`. */
  skipTo(nowMono: number): void {
    const { frequencyMs, fastFrequencyMs } = this.#timings;
    this.#slotMono = slotAfter(this.#slotMono, frequencyMs, nowMono);
    if (this.#fastSlotMono !== undefined) this.#fastSlotMono = slotAfter(this.#fastSlotMono, fastFrequencyMs, nowMono);
  }

  /** Runs that should have ended by themselves long ago. */
  overrun(nowMono: number): OutRun[] {
    return this.#out.filter((run) => run.startedMono + this.#timings.timeoutMs + OVERRUN_MS <= nowMono);
  }

  /** The next time at which there is something to decide. */
  wakeMono(nowMono: number): number {
    this.#followPace(nowMono);
    let wake = Math.min(this.#fastSlotMono ?? this.#slotMono, this.#hintMono ?? Number.POSITIVE_INFINITY);
    for (const run of this.#out) {
      const overdueMono = run.startedMono + this.#timings.thresholdMs;
      const overrunMono = run.startedMono + this.#timings.timeoutMs + OVERRUN_MS;
      wake = Math.min(wake, overdueMono > nowMono && this.#countsAgainst(run) ? overdueMono : overrunMono);
    }
    return wake;
  }

  /** Enters the fast pace or leaves it. On leaving, the slots that it stood in for are not run after the fact. */
  #followPace(nowMono: number): void {
    const { frequencyMs, fastFrequencyMs } = this.#timings;
    const sinceMono = this.#fast ? nowMono : this.#suspectSince(nowMono);
    if (sinceMono !== undefined) {
      this.#fastSlotMono ??= Math.max(sinceMono, this.#lastStartMono + fastFrequencyMs);
    } else if (this.#fastSlotMono !== undefined) {
      this.#fastSlotMono = undefined;
      this.#slotMono = slotAfter(this.#slotMono, frequencyMs, nowMono);
    }
  }

  /** When the first run went over its threshold without an answer, unless a later one has passed. */
  #suspectSince(nowMono: number): number | undefined {
    const { frequencyMs, fastFrequencyMs, thresholdMs } = this.#timings;
    if (fastFrequencyMs >= frequencyMs) return undefined;
    const first = this.#out.find((run) => this.#countsAgainst(run) && run.startedMono + thresholdMs <= nowMono);
    return first && first.startedMono + thresholdMs;
  }

  #countsAgainst(run: OutRun): boolean {
    return !run.spoiled && run.number > this.#refutedUpTo;
  }

  /** At the normal pace one run at a time; beside a hanging one only at the fast pace or on a hint. */
  #mayStart(hinted: boolean): boolean {
    if (this.#out.length >= this.#maxOut) return false;
    return hinted || this.#fastSlotMono !== undefined || !this.#out.some((run) => this.#countsAgainst(run));
  }
}

/** PURE: the first of the slots `slot + n * period` (n >= 0) that lies after `now`. */
export function slotAfter(slotMono: number, periodMs: number, nowMono: number): number {
  if (slotMono > nowMono) return slotMono;
  const next = slotMono + (Math.floor((nowMono - slotMono) / periodMs) + 1) * periodMs;
  return next > nowMono ? next : next + periodMs;
}
