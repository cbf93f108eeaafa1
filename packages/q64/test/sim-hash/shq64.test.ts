import { describe, expect, it } from 'vitest';
import {
  createSimHasher,
  decodeQ64,
  decodeShq64,
  encodeShq64,
  Q64Stats,
  type Shq64Options,
  validateShq64,
} from '../../src/index.ts';
import { q64Limits } from '../../src/limits.ts';
import { PlaneCache } from '../../src/sim-hash/plane-cache.ts';
import { drawPlanes, type PlaneParameters } from '../../src/sim-hash/planes.ts';
import { expectCode } from '../codes.ts';

const bytes = Uint8Array.from({ length: 32 }, (_, index) => index);
const code = 'DTo2PdjxBem0Ibt0';

function ascii(characters: Uint8Array): string {
  return String.fromCharCode(...characters);
}

describe('encodeShq64', () => {
  it('takes bytes wherever they are', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(40), 4, 32);
    shared.set(bytes);
    expect(encodeShq64(bytes)).toBe(code);
    expect(encodeShq64(bytes.buffer)).toBe(code);
    expect(encodeShq64(new DataView(bytes.buffer))).toBe(code);
    expect(encodeShq64(shared)).toBe(code);
  });

  it('has no bit for what is on no side', () => {
    expect(encodeShq64(new Uint8Array())).toBe('AQgwAQgwAQgwAQgw');
    expect(encodeShq64(new Uint8Array(32).fill(128))).toBe('AQgwAQgwAQgwAQgw');
  });

  it('does not see the scale, and inverts with the sign', () => {
    const constant = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
    expect(encodeShq64(constant(0x00))).toBe(encodeShq64(constant(0x64)));
    const opposite = decodeShq64(encodeShq64(constant(0xff)));
    expect(opposite.map((bit) => 1 - bit)).toEqual(decodeShq64(encodeShq64(constant(0x00))));
  });

  it('takes seeds as numbers and as bigints', () => {
    expect(encodeShq64(bytes, { seed: 42n })).toBe(code);
    expect(encodeShq64(bytes, { seed: 43 })).not.toBe(code);
    expect(encodeShq64(bytes, { seed: 2n ** 64n - 1n })).toHaveLength(16);
    // The default where an option is undefined.
    expect(encodeShq64(bytes, { seed: undefined, planes: undefined, generator: undefined })).toBe(
      code,
    );
  });

  it.each([
    { planes: 0 },
    { planes: 4 },
    { planes: 65 },
    { planes: -64 },
    { planes: Number.NaN },
    { planes: 1_032 },
    { planes: '64' },
    { generator: 'mt19937' },
    { generator: 'toString' },
    { seed: -1 },
    { seed: 1.5 },
    { seed: 2 ** 53 },
    { seed: 2n ** 64n },
    { seed: '42' },
    { plane: 128 },
    { dimensions: 32 },
    7,
    null,
  ])('refuses %o', (options) => {
    expectCode('Q64_ARGUMENT_INVALID', () => encodeShq64(bytes, options as Shq64Options));
  });

  it('refuses what is no bytes, and more of them than planes can have', () => {
    const { simHashDimensions } = q64Limits.values;
    expectCode('Q64_ARGUMENT_INVALID', () => encodeShq64([1, 2] as unknown as Uint8Array));
    expectCode('Q64_INPUT_TOO_LARGE', () => encodeShq64(new Uint8Array(simHashDimensions + 1)));
    expectCode('Q64_INPUT_TOO_LARGE', () =>
      encodeShq64(new Uint8Array(simHashDimensions), { planes: 1_024 }),
    );
    expect(encodeShq64(new Uint8Array(simHashDimensions), { planes: 8 })).toHaveLength(2);
  });

  it('counts what it does', () => {
    const stats = new Q64Stats();
    encodeShq64(bytes, { stats });
    const hasher = createSimHasher({ dimensions: 32, planes: 128, stats });
    hasher.hash(bytes);
    hasher.hashInto(bytes, new Uint8Array(32));
    expect(stats.snapshot()).toMatchObject({
      operations: 3,
      bytesEncoded: 96,
      charactersEncoded: 80,
      allocations: 2,
      reuses: 0,
    });
  });
});

describe('createSimHasher', () => {
  it('hashes as encodeShq64 does', () => {
    const hasher = createSimHasher({ dimensions: 32 });
    const { dimensions, planes, generator, seed, characters } = hasher;
    expect({ dimensions, planes, generator, seed, characters }).toEqual({
      dimensions: 32,
      planes: 64,
      generator: 'chacha8',
      seed: 42n,
      characters: 16,
    });
    const target = new Uint8Array(20).fill(1);
    expect(hasher.hash(bytes)).toBe(code);
    expect(hasher.hashInto(bytes, target)).toEqual({ read: 32, written: 16 });
    expect(ascii(target)).toBe(`${code}\u0001\u0001\u0001\u0001`);
  });

  it('is not disturbed by others', () => {
    const options = { planes: 8, generator: 'pcg64', seed: 1 } as const;
    const one = createSimHasher({ dimensions: 32 });
    const other = createSimHasher({ dimensions: 3, ...options });
    const expected = encodeShq64(Uint8Array.of(1, 2, 3), options);
    for (let round = 0; round < 3; round += 1) {
      expect(one.hash(bytes)).toBe(code);
      expect(other.hash(Uint8Array.of(1, 2, 3))).toBe(expected);
    }
  });

  it('writes over what it hashes', () => {
    const both = bytes.slice();
    createSimHasher({ dimensions: 32 }).hashInto(both, both);
    expect(ascii(both.subarray(0, 16))).toBe(code);
  });

  it('fills the bytes of any other view, too', () => {
    const target = new Uint16Array(8);
    createSimHasher({ dimensions: 32 }).hashInto(bytes, target as unknown as Uint8Array);
    expect(ascii(new Uint8Array(target.buffer))).toBe(code);
  });

  it('refuses other lengths, short targets and unknown options', () => {
    const hasher = createSimHasher({ dimensions: 32 });
    const short = new Uint8Array(15).fill(1);
    expectCode('Q64_ARGUMENT_INVALID', () => hasher.hash(bytes.subarray(1)));
    expectCode('Q64_ARGUMENT_INVALID', () => hasher.hashInto(bytes, short));
    expect(short.every((byte) => byte === 1)).toBe(true);
    for (const dimensions of [-1, 1.5, Number.NaN]) {
      expectCode('Q64_ARGUMENT_INVALID', () => createSimHasher({ dimensions }));
    }
    expectCode('Q64_INPUT_TOO_LARGE', () => createSimHasher({ dimensions: 2 ** 40 }));
    const misspelt = { dimensions: 32, sead: 1 } as Parameters<typeof createSimHasher>[0];
    expectCode('Q64_ARGUMENT_INVALID', () => createSimHasher(misspelt));
  });

  it('refuses a buffer that was transferred', () => {
    const hasher = createSimHasher({ dimensions: 32 });
    const gone = bytes.slice();
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    expectCode('Q64_BUFFER_DETACHED', () => hasher.hash(gone));
  });
});

describe('decodeShq64 and validateShq64', () => {
  it('give a bit for each plane', () => {
    expect(decodeShq64('IR')).toEqual(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 1));
    expect(decodeShq64(code, 64)).toEqual(decodeShq64(new TextEncoder().encode(code)));
    const packed = decodeQ64(code);
    const bits = decodeShq64(code);
    expect([...bits].join('')).toBe(
      Array.from(packed, (byte) => byte.toString(2).padStart(8, '0')).join(''),
    );
  });

  it.each([
    ['', undefined, 'Q64_LENGTH_INVALID', 0],
    ['AQ', 64, 'Q64_LENGTH_INVALID', 2],
    [`${code}AQ`, 64, 'Q64_LENGTH_INVALID', 16],
    ['AQgw'.repeat(65), undefined, 'Q64_LENGTH_INVALID', 256],
    ['AQg', undefined, 'Q64_LENGTH_ODD', 3],
    ['AQ!w', undefined, 'Q64_CHARACTER_INVALID', 2],
    ['AQAQ', undefined, 'Q64_CHARACTER_MISPLACED', 2],
  ] as const)('say what is wrong with %j of %j planes', (text, planes, problem, position) => {
    expect(validateShq64(text, planes)).toMatchObject({ code: problem, position });
    expect(expectCode(problem, () => decodeShq64(text, planes))).toMatchObject({ position });
  });

  it('refuse numbers of planes that there are not', () => {
    for (const planes of [0, 12, 2_048, Number.NaN]) {
      expectCode('Q64_ARGUMENT_INVALID', () => validateShq64(code, planes));
      expectCode('Q64_ARGUMENT_INVALID', () => decodeShq64(code, planes));
    }
  });
});

describe('the planes that are kept', () => {
  const parameters = (dimensions: number, seed = 42n): PlaneParameters => {
    return { dimensions, planes: 8, generator: 'chacha8', seed };
  };

  it('are the last used ones, within a number of bytes', () => {
    let draws = 0;
    // 32 planes in a group, 4 bytes a number: 128 dimensions take 16 KiB.
    const cache = new PlaneCache(3 * 16_384, (drawn) => {
      draws += 1;
      return drawPlanes(drawn);
    });
    for (const seed of [1n, 2n, 3n]) cache.planes(parameters(128, seed));
    cache.planes(parameters(128, 1n));
    expect(draws).toBe(3);
    cache.planes(parameters(128, 4n));
    expect([draws, cache.size]).toEqual([4, 3]);
    cache.planes(parameters(128, 1n));
    expect(draws).toBe(4);
    cache.planes(parameters(128, 2n));
    expect([draws, cache.size]).toEqual([5, 3]);
  });

  it('are told apart by everything that decides them', () => {
    const cache = new PlaneCache(2 ** 20);
    const first = parameters(16);
    const others: readonly PlaneParameters[] = [
      { ...first, dimensions: 17 },
      { ...first, planes: 16 },
      { ...first, generator: 'pcg64' },
      { ...first, seed: 43n },
    ];
    const kept = [first, ...others].map((drawn) => cache.planes(drawn));
    expect(new Set(kept).size).toBe(5);
    expect([first, ...others].map((drawn) => cache.planes(drawn))).toEqual(kept);
  });

  it('are few even where they have no numbers, and none where one is too large', () => {
    const cache = new PlaneCache(2 ** 16);
    for (let seed = 0n; seed < 100n; seed += 1n) cache.planes(parameters(0, seed));
    expect(cache.size).toBe(16);
    expect(cache.planes(parameters(1_000)).values).toHaveLength(32_000);
    expect(cache.size).toBe(0);
  });
});
