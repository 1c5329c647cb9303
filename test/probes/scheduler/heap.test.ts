import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heap, type HeapItem } from '../../../src/probes/scheduler/heap.ts';

test('whatever is added, moved and removed, the earliest is on top', () => {
  const step = fc.record({ op: fc.constantFrom('add', 'move', 'remove'), pick: fc.nat(), wakeMono: fc.nat(100) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new Heap<HeapItem>();
      const items: HeapItem[] = [];
      for (const { op, pick, wakeMono } of steps) {
        const item = items[pick % Math.max(1, items.length)];
        if (op === 'add' || item === undefined) {
          items.push({ wakeMono, heapIndex: -1 });
          heap.add(items.at(-1) as HeapItem);
        } else if (op === 'move') {
          item.wakeMono = wakeMono;
          heap.moved(item);
        } else {
          heap.remove(item);
          expect(item.heapIndex).toBe(-1);
          items.splice(items.indexOf(item), 1);
        }
        expect(heap.top?.wakeMono).toBe(items.length === 0 ? undefined : Math.min(...items.map((i) => i.wakeMono)));
      }
    }),
  );
});
