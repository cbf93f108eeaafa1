import { describe, expect, it } from 'vitest';
import { Q64Stats } from '../../src/q64-stats.ts';
import { Q64StreamEncoder } from '../../src/stream/stream-encoder.ts';
import {
  allCuts,
  asciiOf,
  countingBytes,
  encodedInParts,
  errorOf,
  naiveText,
  partsOf,
} from './parts.ts';

describe('a stream encoder', () => {
  it('gives the whole encoding for every way to cut it, whatever the chunks', () => {
    const bytes = countingBytes(9);
    for (const ends of allCuts(bytes.length)) {
      for (const chunkSize of [1, 2, 3, 4, 5, 9, 100]) {
        for (const reuseBuffers of [false, true]) {
          const text = encodedInParts(partsOf(bytes, ends), { chunkSize, reuseBuffers });
          expect(text).toBe(naiveText(bytes));
        }
      }
    }
  });

  it('gives whole pieces, and the rest at the end', () => {
    const encoder = new Q64StreamEncoder({ chunkSize: 5 });
    expect(encoder.chunkSize).toBe(5);
    const bytes = countingBytes(23);
    const parts = partsOf(bytes, [4, 4, 5, 9, 21]);
    const lengths = parts.map((part) => encoder.encodeChunk(part).length);
    expect(lengths).toEqual([0, 0, 10, 0, 30, 0]);
    expect(encoder.finish()).toHaveLength(6);
  });

  it('takes every view and buffer as its bytes', () => {
    const bytes = countingBytes(40);
    const shared = new SharedArrayBuffer(40);
    new Uint8Array(shared).set(bytes);
    const sources = [bytes.buffer, shared, new DataView(bytes.buffer), new Float64Array(shared)];
    for (const source of sources) {
      const encoder = new Q64StreamEncoder({ chunkSize: 7 });
      const text = asciiOf(encoder.encodeChunk(source)) + asciiOf(encoder.finish());
      expect(text).toBe(naiveText(bytes));
    }
    const encoder = new Q64StreamEncoder();
    encoder.encodeChunk(new DataView(bytes.buffer, 3, 4));
    expect(asciiOf(encoder.finish())).toBe(naiveText(bytes.subarray(3, 7)));
  });

  it('leaves what it was given to the caller', () => {
    const encoder = new Q64StreamEncoder({ chunkSize: 4 });
    const bytes = Uint8Array.of(1, 2, 3);
    encoder.encodeChunk(bytes);
    bytes.fill(255);
    expect(asciiOf(encoder.finish())).toBe(naiveText(Uint8Array.of(1, 2, 3)));
  });

  it('uses one piece of memory for all results where it is asked to', () => {
    const stats = new Q64Stats();
    const encoder = new Q64StreamEncoder({ chunkSize: 8, reuseBuffers: true, stats });
    const first = encoder.encodeChunk(countingBytes(8));
    const second = encoder.encodeChunk(countingBytes(16).subarray(8));
    expect(second.buffer).toBe(first.buffer);
    expect(stats.snapshot()).toMatchObject({ allocations: 1, reuses: 1, operations: 2 });
    const kept = new Q64StreamEncoder({ chunkSize: 8 });
    const other = kept.encodeChunk(countingBytes(8));
    expect(kept.encodeChunk(countingBytes(8)).buffer).not.toBe(other.buffer);
  });

  it('encodes its own last result', () => {
    const encoder = new Q64StreamEncoder({ chunkSize: 4, reuseBuffers: true });
    const once = encoder.encodeChunk(Uint8Array.of(1, 2, 3, 4));
    const characters = once.slice(0, 4);
    // It would fit where it is.
    const twice = encoder.encodeChunk(once.subarray(0, 4));
    expect(asciiOf(twice)).toBe(naiveText(characters));
  });

  it('counts what it gives, not what it is given', () => {
    const stats = new Q64Stats();
    const encoder = new Q64StreamEncoder({ chunkSize: 4, stats });
    encoder.encodeChunk(countingBytes(3));
    expect(stats.snapshot()).toMatchObject({ operations: 0, bytesEncoded: 0, allocations: 0 });
    encoder.encodeChunk(countingBytes(6));
    expect(stats.snapshot()).toMatchObject({ operations: 1, bytesEncoded: 8, allocations: 1 });
    encoder.finish();
    expect(stats.snapshot()).toEqual({
      operations: 2,
      bytesEncoded: 9,
      charactersEncoded: 18,
      charactersDecoded: 0,
      bytesDecoded: 0,
      allocations: 2,
      reuses: 0,
      bytesPerOperation: 4.5,
      reuseRatio: 0,
    });
    stats.reset();
    expect(stats.snapshot()).toMatchObject({ operations: 0, bytesEncoded: 0, allocations: 0 });
  });

  it('is over after its end and after an error', () => {
    const finished = new Q64StreamEncoder();
    expect(finished.finish()).toHaveLength(0);
    const failed = new Q64StreamEncoder();
    expect(errorOf(() => failed.encodeChunk([1] as never))).toMatchObject({
      code: 'Q64_ARGUMENT_INVALID',
    });
    const detached = new Q64StreamEncoder();
    const { buffer } = countingBytes(4);
    structuredClone(buffer, { transfer: [buffer] });
    expect(errorOf(() => detached.encodeChunk(buffer))).toMatchObject({
      code: 'Q64_BUFFER_DETACHED',
    });
    for (const encoder of [finished, failed, detached]) {
      for (const call of [() => encoder.encodeChunk(countingBytes(1)), () => encoder.finish()]) {
        expect(errorOf(call)).toMatchObject({ code: 'Q64_STREAM_FINISHED' });
      }
    }
  });
});
