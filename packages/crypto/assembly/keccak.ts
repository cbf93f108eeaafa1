// Keccak-256 with the original padding (The Keccak reference 3.0, sections 1.1 and 1.2), in
// AssemblyScript. Its twin in TypeScript is @noble/hashes; the tests compare them. `npm run kernels`
// compiles this file into `packages/crypto/src/keccak-kernel.ts`.
//
// One page of memory, which never grows:
//
//     0  state: 25 lanes of 8 bytes
//   200  the state after an odd number of rounds
//   400  round constants (compiled with --memoryBase 400)
//   800  input
//
// A round reads one state and writes the other, so that no lane has to be copied. The 25 lanes do not
// fit the registers of a processor: an operand in memory costs nothing, while a spilled local is stored
// and loaded again. Two rounds to an iteration measured best; 24 in a row take 1.6 times as long. To
// keep the parities for the next round while lanes are written takes 8 % more: five values too many.
// What is written out lane by lane would cost one more comparison and jump for each as a loop.

const STATE: usize = 0;
const SPARE: usize = 200;

/** Bytes that a permutation absorbs: 1600 bits less twice the 256 of the digest. */
const RATE: i32 = 136;

/** Where the host writes the message. */
export const INPUT: i32 = 800;
/** Bytes between `INPUT` and the end of the page: whole blocks. */
export const CAPACITY: i32 = 476 * RATE;
/** Where the host finds the 32 bytes of the digest: the first four lanes. */
export const DIGEST: i32 = 0;

const ROUND_CONSTANTS = memory.data<u64>([
  0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
  0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
  0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
  0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
  0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
  0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
]);
const ROUND_CONSTANTS_BYTES: usize = 24 * 8;

/** The hash of the `length` bytes at `INPUT`; `length` is below `CAPACITY`. */
export function hash(length: i32): void {
  start();
  finish(length);
}

/**
 * Begins a message of several parts: then `absorb` for whole blocks, at the end `finish`.
 *
 * Lanes 1, 2, 8, 12, 17 and 20 are kept inverted, which leaves 5 of the 25 negations of a round
 * (Keccak implementation overview 3.2, section 2.2, "lane complementing").
 */
export function start(): void {
  store<u64>(STATE, 0, 0);
  store<u64>(STATE, ~0, 8);
  store<u64>(STATE, ~0, 16);
  store<u64>(STATE, 0, 24);
  store<u64>(STATE, 0, 32);
  store<u64>(STATE, 0, 40);
  store<u64>(STATE, 0, 48);
  store<u64>(STATE, 0, 56);
  store<u64>(STATE, ~0, 64);
  store<u64>(STATE, 0, 72);
  store<u64>(STATE, 0, 80);
  store<u64>(STATE, 0, 88);
  store<u64>(STATE, ~0, 96);
  store<u64>(STATE, 0, 104);
  store<u64>(STATE, 0, 112);
  store<u64>(STATE, 0, 120);
  store<u64>(STATE, 0, 128);
  store<u64>(STATE, ~0, 136);
  store<u64>(STATE, 0, 144);
  store<u64>(STATE, 0, 152);
  store<u64>(STATE, ~0, 160);
  store<u64>(STATE, 0, 168);
  store<u64>(STATE, 0, 176);
  store<u64>(STATE, 0, 184);
  store<u64>(STATE, 0, 192);
}

/** Absorbs the `length` bytes at `INPUT`, a multiple of `RATE`. */
export function absorb(length: i32): void {
  const end = <usize>(INPUT + length);
  for (let block = <usize>INPUT; block < end; block += RATE) {
    store<u64>(STATE, load<u64>(STATE, 0) ^ load<u64>(block, 0), 0);
    store<u64>(STATE, load<u64>(STATE, 8) ^ load<u64>(block, 8), 8);
    store<u64>(STATE, load<u64>(STATE, 16) ^ load<u64>(block, 16), 16);
    store<u64>(STATE, load<u64>(STATE, 24) ^ load<u64>(block, 24), 24);
    store<u64>(STATE, load<u64>(STATE, 32) ^ load<u64>(block, 32), 32);
    store<u64>(STATE, load<u64>(STATE, 40) ^ load<u64>(block, 40), 40);
    store<u64>(STATE, load<u64>(STATE, 48) ^ load<u64>(block, 48), 48);
    store<u64>(STATE, load<u64>(STATE, 56) ^ load<u64>(block, 56), 56);
    store<u64>(STATE, load<u64>(STATE, 64) ^ load<u64>(block, 64), 64);
    store<u64>(STATE, load<u64>(STATE, 72) ^ load<u64>(block, 72), 72);
    store<u64>(STATE, load<u64>(STATE, 80) ^ load<u64>(block, 80), 80);
    store<u64>(STATE, load<u64>(STATE, 88) ^ load<u64>(block, 88), 88);
    store<u64>(STATE, load<u64>(STATE, 96) ^ load<u64>(block, 96), 96);
    store<u64>(STATE, load<u64>(STATE, 104) ^ load<u64>(block, 104), 104);
    store<u64>(STATE, load<u64>(STATE, 112) ^ load<u64>(block, 112), 112);
    store<u64>(STATE, load<u64>(STATE, 120) ^ load<u64>(block, 120), 120);
    store<u64>(STATE, load<u64>(STATE, 128) ^ load<u64>(block, 128), 128);
    permute();
  }
}

/**
 * Absorbs the last `length` bytes, below `CAPACITY`, and leaves the digest at `DIGEST`. What fills the
 * last block: a bit 1, zeros and a bit 1, counted from the lowest bit of each byte. They go straight
 * into the state; written behind the message, they would be lanes to store, load and absorb.
 */
export function finish(length: i32): void {
  const rest = length % RATE;
  absorb(length - rest);
  const block = <usize>(INPUT + length - rest);
  let lane: usize = 0;
  for (; lane + 8 <= <usize>rest; lane += 8) {
    store<u64>(STATE + lane, load<u64>(STATE + lane) ^ load<u64>(block + lane));
  }
  // What stands behind the message in its last lane is of an earlier one.
  const end = <u64>1 << ((rest & 7) << 3);
  store<u64>(STATE + lane, load<u64>(STATE + lane) ^ (load<u64>(block + lane) & (end - 1)) ^ end);
  store<u64>(STATE, load<u64>(STATE, RATE - 8) ^ (<u64>1 << 63), RATE - 8);
  permute();
  store<u64>(STATE, ~load<u64>(STATE, 8), 8);
  store<u64>(STATE, ~load<u64>(STATE, 16), 16);
}

function permute(): void {
  for (let at: usize = 0; at < ROUND_CONSTANTS_BYTES; at += 16) {
    round(STATE, SPARE, load<u64>(ROUND_CONSTANTS + at));
    round(SPARE, STATE, load<u64>(ROUND_CONSTANTS + at, 8));
  }
}

/**
 * Theta, then rho and pi, chi and iota plane by plane, from one state into the other. `n` is the lane
 * that two operations of a plane need negated; which are `|` follows from the inverted lanes.
 */
// @ts-ignore: decorator
@inline
function round(from: usize, to: usize, constant: u64): void {
  const c0 = parity(from);
  const c1 = parity(from + 8);
  const c2 = parity(from + 16);
  const c3 = parity(from + 24);
  const c4 = parity(from + 32);
  const d0 = c4 ^ rotl<u64>(c1, 1);
  const d1 = c0 ^ rotl<u64>(c2, 1);
  const d2 = c1 ^ rotl<u64>(c3, 1);
  const d3 = c2 ^ rotl<u64>(c4, 1);
  const d4 = c3 ^ rotl<u64>(c0, 1);

  let b0 = load<u64>(from, 0) ^ d0;
  let b1 = rotl<u64>(load<u64>(from, 48) ^ d1, 44);
  let b2 = rotl<u64>(load<u64>(from, 96) ^ d2, 43);
  let b3 = rotl<u64>(load<u64>(from, 144) ^ d3, 21);
  let b4 = rotl<u64>(load<u64>(from, 192) ^ d4, 14);
  store<u64>(to, b0 ^ (b1 | b2) ^ constant, 0);
  store<u64>(to, b1 ^ (~b2 | b3), 8);
  store<u64>(to, b2 ^ (b3 & b4), 16);
  store<u64>(to, b3 ^ (b4 | b0), 24);
  store<u64>(to, b4 ^ (b0 & b1), 32);

  b0 = rotl<u64>(load<u64>(from, 24) ^ d3, 28);
  b1 = rotl<u64>(load<u64>(from, 72) ^ d4, 20);
  b2 = rotl<u64>(load<u64>(from, 80) ^ d0, 3);
  b3 = rotl<u64>(load<u64>(from, 128) ^ d1, 45);
  b4 = rotl<u64>(load<u64>(from, 176) ^ d2, 61);
  store<u64>(to, b0 ^ (b1 | b2), 40);
  store<u64>(to, b1 ^ (b2 & b3), 48);
  store<u64>(to, b2 ^ (b3 | ~b4), 56);
  store<u64>(to, b3 ^ (b4 | b0), 64);
  store<u64>(to, b4 ^ (b0 & b1), 72);

  b0 = rotl<u64>(load<u64>(from, 8) ^ d1, 1);
  b1 = rotl<u64>(load<u64>(from, 56) ^ d2, 6);
  b2 = rotl<u64>(load<u64>(from, 104) ^ d3, 25);
  b3 = rotl<u64>(load<u64>(from, 152) ^ d4, 8);
  b4 = rotl<u64>(load<u64>(from, 160) ^ d0, 18);
  let n = ~b3;
  store<u64>(to, b0 ^ (b1 | b2), 80);
  store<u64>(to, b1 ^ (b2 & b3), 88);
  store<u64>(to, b2 ^ (n & b4), 96);
  store<u64>(to, n ^ (b4 | b0), 104);
  store<u64>(to, b4 ^ (b0 & b1), 112);

  b0 = rotl<u64>(load<u64>(from, 32) ^ d4, 27);
  b1 = rotl<u64>(load<u64>(from, 40) ^ d0, 36);
  b2 = rotl<u64>(load<u64>(from, 88) ^ d1, 10);
  b3 = rotl<u64>(load<u64>(from, 136) ^ d2, 15);
  b4 = rotl<u64>(load<u64>(from, 184) ^ d3, 56);
  n = ~b3;
  store<u64>(to, b0 ^ (b1 & b2), 120);
  store<u64>(to, b1 ^ (b2 | b3), 128);
  store<u64>(to, b2 ^ (n | b4), 136);
  store<u64>(to, n ^ (b4 & b0), 144);
  store<u64>(to, b4 ^ (b0 | b1), 152);

  b0 = rotl<u64>(load<u64>(from, 16) ^ d2, 62);
  b1 = rotl<u64>(load<u64>(from, 64) ^ d3, 55);
  b2 = rotl<u64>(load<u64>(from, 112) ^ d4, 39);
  b3 = rotl<u64>(load<u64>(from, 120) ^ d0, 41);
  b4 = rotl<u64>(load<u64>(from, 168) ^ d1, 2);
  n = ~b1;
  store<u64>(to, b0 ^ (n & b2), 160);
  store<u64>(to, n ^ (b2 | b3), 168);
  store<u64>(to, b2 ^ (b3 & b4), 176);
  store<u64>(to, b3 ^ (b4 | b0), 184);
  store<u64>(to, b4 ^ (b0 & b1), 192);
}

/** The five lanes of a column. */
// @ts-ignore: decorator
@inline
function parity(column: usize): u64 {
  return load<u64>(column) ^ load<u64>(column, 40) ^ load<u64>(column, 80)
    ^ load<u64>(column, 120) ^ load<u64>(column, 160);
}
