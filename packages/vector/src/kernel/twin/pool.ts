import { distanceOfValues, dotQueryCodes, orderOf } from './distance.ts';
import { FINE, P, R, S } from './encode.ts';
import type { Twin } from './header.ts';

// The candidates of a walk in order, the best `ef` of them. A key is distance, row · 2 + mark; the mark
// says that the row's links have been followed.

const { fround } = Math;

/** The order of the distance of a lane's query and a row, by codes or by values. */
export function orderOfRow(twin: Twin, lane: number, slot: number, isInt8: boolean): number {
  if (!isInt8) return orderOf(distanceOfValues(twin, lane + twin.queryValuesInLane, slot));
  const codes = twin.codesAt(slot);
  const tail = codes + twin.codeBytes;
  const dot = fround(dotQueryCodes(twin, lane + twin.queryCodesInLane, codes));
  const length = fround(twin.f32(lane + R) * twin.f32(tail + 8));
  const base = fround(twin.f32(lane + P) + fround(length * length));
  const scale = fround(twin.f32(lane + FINE + S) * twin.f32(tail));
  return orderOf(fround(base + fround(scale * dot)));
}

/** Marks a row as seen. @returns 1 where it was not, 0 where it was */
export function see(twin: Twin, lane: number, slot: number): number {
  const place = lane + twin.visitedInLane + (slot >>> 5) * 4;
  const word = twin.u32(place);
  twin.setU32(place, word | (1 << (slot & 31)));
  return (~word >>> (slot & 31)) & 1;
}
