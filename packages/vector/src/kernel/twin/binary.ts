import { FLAG_LIVE, HEADER, POOL_KEYS } from '../layout.ts';
import type { Twin } from './header.ts';
import { finish, forget, offer } from './results.ts';

// Search by signs: how many differ, then the best by all bits.

/**
 * The `k` nearest by values among the `rerank` live rows in which the fewest signs differ; the first
 * ones where it is the same for many. `words`: of the lane's filter; −1: all rows.
 */
export function scanBinary(
  twin: Twin,
  laneIndex: number,
  k: number,
  rerank: number,
  words: number,
): number {
  const lane = twin.laneAt(laneIndex);
  const best = lane + twin.bestInLane;
  const pool = lane + twin.poolInLane;
  forget(twin);
  if (k === 0) return 0;
  twin.candidates = 0;
  twin.limit = 0xffff_ffff;
  const rows = twin.word(HEADER.ROWS);
  if (words < 0) {
    for (let slot = 0; slot < rows; slot += 1) compare(twin, lane, slot, rerank);
  } else {
    for (let word = 0; word < words; word += 1) {
      let bits = twin.u32(lane + twin.filterInLane + word * 4);
      while (bits !== 0) {
        const slot = ((word << 5) | (31 - Math.clz32(bits & -bits))) >>> 0;
        bits &= bits - 1;
        if (slot < rows) compare(twin, lane, slot, rerank);
      }
    }
  }
  keepBest(twin, lane, rerank);
  for (let index = 0; index < twin.candidates; index += 1) {
    offer(twin, lane, best, k, twin.u32(pool + index * 8));
  }
  return finish(twin, lane, best);
}

function compare(twin: Twin, lane: number, slot: number, rerank: number): void {
  if ((twin.u8(twin.flagsAt(slot)) & FLAG_LIVE) === 0) return;
  const differing = signsBetween(twin, lane + twin.queryBitsInLane, twin.bitsAt(slot));
  if (differing >= twin.limit) return;
  if (twin.candidates === POOL_KEYS) keepBest(twin, lane, rerank);
  twin.setKey(lane + twin.poolInLane + twin.candidates * 8, differing, slot);
  twin.candidates += 1;
}

/** In how many bits two rows differ. */
function signsBetween({ words, bitsStride }: Twin, a: number, b: number): number {
  let sum = 0;
  let v = a >>> 2;
  let w = b >>> 2;
  for (const end = v + (bitsStride >>> 2); v < end; v += 1, w += 1) {
    sum += onesOf((words[v] as number) ^ (words[w] as number));
  }
  return sum;
}

/** How many bits of a word are 1: by twos, fours and eights (Warren, Hacker's Delight, §5–1). */
function onesOf(word: number): number {
  const twos = word - ((word >>> 1) & 0x5555_5555);
  const fours = (twos & 0x3333_3333) + ((twos >>> 2) & 0x3333_3333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

/** Leaves the best `rerank` candidates in the pool, in the order of their rows: by counting. */
function keepBest(twin: Twin, lane: number, rerank: number): void {
  if (twin.candidates <= rerank) return;
  const pool = lane + twin.poolInLane;
  // A count for each number of differing signs, at most as many as a row has bits.
  const counts = lane + twin.bestInLane;
  const kinds = twin.bitsStride * 8 + 1;
  twin.clear(counts, kinds * 4);
  for (let index = 0; index < twin.candidates; index += 1) {
    const count = counts + twin.u32(pool + index * 8 + 4) * 4;
    twin.setU32(count, twin.u32(count) + 1);
  }
  let below = 0;
  let kind = 0;
  for (;;) {
    const count = twin.u32(counts + kind * 4);
    if (below + count > rerank) break;
    below += count;
    kind += 1;
  }
  // All with fewer than `kind` differing signs, and the first of those with as many.
  let spare = rerank - below;
  let kept = 0;
  for (let index = 0; index < twin.candidates; index += 1) {
    const slot = twin.u32(pool + index * 8);
    const differing = twin.u32(pool + index * 8 + 4);
    if (differing > kind) continue;
    if (differing === kind) {
      if (spare === 0) continue;
      spare -= 1;
    }
    twin.setKey(pool + kept * 8, differing, slot);
    kept += 1;
  }
  twin.candidates = kept;
  twin.limit = kind;
}
