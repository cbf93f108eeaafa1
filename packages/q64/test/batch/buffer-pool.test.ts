import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { BufferPool } from '../../src/batch/buffer-pool.ts';
import { q64Limits } from '../../src/limits.ts';
import { errorOf } from '../stream/parts.ts';

type Lent = Uint8Array<ArrayBuffer>;

describe('a pool of buffers', () => {
  it('gives the length that was asked for, and the same memory again for one near it', () => {
    const pool = new BufferPool();
    const first = pool.acquire(1_000);
    expect(first).toHaveLength(1_000);
    pool.release(first);
    const second = pool.acquire(600);
    expect(second).toHaveLength(600);
    expect(second.buffer).toBe(first.buffer);
    expect(pool.acquire(600).buffer).not.toBe(first.buffer);
    expect(pool.acquire(0)).toHaveLength(0);
    expect(pool.stats()).toMatchObject({ allocations: 3, reuses: 1, lent: 3, buffers: 0 });
  });

  it('has sizes that are powers of two', () => {
    const pool = new BufferPool();
    for (const length of [0, 1, 64, 65, 128, 129, 1_024, 1_025]) {
      const { byteLength } = pool.acquire(length).buffer;
      expect(byteLength).toBe(Math.max(64, 2 ** Math.ceil(Math.log2(Math.max(1, length)))));
    }
  });

  it('takes back once what it gave, and nothing else', () => {
    const pool = new BufferPool();
    const array = pool.acquire(100);
    const foreign = [
      new Uint8Array(100),
      array.subarray(0, 50),
      new Uint8Array(array.buffer, 0, 100),
      new BufferPool().acquire(100),
    ];
    for (const other of foreign) {
      expect(errorOf(() => pool.release(other))).toMatchObject({ code: 'Q64_BUFFER_FOREIGN' });
    }
    expect(pool.stats()).toMatchObject({ lent: 1, buffers: 0 });
    pool.release(array);
    expect(errorOf(() => pool.release(array))).toMatchObject({ code: 'Q64_BUFFER_FOREIGN' });
    // The memory is somebody else's now, and its first user has no right to it.
    const again = pool.acquire(100);
    expect(again.buffer).toBe(array.buffer);
    expect(errorOf(() => pool.release(array))).toMatchObject({ code: 'Q64_BUFFER_FOREIGN' });
    pool.release(again);
    expect(pool.stats()).toMatchObject({ lent: 0, buffers: 1, bytes: 128, sizes: 1 });
  });

  it('forgets memory that has gone to another thread', () => {
    const pool = new BufferPool();
    const array = pool.acquire(100);
    structuredClone(array.buffer, { transfer: [array.buffer] });
    pool.release(array);
    expect(pool.stats()).toMatchObject({ lent: 0, buffers: 0, bytes: 0, discards: 1 });
    expect(pool.acquire(100)).toHaveLength(100);
  });

  it('keeps no more buffers and bytes than it may, those used last', () => {
    const few = new BufferPool({ maxBuffers: 2 });
    const arrays = [100, 200, 400].map((length) => few.acquire(length));
    for (const array of arrays) few.release(array);
    expect(few.stats()).toMatchObject({ buffers: 2, bytes: 256 + 512, discards: 1 });
    expect(few.acquire(400).buffer).toBe(arrays[2]?.buffer);
    expect(few.acquire(100).buffer).not.toBe(arrays[0]?.buffer);

    const recent = new BufferPool({ maxBuffers: 3 });
    const [first, other, second, third] = [100, 200, 100, 100].map((length) =>
      recent.acquire(length),
    ) as [Lent, Lent, Lent, Lent];
    for (const array of [first, other, second, third]) recent.release(array);
    // Of two sizes, the one that came back last stays.
    expect(recent.stats()).toMatchObject({ buffers: 3, bytes: 3 * 128, sizes: 1, discards: 1 });

    // Of one size, the one that came back first is dropped.
    const pair = new BufferPool({ maxBuffers: 2 });
    const [oldest, ...later] = [100, 100, 100].map((length) => pair.acquire(length));
    for (const array of [oldest, ...later]) pair.release(array as Lent);
    const kept = [pair.acquire(100), pair.acquire(100)].map(({ buffer }) => buffer);
    expect(kept).toEqual(expect.arrayContaining(later.map(({ buffer }) => buffer)));
    expect(kept).not.toContain(oldest?.buffer);

    // A size whose buffers are taken is in use, too.
    const taken = new BufferPool({ maxBuffers: 3 });
    const sizes = [100, 100, 200].map((length) => taken.acquire(length));
    for (const array of sizes) taken.release(array);
    taken.acquire(100);
    for (const length of [400, 800]) taken.release(taken.acquire(length));
    expect(taken.stats()).toMatchObject({ buffers: 3, bytes: 128 + 512 + 1_024, discards: 1 });

    // Not even a length that would fit is kept where its size would not.
    const uneven = new BufferPool({ maxBytes: 1_000 });
    uneven.release(uneven.acquire(600));
    expect(uneven.stats()).toMatchObject({ buffers: 0, bytes: 0, discards: 1 });

    const small = new BufferPool({ maxBytes: 512 });
    const large = small.acquire(513);
    expect(large.buffer.byteLength).toBe(513);
    small.release(large);
    expect(small.stats()).toMatchObject({ buffers: 0, bytes: 0, discards: 1 });
    const half = [small.acquire(256), small.acquire(256), small.acquire(256)];
    for (const array of half) small.release(array);
    expect(small.stats()).toMatchObject({ buffers: 2, bytes: 512, discards: 2 });

    for (const options of [{ maxBuffers: 0 }, { maxBytes: 0 }]) {
      const none = new BufferPool(options);
      none.release(none.acquire(10));
      expect(none.stats()).toMatchObject({ buffers: 0, bytes: 0, discards: 1 });
    }
  });

  it('is empty after it was cleared, and takes back what it had lent', () => {
    const pool = new BufferPool();
    const array = pool.acquire(10);
    pool.release(pool.acquire(10));
    pool.clear();
    expect(pool.stats()).toMatchObject({ buffers: 0, bytes: 0, sizes: 0, lent: 1 });
    pool.release(array);
    expect(pool.stats()).toMatchObject({ buffers: 1, bytes: 64, lent: 0 });
  });

  it('refuses what is no length and no limit', () => {
    const pool = new BufferPool();
    for (const length of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '8' as never]) {
      expect(errorOf(() => pool.acquire(length))).toMatchObject({ code: 'Q64_ARGUMENT_INVALID' });
    }
    expect(errorOf(() => pool.acquire(q64Limits.values.bufferBytes + 1))).toMatchObject({
      code: 'Q64_INPUT_TOO_LARGE',
    });
    expect(pool.stats()).toMatchObject({ lent: 0, allocations: 0 });
    const { poolBuffers, poolBytes } = q64Limits.values;
    for (const options of [
      { maxBuffers: -1 },
      { maxBuffers: poolBuffers + 1 },
      { maxBytes: poolBytes + 1 },
      { maxBytes: Number.NaN },
    ]) {
      expect(errorOf(() => new BufferPool(options))).toMatchObject({
        code: 'Q64_ARGUMENT_INVALID',
      });
    }
  });

  it('never lends the same memory twice, and stays below its limits', () => {
    const action = fc.tuple(fc.boolean(), fc.nat({ max: 3_000 }));
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const pool = new BufferPool({ maxBuffers: 6, maxBytes: 8_192 });
        const lent: Uint8Array<ArrayBuffer>[] = [];
        let acquired = 0;
        for (const [isAcquired, number] of actions) {
          if (isAcquired) {
            acquired += 1;
            const array = pool.acquire(number);
            expect(array).toHaveLength(number);
            expect(lent.some(({ buffer }) => buffer === array.buffer)).toBe(false);
            lent.push(array);
          } else {
            for (const array of lent.splice(number % (lent.length + 1), 1)) pool.release(array);
          }
          const { buffers, bytes, allocations, reuses } = pool.stats();
          expect(buffers).toBeLessThanOrEqual(6);
          expect(bytes).toBeLessThanOrEqual(8_192);
          expect(allocations + reuses).toBe(acquired);
          expect(pool.stats().lent).toBe(lent.length);
        }
      }),
      runs(100),
    );
  });
});
