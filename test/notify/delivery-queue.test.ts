import { describe, expect, test } from 'vitest';
import { DeliveryQueue, type DeliveryRules } from '../../src/notify/delivery-queue.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

/** A queue to a receiver that a test makes answer, refuse or keep silent. */
class World {
  readonly clock = new FakeClock();
  readonly tries: string[] = [];
  readonly health: string[] = [];
  /** What a try of an item does; by default it succeeds. */
  behaviour: (item: string, attempt: number) => Promise<void> = () => Promise.resolve();
  readonly queue: DeliveryQueue<string>;

  constructor(rules: Partial<DeliveryRules> = {}) {
    this.queue = new DeliveryQueue<string>(
      { capacity: 100, concurrency: 4, retries: 3, backoff: { firstMs: 1000, maxMs: 8000 }, ...rules },
      {
        clock: this.clock,
        // With the upper end of the jitter a back-off of 1000 waits 1000.
        random: { fraction: () => 1, bytes: () => Buffer.alloc(0), integer: () => 0 },
        send: (item) => {
          this.tries.push(`${this.clock.now()} ${item}`);
          return this.behaviour(item, this.tries.filter((one) => one.endsWith(` ${item}`)).length);
        },
        onHealth: (healthy, error) => this.health.push(healthy ? 'ok' : `lost: ${error}`),
      },
    );
  }

  push(...items: string[]): void {
    // The subject is the letter: a1 and a2 are about the same thing.
    for (const item of items) this.queue.push(item.charAt(0), item);
  }
}

const silence = () => new Promise<void>(() => {});
const refusal = () => Promise.reject(new Error('EHOSTUNREACH'));

describe('a receiver that answers', () => {
  test('gets everything at once, in order', async () => {
    const world = new World();
    world.push('a1', 'b1', 'a2', 'c1', 'a3');
    await settle();
    expect(world.tries.filter((one) => one.includes('a'))).toEqual(['0 a1', '0 a2', '0 a3']);
    expect(world.queue.counters).toEqual({ sent: 5, dropped: 0, queued: 0 });
    expect(world.clock.pending).toBe(0);
  });
});

describe('retry', () => {
  test.each([
    ['silent', silence],
    ['refusing', refusal],
  ])('a %s receiver is tried again with growing waits, then the item is given up', async (_name, behaviour) => {
    const world = new World();
    world.behaviour = behaviour;
    world.push('a1');
    await world.clock.advance(20_000);
    expect(world.tries).toEqual(['0 a1', '1000 a1', '3000 a1', '7000 a1']);
    expect(world.queue.counters).toEqual({ sent: 0, dropped: 1, queued: 0 });
  });

  test('the answer to an earlier try counts, even while a later one is out', async () => {
    const world = new World();
    const first = Promise.withResolvers<void>();
    world.behaviour = (_item, attempt) => (attempt === 1 ? first.promise : silence());
    world.push('a1');
    await world.clock.advance(1500);
    first.resolve();
    await world.clock.advance(10_000);
    expect(world.tries).toEqual(['0 a1', '1000 a1']);
    expect(world.queue.counters.sent).toBe(1);
  });

  test('loss is told once, and so is the return', async () => {
    const world = new World({ retries: 0 });
    world.behaviour = refusal;
    world.push('a1', 'b1');
    await world.clock.advance(5000);
    world.behaviour = () => Promise.resolve();
    world.push('a2', 'a3');
    await world.clock.advance(5000);
    expect(world.health).toEqual(['lost: Error: EHOSTUNREACH', 'ok']);
  });
});

describe('order', () => {
  test('a later item never overtakes one of its subject that is being retried; other subjects do', async () => {
    const world = new World();
    world.behaviour = (item, attempt) => (item === 'a1' && attempt <= 2 ? silence() : Promise.resolve());
    world.push('a1', 'a2', 'b1');
    await world.clock.advance(10_000);
    expect(world.tries).toEqual(['0 a1', '0 b1', '1000 a1', '3000 a1', '3000 a2']);
  });

  test('at most `concurrency` subjects are served at once', async () => {
    const world = new World({ concurrency: 2, retries: 0 });
    world.behaviour = silence;
    world.push('a1', 'b1', 'c1');
    await settle();
    expect(world.tries).toEqual(['0 a1', '0 b1']);
    await world.clock.advance(1000);
    expect(world.tries).toEqual(['0 a1', '0 b1', '1000 c1']);
  });
});

describe('bounded', () => {
  test('the oldest that is not under way is dropped and counted', async () => {
    const world = new World({ capacity: 3, concurrency: 1 });
    world.behaviour = (_item, attempt) => (attempt === 1 && world.clock.now() === 0 ? silence() : Promise.resolve());
    world.push('a1', 'b1', 'c1', 'd1', 'e1');
    expect(world.queue.counters).toEqual({ sent: 0, dropped: 2, queued: 3 });
    await world.clock.advance(1000);
    expect(world.tries).toEqual(['0 a1', '1000 a1', '1000 d1', '1000 e1']);
    expect(world.health).toEqual(['lost: Error: queue full', 'ok']);
  });
});

describe('close', () => {
  test('drains', async () => {
    const world = new World();
    world.behaviour = (_item, attempt) => (attempt === 1 ? silence() : Promise.resolve());
    world.push('a1', 'a2');
    const closed = world.queue.close(10_000);
    await world.clock.advance(5000);
    await closed;
    expect(world.queue.counters).toEqual({ sent: 2, dropped: 0, queued: 0 });
    expect(world.clock.pending).toBe(0);
  });

  test('drops the rest at the limit, and takes no more', async () => {
    const world = new World();
    world.behaviour = silence;
    world.push('a1', 'a2');
    const closed = world.queue.close(500);
    world.push('b1');
    await world.clock.advance(500);
    await closed;
    expect(world.queue.counters).toEqual({ sent: 0, dropped: 3, queued: 0 });
    await world.clock.advance(60_000);
    expect(world.tries).toEqual(['0 a1']);
    expect(world.clock.pending).toBe(0);
  });
});
