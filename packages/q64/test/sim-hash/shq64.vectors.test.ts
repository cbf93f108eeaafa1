import { fromHex } from '@lucerna/base';
import { expect } from 'vitest';
import { type NamedCase, vectorSuite } from '../../../../tools/src/vectors.ts';
import { decodeShq64, encodeQ64, encodeShq64, validateShq64 } from '../../src/index.ts';
import { chaChaKey, createChaCha8 } from '../../src/sim-hash/chacha8.ts';
import { createKernelSimHashEngine } from '../../src/sim-hash/kernel-sim-hash-engine.ts';
import {
  drawPlanes,
  GROUP_PLANES,
  laneOf,
  type SimHashGenerator,
} from '../../src/sim-hash/planes.ts';
import { twinSimHashEngine } from '../../src/sim-hash/twin-sim-hash-engine.ts';
import { rustNormals } from '../../src/sim-hash/ziggurat.ts';

type HashCase = {
  readonly in_hex: string;
  readonly planes: number;
  readonly rust_chacha8: string;
  readonly python_pcg64: string;
};

type Document = {
  readonly prng: {
    readonly seed_u64: number;
    readonly seed_bytes_hex: string;
    readonly first_u64: readonly string[];
    readonly first_normals_f64: readonly number[];
    readonly first_normals_f32: readonly number[];
  };
  readonly numpy_first_normals_seed42: readonly number[];
  readonly vectors: readonly HashCase[];
};

const engines = [createKernelSimHashEngine(), twinSimHashEngine];

function bytesOfHex(hex: string): Uint8Array {
  return fromHex(`0x${hex}`);
}

function checkHash({ in_hex, planes, rust_chacha8, python_pcg64 }: HashCase): void {
  const bytes = bytesOfHex(in_hex);
  const check = (generator: SimHashGenerator, expected: string): void => {
    expect(encodeShq64(bytes, { planes, generator })).toBe(expected);
    const drawn = drawPlanes({ dimensions: bytes.length, planes, generator, seed: 42n });
    for (const engine of engines) {
      const bits = new Uint8Array(planes / 8);
      engine.hash(drawn, bytes, bits);
      expect(encodeQ64(bits)).toBe(expected);
    }
    expect(validateShq64(expected, planes)).toBeUndefined();
    expect(decodeShq64(expected)).toHaveLength(planes);
  };
  check('chacha8', rust_chacha8);
  check('pcg64', python_pcg64);
  if (planes === 64) expect(encodeShq64(bytes)).toBe(rust_chacha8);
}

/** The numbers of the first planes that either generator draws. */
function checkDraws({ prng, numpy_first_normals_seed42: ofNumpy }: Document): void {
  const key = chaChaKey(BigInt(prng.seed_u64));
  expect(new Uint8Array(key.buffer)).toEqual(bytesOfHex(prng.seed_bytes_hex));
  const words = createChaCha8(key);
  for (const expected of prng.first_u64) {
    words.next();
    const word = (BigInt(words.high() >>> 0) << 32n) | BigInt(words.low() >>> 0);
    expect(word).toBe(BigInt(expected));
  }
  const draw = rustNormals(createChaCha8(key));
  for (const expected of prng.first_normals_f64) expect(draw()).toBeCloseTo(expected, 12);
  const first = (generator: SimHashGenerator): Float32Array =>
    drawPlanes({ dimensions: 16, planes: 8, generator, seed: 42n }).values.filter(
      (_, index) => index % GROUP_PLANES === laneOf(0),
    );
  expect([...first('chacha8')]).toEqual(prng.first_normals_f32);
  expect(first('pcg64')).toEqual(Float32Array.from(ofNumpy));
}

vectorSuite<Document, () => void>('q64/shq64.json', {
  cases: (document) => [
    ['what is drawn', () => checkDraws(document)],
    ...document.vectors.map((value, index): NamedCase<() => void> => {
      const name = `${index}: ${value.planes} planes, ${value.in_hex.slice(0, 32)}`;
      return [name, () => checkHash(value)];
    }),
  ],
  check: (run) => run(),
});

type VariantCase = {
  readonly in_hex: string;
  readonly simhash_safe_lsb_uncentred: string;
  readonly simhash_to_buffer: string;
};

vectorSuite<readonly VariantCase[], VariantCase>('q64/shq64_variants_defects.json', {
  cases: (document) =>
    document.map((value, index) => [`${index}: ${value.in_hex.slice(0, 32)}`, value]),
  check: ({ in_hex, simhash_safe_lsb_uncentred: uncentred, simhash_to_buffer: atLeastZero }) => {
    const bytes = bytesOfHex(in_hex);
    const ours = encodeShq64(bytes);
    // The one packs from the lowest bit and does not take 128 for 0; the other counts sums of 0 as positive.
    expect(ours).not.toBe(uncentred);
    if (bytes.every((byte) => byte === 128)) expect(ours).not.toBe(atLeastZero);
    else expect(ours).toBe(atLeastZero);
  },
});
