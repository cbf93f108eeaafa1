import { describe, expect, it } from 'vitest';
import { BufferPool } from '../../src/batch/buffer-pool.ts';
import { encodeBatch } from '../../src/batch/encode-batch.ts';
import { EncodedBatch } from '../../src/batch/encoded-batch.ts';
import { q64Limits } from '../../src/limits.ts';
import { Q64Stats } from '../../src/q64-stats.ts';
import { asciiOf, countingBytes, errorOf, naiveText } from '../stream/parts.ts';

/** Odd lengths, empty ones, and those of several paths of the engines. */
const items = [3, 0, 16, 17, 1_536, 1, 9_001].map(countingBytes);
const texts = items.map(naiveText);

describe('a batch', () => {
  it('has each item encoded for itself, in order, in one piece of memory', () => {
    const batch = encodeBatch(items);
    expect(batch).toHaveLength(items.length);
    expect([...batch].map(asciiOf)).toEqual(texts);
    expect(texts.map((_, index) => batch.text(index))).toEqual(texts);
    expect(texts.map((_, index) => asciiOf(batch.at(index)))).toEqual(texts);
    expect(new Set([...batch].map(({ buffer }) => buffer)).size).toBe(1);
    expect([...encodeBatch([])]).toEqual([]);
  });

  it('takes every view and buffer as its bytes', () => {
    const bytes = countingBytes(16);
    const shared = new SharedArrayBuffer(16);
    new Uint8Array(shared).set(bytes);
    const list = [bytes.buffer, shared, new Float32Array(bytes.buffer), new DataView(shared, 1, 2)];
    const whole = naiveText(bytes);
    const batch = encodeBatch(list);
    expect([0, 1, 2].map((index) => batch.text(index))).toEqual([whole, whole, whole]);
    expect(batch.text(3)).toBe(naiveText(bytes.subarray(1, 3)));
  });

  it('uses memory again once it was released', () => {
    const pool = new BufferPool();
    const stats = new Q64Stats();
    const first = encodeBatch(items, { pool, stats });
    const { buffer } = first.at(0);
    const text = first.text(6);
    first.release();
    const second = encodeBatch(items, { pool, stats });
    expect(second.at(0).buffer).toBe(buffer);
    expect(encodeBatch(items, { pool }).at(0).buffer).not.toBe(buffer);
    expect(text).toBe(texts[6]);
    const bytes = items.reduce((sum, { length }) => sum + length, 0);
    expect(stats.snapshot()).toEqual({
      operations: 2 * items.length,
      bytesEncoded: 2 * bytes,
      charactersEncoded: 4 * bytes,
      charactersDecoded: 0,
      bytesDecoded: 0,
      allocations: 1,
      reuses: 1,
      bytesPerOperation: bytes / items.length,
      reuseRatio: 0.5,
    });
    expect(pool.stats()).toMatchObject({ allocations: 2, reuses: 1, lent: 2 });
  });

  it('has a pool of its own where none is given', () => {
    const stats = new Q64Stats();
    // Of a size that no other test of this thread has.
    const list = [countingBytes(40_000)];
    for (let round = 0; round < 10; round += 1) {
      const batch = encodeBatch(list, { reuseBuffers: true, stats });
      expect(batch.text(0)).toBe(naiveText(countingBytes(40_000)));
      batch.release();
    }
    expect(stats.snapshot()).toMatchObject({ allocations: 1, reuses: 9, reuseRatio: 0.9 });
  });

  it('is over once it was released', () => {
    for (const options of [{}, { reuseBuffers: true }]) {
      const batch = encodeBatch(items, options);
      expect(batch.isReleased).toBe(false);
      const begun = batch[Symbol.iterator]();
      begun.next();
      batch.release();
      expect(batch.isReleased).toBe(true);
      const calls = [
        () => batch.release(),
        () => batch.at(0),
        () => batch.text(0),
        () => [...batch],
        () => begun.next(),
      ];
      for (const call of calls) expect(errorOf(call)).toMatchObject({ code: 'Q64_BATCH_RELEASED' });
    }
    const batch = encodeBatch(items);
    for (const index of [-1, items.length, 0.5, Number.NaN]) {
      expect(errorOf(() => batch.at(index))).toMatchObject({ code: 'Q64_ARGUMENT_INVALID' });
    }
  });

  it('gives no string that is longer than one can be', () => {
    const length = q64Limits.values.textCharacters + 2;
    const batch = new EncodedBatch(new Uint8Array(length), Float64Array.of(0, length), undefined);
    expect(batch.at(0)).toHaveLength(length);
    expect(errorOf(() => batch.text(0))).toMatchObject({ code: 'Q64_INPUT_TOO_LARGE' });
  });

  it('fails as a whole, says which item it was, and leaves nothing behind', () => {
    const pool = new BufferPool();
    const stats = new Q64Stats();
    const { buffer } = countingBytes(4);
    structuredClone(buffer, { transfer: [buffer] });
    const wrongs: readonly [unknown, string][] = [
      [buffer, 'Q64_BUFFER_DETACHED'],
      [undefined, 'Q64_ARGUMENT_INVALID'],
      ['AQ', 'Q64_ARGUMENT_INVALID'],
      [[1, 2], 'Q64_ARGUMENT_INVALID'],
    ];
    for (const [wrong, code] of wrongs) {
      const list = [...items, wrong as never, items[0] as Uint8Array];
      const error = errorOf(() => encodeBatch(list, { pool, stats }));
      expect(error).toMatchObject({ code, fields: { index: items.length } });
    }
    for (const list of [countingBytes(3), 'AQ', undefined, 7]) {
      expect(errorOf(() => encodeBatch(list as never))).toMatchObject({
        code: 'Q64_ARGUMENT_INVALID',
      });
    }
    const many = new Array(q64Limits.values.batchItems + 1).fill(items[1]);
    expect(errorOf(() => encodeBatch(many, { pool, stats }))).toMatchObject({
      code: 'Q64_INPUT_TOO_LARGE',
    });
    const reason = new Error('enough');
    const aborted = { pool, stats, signal: AbortSignal.abort(reason) };
    expect(errorOf(() => encodeBatch(items, aborted))).toBe(reason);
    expect(pool.stats()).toMatchObject({ allocations: 0, reuses: 0, lent: 0 });
    expect(stats.snapshot()).toMatchObject({ operations: 0, allocations: 0 });
  });
});
