import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { decodeShq64, encodeShq64, type SimHashGenerator } from '../../src/index.ts';
import { createKernelSimHashEngine } from '../../src/sim-hash/kernel-sim-hash-engine.ts';
import { drawPlanes } from '../../src/sim-hash/planes.ts';
import { twinSimHashEngine } from '../../src/sim-hash/twin-sim-hash-engine.ts';

const kernel = createKernelSimHashEngine();
const generator = fc.constantFrom<SimHashGenerator>('chacha8', 'pcg64');
const seed = fc.bigInt(0n, 2n ** 64n - 1n);
const planes = fc.integer({ min: 1, max: 20 }).map((bytes) => 8 * bytes);
const embedding = fc.uint8Array({ minLength: 1, maxLength: 300 });

it('hashes as its twin does', () => {
  const agree = (bytes: Uint8Array, count: number, from: SimHashGenerator, start: bigint): void => {
    const parameters = { dimensions: bytes.length, planes: count, generator: from, seed: start };
    const drawn = drawPlanes(parameters);
    const [ours, its] = [new Uint8Array(count / 8), new Uint8Array(count / 8)];
    kernel.hash(drawn, bytes, ours);
    twinSimHashEngine.hash(drawn, bytes, its);
    expect(ours).toEqual(its);
  };
  fc.assert(fc.property(embedding, planes, generator, seed, agree), runs(150));
});

it('begins with the hash of fewer planes', () => {
  const begin = (bytes: Uint8Array, fewer: number, from: SimHashGenerator): void => {
    const long = encodeShq64(bytes, { planes: fewer + 64, generator: from });
    expect(long.slice(0, fewer / 4)).toBe(encodeShq64(bytes, { planes: fewer, generator: from }));
  };
  fc.assert(fc.property(embedding, planes, generator, begin), runs(100));
});

it('inverts where the embedding is negated, and does not see a scale of two', () => {
  // Numbers from -63 to 63, not all 0: twice as much and the opposite fit a byte, too.
  const numbers = fc
    .array(fc.integer({ min: -63, max: 63 }), { minLength: 1, maxLength: 200 })
    .filter((values) => values.some((value) => value !== 0));
  const scale = (values: readonly number[], factor: number): Uint8Array =>
    Uint8Array.from(values, (value) => 128 + factor * value);
  const invert = (values: readonly number[], from: SimHashGenerator): void => {
    const options = { planes: 128, generator: from };
    const code = encodeShq64(scale(values, 1), options);
    expect(encodeShq64(scale(values, 2), options)).toBe(code);
    // No sum is 0: a few random numbers with 24 bits do not cancel each other.
    const opposite = decodeShq64(encodeShq64(scale(values, -1), options));
    expect(opposite.map((bit) => 1 - bit)).toEqual(decodeShq64(code));
  };
  fc.assert(fc.property(numbers, generator, invert), runs(100));
});
