import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the heap near what is alive. Probing makes much short-lived garbage (60 MB/s at 5,000 probes/s), for which
 * V8 by default lets young and old generation grow to several times the living: 230 MiB instead of 125 MiB.
 * Call it first thing in a process; both flags are read by V8 at each collection, so that they work at run time.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=20');
}
