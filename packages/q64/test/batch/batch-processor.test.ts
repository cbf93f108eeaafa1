import type { Clock } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { BatchProcessor, type BatchProcessorOptions } from '../../src/batch/batch-processor.ts';
import { Q64Stats } from '../../src/q64-stats.ts';
import { asciiOf, countingBytes, errorOf, naiveText } from '../stream/parts.ts';

const items = Array.from({ length: 10 }, (_, index) => countingBytes(index));
const texts = items.map(naiveText);

async function* later<T>(list: Iterable<T>): AsyncGenerator<T> {
  for (const item of list) {
    await Promise.resolve();
    yield item;
  }
}

/** Time passes with each look at the clock; what it is asked for happens in a turn of its own. */
function hastyClock(): Clock & { turns: number } {
  let nowMs = 0;
  const clock = {
    turns: 0,
    nowMs: () => {
      nowMs += 1_000;
      return nowMs;
    },
    schedule: (_delayMs: number, task: () => void) => {
      clock.turns += 1;
      const timer = setTimeout(task, 0);
      return () => clearTimeout(timer);
    },
  };
  return clock;
}

async function lengthsAndTexts(
  options: BatchProcessorOptions,
  list: Iterable<Uint8Array> | AsyncIterable<Uint8Array> = items,
): Promise<{ readonly lengths: number[]; readonly given: string[] }> {
  const lengths: number[] = [];
  const given: string[] = [];
  for await (const batch of new BatchProcessor(options).process(list)) {
    lengths.push(batch.length);
    for (const characters of batch) given.push(asciiOf(characters));
  }
  return { lengths, given };
}

describe('a batch processor', () => {
  it('encodes lists and everything that gives items, a chunk at a time', async () => {
    for (const reuseBuffers of [false, true]) {
      for (const list of [items, new Set(items), later(items)]) {
        const { lengths, given } = await lengthsAndTexts({ chunkSize: 4, reuseBuffers }, list);
        expect(lengths).toEqual([4, 4, 2]);
        expect(given).toEqual(texts);
      }
    }
    expect((await lengthsAndTexts({})).lengths).toEqual([10]);
    expect((await lengthsAndTexts({ chunkSize: 5 })).lengths).toEqual([5, 5]);
    expect((await lengthsAndTexts({}, [])).lengths).toEqual([]);
    expect((await lengthsAndTexts({}, later([]))).lengths).toEqual([]);
  });

  it('takes from the list what it encodes next, and no more', async () => {
    let asked = 0;
    const endless = function* (): Generator<Uint8Array> {
      for (;;) {
        asked += 1;
        yield countingBytes(3);
      }
    };
    const batches = new BatchProcessor({ chunkSize: 4 }).process(endless());
    expect(asked).toBe(0);
    await batches.next();
    expect(asked).toBe(4);
    await batches.next();
    expect(asked).toBe(8);
    await batches.return();
    expect(asked).toBe(8);
  });

  it('uses the memory of a chunk for the next one where it is asked to', async () => {
    const stats = new Q64Stats();
    const equal = Array.from({ length: 40 }, () => countingBytes(100));
    const processor = new BatchProcessor({ chunkSize: 10, reuseBuffers: true, stats });
    const kept = [];
    for await (const batch of processor.process(equal)) kept.push(batch);
    expect(kept.map(({ isReleased }) => isReleased)).toEqual([true, true, true, true]);
    expect(stats.snapshot()).toMatchObject({ operations: 40, allocations: 1, reuses: 3 });
    for await (const batch of processor.process(equal)) batch.release();
    expect(stats.snapshot()).toMatchObject({ operations: 80, allocations: 1, reuses: 7 });

    const own = [];
    for await (const batch of new BatchProcessor({ chunkSize: 10 }).process(equal)) own.push(batch);
    expect(own.map((batch) => batch.text(9))).toEqual(new Array(4).fill(naiveText(equal[0]!)));
  });

  it('tells how far it is, of how many where the list says so', async () => {
    const told: unknown[] = [];
    const progress = (...call: unknown[]): void => void told.push(call);
    const processor = new BatchProcessor({ chunkSize: 4 });
    for await (const _ of processor.process(items, { progress }));
    for await (const _ of processor.process(later(items), { progress }));
    expect(told).toEqual([
      [4, 10],
      [8, 10],
      [10, 10],
      [4, undefined],
      [8, undefined],
      [10, undefined],
    ]);
  });

  it('lets others have their turn between chunks', async () => {
    const clock = hastyClock();
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (!isOver) setTimeout(count, 0);
    };
    let isOver = false;
    setTimeout(count, 0);
    for await (const _ of new BatchProcessor({ chunkSize: 1, clock }).process(items));
    isOver = true;
    expect(clock.turns).toBe(10);
    expect(turns).toBeGreaterThanOrEqual(9);
  });

  it('ends between chunks when it is told to, with the reason', async () => {
    const reason = { because: 'enough' };
    for (const list of [items, later(items)]) {
      const controller = new AbortController();
      const { signal } = controller;
      let seen = 0;
      const run = async (): Promise<void> => {
        const processor = new BatchProcessor({ chunkSize: 4, clock: hastyClock() });
        for await (const batch of processor.process(list, { signal })) {
          seen += batch.length;
          controller.abort(reason);
        }
      };
      expect(await run().catch((error: unknown) => error)).toBe(reason);
      expect(seen).toBe(4);
    }
    // While it waits for the items of a chunk.
    const early = new AbortController();
    let asked = 0;
    const slow = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) {
        asked += 1;
        if (asked === 3) early.abort(reason);
        yield countingBytes(1);
      }
    };
    const waiting = new BatchProcessor({ chunkSize: 100 }).process(slow(), early);
    expect(await waiting.next().catch((error: unknown) => error)).toBe(reason);
    expect(asked).toBe(3);
    // By somebody whose turn it was meanwhile.
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 0);
    const processor = new BatchProcessor({ chunkSize: 1, clock: hastyClock() });
    const endless = (function* (): Generator<Uint8Array> {
      for (;;) yield countingBytes(1);
    })();
    const run = async (): Promise<void> => {
      for await (const _ of processor.process(endless, { signal: controller.signal }));
    };
    expect(await run().catch((error: unknown) => error)).toBe(reason);
    const first = processor.process([], { signal: controller.signal }).next();
    expect(await first.catch((error: unknown) => error)).toBe(reason);
  });

  it('closes what it reads when it ends early', async () => {
    let isClosed = false;
    const source = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield countingBytes(1);
      } finally {
        isClosed = true;
      }
    };
    for await (const _ of new BatchProcessor({ chunkSize: 2 }).process(source())) break;
    expect(isClosed).toBe(true);
  });

  it('says which item of the whole list is wrong', async () => {
    const list = [...items.slice(0, 5), 'AQ' as never];
    const failed = lengthsAndTexts({ chunkSize: 4 }, list);
    await expect(failed).rejects.toMatchObject({
      code: 'Q64_ARGUMENT_INVALID',
      fields: { index: 5 },
    });
    await expect(lengthsAndTexts({}, 7 as never)).rejects.toMatchObject({
      code: 'Q64_ARGUMENT_INVALID',
    });
  });

  it('refuses chunks that are none', () => {
    for (const chunkSize of [0, -1, 1.5, Number.NaN, 2 ** 40, '10' as never]) {
      expect(errorOf(() => new BatchProcessor({ chunkSize }))).toMatchObject({
        code: 'Q64_ARGUMENT_INVALID',
        fields: { name: 'chunkSize' },
      });
    }
  });
});
