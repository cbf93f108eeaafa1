import type { Planes } from './planes.ts';

/** The inner loop of shq64. Engines agree in every bit: a sum is rounded to 32 bits after each step. */
export type SimHashEngine = {
  readonly name: 'kernel' | 'twin';
  /**
   * Writes a bit for each plane, from the highest bit of the first byte: 1 where the sum of the plane's
   * numbers times (byte - 128) is above 0. `bytes` has as many as the planes have dimensions, `target`
   * one for each eight planes.
   */
  readonly hash: (planes: Planes, bytes: Uint8Array, target: Uint8Array) => void;
};
