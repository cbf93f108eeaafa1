import { GROUP_PLANES, type Planes } from './planes.ts';
import type { SimHashEngine } from './sim-hash-engine.ts';

/** Planes whose bits make a byte. */
const BYTE_PLANES = 8;

/** The byte of the eight planes whose lanes begin at `at`. */
function hashByte({ values }: Planes, bytes: Uint8Array, start: number): number {
  const { fround } = Math;
  let s0 = fround(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  for (let index = 0, at = start; index < bytes.length; index += 1, at += GROUP_PLANES) {
    const x = fround((bytes[index] as number) - 128);
    s0 = fround(s0 + fround((values[at] as number) * x));
    s1 = fround(s1 + fround((values[at + 1] as number) * x));
    s2 = fround(s2 + fround((values[at + 2] as number) * x));
    s3 = fround(s3 + fround((values[at + 3] as number) * x));
    s4 = fround(s4 + fround((values[at + 4] as number) * x));
    s5 = fround(s5 + fround((values[at + 5] as number) * x));
    s6 = fround(s6 + fround((values[at + 6] as number) * x));
    s7 = fround(s7 + fround((values[at + 7] as number) * x));
  }
  return (
    bit(s0, 0) |
    bit(s1, 1) |
    bit(s2, 2) |
    bit(s3, 3) |
    bit(s4, 4) |
    bit(s5, 5) |
    bit(s6, 6) |
    bit(s7, 7)
  );
}

function bit(sum: number, place: number): number {
  return sum > 0 ? 1 << place : 0;
}

/** The engine without WebAssembly: slower, with the same results. */
export const twinSimHashEngine: SimHashEngine = {
  name: 'twin',
  hash: (planes, bytes, target) => {
    for (let plane = 0; plane < planes.planes; plane += BYTE_PLANES) {
      const lane = plane % GROUP_PLANES;
      const start = (plane - lane) * planes.dimensions + lane;
      target[plane / BYTE_PLANES] = hashByte(planes, bytes, start);
    }
  },
};
