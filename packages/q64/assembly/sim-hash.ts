// Signs of dot products with random planes (Charikar 2002), in AssemblyScript. Its twin in TypeScript is
// `src/sim-hash/twin-sim-hash-engine.ts`. `npm run kernels` compiles this file into
// `packages/q64/src/sim-hash/sim-hash-kernel.ts`.
//
// The memory, which the host makes and lets grow:
//
//          0  the embedding: up to 65,536 bytes
//     65,536  the hash: up to 128 bytes
//     65,664  planes in groups of 32, one group behind the other; of a group the 32 numbers of the first
//             dimension, then those of the second, and so on
//
// A lane belongs to one plane, so each sum is that of a plain loop over the dimensions, rounded to 32 bits
// after every step: the same on every machine. Eight independent sums of four lanes hide the latency of
// an addition; sixteen do not fit the registers.
//
// In each eight planes the last one has the lowest lane. The lane that a mask of comparisons begins with
// is its lowest bit, and the first plane's bit is the highest of its byte.

/** Where the host writes the embedding. */
export const INPUT: i32 = 0;
/** Where the host finds the hash. */
export const HASH: i32 = 65536;
/** Where the host writes the planes. */
export const PLANES: i32 = 65664;

/** Hashes the `length` bytes at `INPUT` with `groups` groups of planes: 4 bytes at `HASH` for each. */
export function hash(length: i32, groups: i32): void {
  let row = <usize>PLANES;
  for (let to = <usize>HASH, end = to + (<usize>groups << 2); to < end; to += 4) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    for (let at = <usize>INPUT, last = at + <usize>length; at < last; at += 1, row += 128) {
      // The scale does not change a sign, and a power of two no rounding: there is no division by 128.
      const x = f32x4.splat(<f32>(<i32>load<u8>(at) - 128));
      s0 = f32x4.add(s0, f32x4.mul(v128.load(row, 0), x));
      s1 = f32x4.add(s1, f32x4.mul(v128.load(row, 16), x));
      s2 = f32x4.add(s2, f32x4.mul(v128.load(row, 32), x));
      s3 = f32x4.add(s3, f32x4.mul(v128.load(row, 48), x));
      s4 = f32x4.add(s4, f32x4.mul(v128.load(row, 64), x));
      s5 = f32x4.add(s5, f32x4.mul(v128.load(row, 80), x));
      s6 = f32x4.add(s6, f32x4.mul(v128.load(row, 96), x));
      s7 = f32x4.add(s7, f32x4.mul(v128.load(row, 112), x));
    }
    store<u8>(to, positive(s0) | (positive(s1) << 4), 0);
    store<u8>(to, positive(s2) | (positive(s3) << 4), 1);
    store<u8>(to, positive(s4) | (positive(s5) << 4), 2);
    store<u8>(to, positive(s6) | (positive(s7) << 4), 3);
  }
}

/** A bit for each lane that is above zero. */
// @ts-ignore: decorator
@inline
function positive(sums: v128): i32 {
  return i32x4.bitmask(f32x4.gt(sums, f32x4.splat(0)));
}
