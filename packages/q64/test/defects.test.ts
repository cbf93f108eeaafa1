// What is known to be wrong in other implementations of these encodings, and is not here.
import { describe, expect, it } from 'vitest';
import * as q64 from '../src/index.ts';
import { PlaneCache } from '../src/sim-hash/plane-cache.ts';
import { drawPlanes } from '../src/sim-hash/planes.ts';
import { twinSimHashEngine } from '../src/sim-hash/twin-sim-hash-engine.ts';
import { expectCode } from './codes.ts';

const { decodeEq64, decodeMq64, decodeQ64, decodeT8q64 } = q64;
const { encodeEq64, encodeMq64, encodeQ64, encodeT8q64, encodeZoq64 } = q64;

function someBytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => index * 167 + (index >> 8) * 59);
}

describe('the encodings', () => {
  it('decode each convention of dots with the option that encoded it, and no other', () => {
    const bytes = someBytes(32);
    const conventions = [{}, { group: 4 }, { group: 8 }] as const;
    for (const encoding of conventions) {
      const text = encodeEq64(bytes, encoding);
      for (const decoding of conventions) {
        if (decoding === encoding) expect(decodeEq64(text, decoding)).toEqual(bytes);
        else expect(() => decodeEq64(text, decoding)).toThrow();
      }
    }
  });

  it('never mistake an index, one that does not fit and filling for each other', () => {
    const bytes = new Uint8Array(300);
    bytes[255] = 9;
    expectCode('Q64_INDEX_TOO_LARGE', () => encodeT8q64(bytes, { k: 1 }));
    bytes[299] = 10;
    expectCode('Q64_INDEX_TOO_LARGE', () => encodeT8q64(bytes, { k: 1 }));
    const text = encodeT8q64(bytes, { k: 2, indexBits: 16 });
    expect([...decodeT8q64(text, { indexBits: 16 })]).toEqual([255, 299]);
    const short = encodeT8q64(bytes.subarray(0, 2), { k: 4, pad: true });
    expect([...decodeT8q64(short)]).toEqual([0, 1]);
  });

  it('choose the same among equal bytes, whatever is behind them', () => {
    const bytes = new Uint8Array(200).fill(7);
    for (const length of [8, 9, 63, 64, 65, 200]) {
      const text = encodeT8q64(bytes.subarray(0, length));
      expect([...decodeT8q64(text)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    }
  });

  it('lose no bytes in a last level that is too short without being asked to', () => {
    const bytes = someBytes(100);
    const levels = [64, 128, 200];
    expectCode('Q64_LEVELS_INVALID', () => encodeMq64(bytes, { levels }));
    expect(decodeMq64(encodeMq64(bytes, { levels: [64, 100] }))).toEqual(bytes);
  });

  it('are never chosen for the caller: every function has its own at every length', () => {
    for (let length = 0; length < 300; length += 1) {
      const bytes = someBytes(length);
      expect(decodeQ64(encodeQ64(bytes))).toEqual(bytes);
      expect(encodeZoq64(bytes)).toHaveLength(8);
    }
    expect(Object.keys(q64).filter((name) => /auto|^(encode|decode)$/i.test(name))).toEqual([]);
  });

  it('have the samples of their documents right', () => {
    expect(encodeQ64(Uint8Array.of(0x00, 0x10, 0x20, 0x30))).toBe('AQhwCQjw');
    expect(() => decodeQ64('AQUgkw')).toThrow();
    const hello = new TextEncoder().encode('Hello');
    expect(encodeEq64(hello)).toBe('EYm1Gcm8Gf');
    expect(encodeEq64(hello, { group: 4 })).toBe('EYm1.Gcm8.Gf');
    expect(encodeEq64(hello, { group: 8 })).toBe('EYm1Gcm8.Gf');
  });
});

describe('the hash', () => {
  it('says which generator it is from, and is the same in every engine', () => {
    const bytes = someBytes(32);
    const [rust, python] = (['chacha8', 'pcg64'] as const).map((generator) => {
      const code = q64.encodeShq64(bytes, { generator });
      const planes = drawPlanes({ dimensions: 32, planes: 64, generator, seed: 42n });
      const bits = new Uint8Array(8);
      twinSimHashEngine.hash(planes, bytes, bits);
      expect(encodeQ64(bits)).toBe(code);
      expect(q64.createSimHasher({ dimensions: 32, generator }).hash(bytes)).toBe(code);
      return code;
    });
    expect(rust).not.toBe(python);
    expect(q64.encodeShq64(bytes)).toBe(rust);
  });

  it('is the same in a buffer as in a string, also where sums are 0 and at 1,024 planes', () => {
    const target = new Uint8Array(256);
    for (const planes of [8, 64, 1_024]) {
      for (const bytes of [new Uint8Array(32).fill(128), someBytes(32)]) {
        const hasher = q64.createSimHasher({ dimensions: 32, planes });
        const { written } = hasher.hashInto(bytes, target);
        const text = String.fromCharCode(...target.subarray(0, written));
        expect(text).toBe(q64.encodeShq64(bytes, { planes }));
        expect(text).toHaveLength(planes / 4);
      }
    }
  });

  it('has a code for more planes than there may be', () => {
    const bytes = someBytes(32);
    for (const planes of [1_032, 2 ** 31, 2 ** 40]) {
      expectCode('Q64_ARGUMENT_INVALID', () => q64.encodeShq64(bytes, { planes }));
      expectCode('Q64_ARGUMENT_INVALID', () => q64.createSimHasher({ dimensions: 32, planes }));
    }
  });

  it('keeps planes within a limit, however many lengths there are', () => {
    const cache = new PlaneCache(2 ** 20);
    for (let dimensions = 0; dimensions < 300; dimensions += 1) {
      cache.planes({ dimensions, planes: 8, generator: 'chacha8', seed: 42n });
      expect(cache.size).toBeLessThanOrEqual(256);
    }
    // Each takes 128 bytes for every dimension: those of 299 down to 272, and no more.
    expect(cache.size).toBe(28);
  });
});

describe('streams and batches', () => {
  /** New memory for buffers while `run` is called again and again; what the collector takes is no help. */
  function allocatedBytes(calls: number, run: () => void): number {
    run();
    let sum = 0;
    let before = process.memoryUsage().arrayBuffers;
    for (let call = 0; call < calls; call += 1) {
      run();
      const after = process.memoryUsage().arrayBuffers;
      sum += Math.max(0, after - before);
      before = after;
    }
    return sum;
  }

  it('keep the phase through chunks of an odd length', () => {
    const bytes = someBytes(12);
    for (const length of [1, 3, 5, 7]) {
      const encoder = new q64.Q64StreamEncoder({ chunkSize: 1 });
      const decoder = new q64.Q64StreamDecoder({ chunkSize: 1 });
      let decoded: number[] = [];
      let text = '';
      for (let start = 0; start < bytes.length; start += length) {
        const piece = encoder.encodeChunk(bytes.subarray(start, start + length));
        text += new TextDecoder().decode(piece);
        decoded = [...decoded, ...decoder.decodeChunk(piece)];
      }
      expect(text).toBe(encodeQ64(bytes));
      expect(decoded).toEqual([...bytes]);
      expect([...encoder.finish(), ...decoder.finish()]).toEqual([]);
    }
  });

  it('move the statistics that they were given, all of them', () => {
    const stats = new q64.Q64Stats();
    const bytes = someBytes(8);
    const text = encodeQ64(bytes);
    const target = new Uint8Array(16);
    const uses: readonly (() => unknown)[] = [
      () => encodeQ64(bytes, { stats }),
      () => q64.encodeBuffer(bytes, { stats }),
      () => q64.encodeInto(bytes, target, { stats }),
      () => q64.encodeBatch([bytes], { stats }),
      () => new q64.Q64StreamEncoder({ chunkSize: 8, stats }).encodeChunk(bytes),
      () => decodeQ64(text, { stats }),
      () => q64.decodeInto(text, target, { stats }),
      () => new q64.Q64StreamDecoder({ chunkSize: 8, stats }).decodeChunk(text),
    ];
    uses.forEach((use, index) => {
      use();
      const { operations, bytesEncoded, bytesDecoded, bytesPerOperation } = stats.snapshot();
      expect([operations, bytesEncoded + bytesDecoded]).toEqual([index + 1, 8 * (index + 1)]);
      expect(bytesPerOperation).toBe(8);
    });
    // All but `encodeInto` and `decodeInto` have made their result.
    expect(stats.snapshot()).toMatchObject({ allocations: uses.length - 2, reuses: 0 });
  });

  it('have a pool that lends the very memory that it was given back', () => {
    const pool = new q64.BufferPool();
    const first = pool.acquire(5_000);
    first[0] = 77;
    pool.release(first);
    expect(pool.acquire(5_000)[0]).toBe(77);
    expect(pool.stats()).toMatchObject({ allocations: 1, reuses: 1 });
  });

  // Browsers do not say.
  it.skipIf(typeof process === 'undefined')(
    'allocate nothing for results where they say so',
    () => {
      const bytes = someBytes(65_536);
      const half = bytes.subarray(1, 32_769);
      const target = new Uint8Array(2 * bytes.length);
      const text = q64.encodeBuffer(bytes);
      const encoder = new q64.Q64StreamEncoder({ reuseBuffers: true });
      const decoder = new q64.Q64StreamDecoder({ reuseBuffers: true });
      const uses: readonly (() => unknown)[] = [
        () => q64.encodeInto(half, target),
        () => q64.decodeInto(text, target),
        () => encoder.encodeChunk(bytes),
        () => encoder.encodeChunk(half),
        () => decoder.decodeChunk(text),
        () => decoder.decodeChunk(text.subarray(0, 2_000)),
        () => q64.encodeBatch([bytes, half], { reuseBuffers: true }).release(),
      ];
      for (const use of uses) expect(allocatedBytes(20, use)).toBeLessThan(65_536);
      // And this is what it looks like when they do.
      expect(allocatedBytes(20, () => q64.encodeBuffer(bytes))).toBeGreaterThan(20 * 65_536);
    },
  );

  it('refuse a chunk that nothing fits into, or no memory', () => {
    for (const chunkSize of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 40]) {
      expectCode('Q64_ARGUMENT_INVALID', () => new q64.Q64StreamEncoder({ chunkSize }));
      expectCode('Q64_ARGUMENT_INVALID', () => new q64.Q64StreamDecoder({ chunkSize }));
      expectCode('Q64_ARGUMENT_INVALID', () => q64.createQ64EncoderStream({ chunkSize }));
      expectCode('Q64_ARGUMENT_INVALID', () => q64.createQ64DecoderStream({ chunkSize }));
      expectCode('Q64_ARGUMENT_INVALID', () => new q64.BatchProcessor({ chunkSize }));
    }
  });
});

describe('position safety', () => {
  const text = q64.encodeQ64(Uint8Array.of(1, 2, 1, 2, 3));

  it('rules out three of four wrong positions', () => {
    for (const start of [1, 2, 3, 5, 6, 7]) {
      expect(q64.validateQ64(text.slice(start, start + 2))?.code).toBe('Q64_CHARACTER_MISPLACED');
    }
  });

  it('does not rule out the fourth, unlike tokens that carry their position', () => {
    const piece = text.slice(0, 4);
    expect(text.indexOf(piece, 1)).toBe(4);
    expect(q64.decodeQ64(text.slice(4, 8))).toEqual(q64.decodeQ64(piece));
    expect(q64.positionTokens(text)).toEqual([`0:${piece}`, `4:${piece}`, '8:AT']);
  });
});
