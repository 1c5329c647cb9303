/** What a heap orders: by `wakeMono`; `heapIndex` belongs to the heap, -1 = not in it. */
export interface HeapItem {
  wakeMono: number;
  heapIndex: number;
}

/** Binary heap with the earliest item on top, whose items can be moved or removed where they stand. */
export class Heap<Item extends HeapItem> {
  readonly #items: Item[] = [];

  get top(): Item | undefined {
    return this.#items[0];
  }

  add(item: Item): void {
    item.heapIndex = this.#items.length;
    this.#items.push(item);
    this.#rise(item);
  }

  remove(item: Item): void {
    const last = this.#items.pop();
    if (last !== undefined && last !== item) {
      this.#put(last, item.heapIndex);
      this.moved(last);
    }
    item.heapIndex = -1;
  }

  /** Restores the order after the item's `wakeMono` has changed. */
  moved(item: Item): void {
    this.#rise(item);
    this.#sink(item);
  }

  #rise(item: Item): void {
    while (item.heapIndex > 0) {
      const parent = this.#items[(item.heapIndex - 1) >> 1];
      if (parent === undefined || parent.wakeMono <= item.wakeMono) return;
      this.#swap(parent, item);
    }
  }

  #sink(item: Item): void {
    for (;;) {
      const left = this.#items[2 * item.heapIndex + 1];
      const right = this.#items[2 * item.heapIndex + 2];
      const child = right !== undefined && left !== undefined && right.wakeMono < left.wakeMono ? right : left;
      if (child === undefined || child.wakeMono >= item.wakeMono) return;
      this.#swap(item, child);
    }
  }

  /** Exchanges an item with its child. */
  #swap(parent: Item, child: Item): void {
    const { heapIndex } = child;
    this.#put(child, parent.heapIndex);
    this.#put(parent, heapIndex);
  }

  #put(item: Item, index: number): void {
    this.#items[index] = item;
    item.heapIndex = index;
  }
}
