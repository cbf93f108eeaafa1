import { q64Limits } from '../limits.ts';
import { chaChaKey, createChaCha8 } from './chacha8.ts';
import { createPcg64 } from './pcg64.ts';
import { type NormalSource, numpyNormals, rustNormals } from './ziggurat.ts';

/**
 * Where the planes come from. Hashes of different generators cannot be compared. `chacha8` gives those of
 * uubed's native library (Rust: ChaCha with 8 rounds, rand_distr), `pcg64` those of its fallback in
 * Python (numpy's default generator).
 */
export type SimHashGenerator = 'chacha8' | 'pcg64';

/** What decides the planes. Rows are drawn in order: fewer planes are the first ones of more. */
export type PlaneParameters = {
  /** Bytes of the embedding. */
  readonly dimensions: number;
  readonly planes: number;
  readonly generator: SimHashGenerator;
  readonly seed: bigint;
};

/** The numbers of the planes, as the engines read them. */
export type Planes = {
  readonly dimensions: number;
  readonly planes: number;
  /** Groups of `GROUP_PLANES`; of each the numbers of the first dimension, then those of the second, … */
  readonly values: Float32Array;
};

/** Planes that are summed at a time. A last group is filled up with planes of zeros. */
export const GROUP_PLANES = 32;

/** How many groups these planes need. */
export function groupsOf(planes: number): number {
  return Math.ceil(planes / GROUP_PLANES);
}

/** Bytes that planes take. */
function planeBytes(dimensions: number, planes: number): number {
  return groupsOf(planes) * GROUP_PLANES * dimensions * Float32Array.BYTES_PER_ELEMENT;
}

/** Whether that many planes may exist at a time. */
export function isPlanesTooLarge(dimensions: number, planes: number): boolean {
  return planeBytes(dimensions, planes) > q64Limits.values.simHashMatrixBytes;
}

/**
 * Draws the planes: independent normally distributed numbers, plane after plane, rounded to 32 bits.
 * Takes about 50 ns (`chacha8`) or 180 ns (`pcg64`) for each.
 */
export function drawPlanes({ dimensions, planes, generator, seed }: PlaneParameters): Planes {
  const draw = normalSource(generator, seed);
  const values = new Float32Array(groupsOf(planes) * GROUP_PLANES * dimensions);
  for (let plane = 0; plane < planes; plane += 1) {
    const group = Math.floor(plane / GROUP_PLANES);
    let at = group * GROUP_PLANES * dimensions + laneOf(plane);
    for (let dimension = 0; dimension < dimensions; dimension += 1) {
      values[at] = draw();
      at += GROUP_PLANES;
    }
  }
  return { dimensions, planes, values };
}

/** In each eight planes the last one has the lowest lane: the first one's bit is the highest of its byte. */
export function laneOf(plane: number): number {
  return (plane % GROUP_PLANES) ^ 7;
}

function normalSource(generator: SimHashGenerator, seed: bigint): NormalSource {
  return generator === 'chacha8'
    ? rustNormals(createChaCha8(chaChaKey(seed)))
    : numpyNormals(createPcg64(seed));
}
