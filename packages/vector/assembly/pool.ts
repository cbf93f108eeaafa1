// The candidates of a walk in order, the best `ef` of them. A key is distance, row · 2 + mark; the mark
// says that the row's links have been followed.

import { codeBytes, codesAt, visitedInLane } from './header';
import { FINE, P, R, S } from './encode';
import { distanceOfValues, dotQueryCodes, orderOf } from './distance';
import { queryCodesInLane, queryValuesInLane } from './header';

/** The order of the distance of a lane's query and a row, by codes or by values. */
@inline
export function orderOfRow(lane: usize, slot: u32, isInt8: bool): u32 {
  if (!isInt8) return orderOf(distanceOfValues(lane + queryValuesInLane, slot));
  const codes = codesAt(slot);
  const dot = <f32>dotQueryCodes(lane + queryCodesInLane, codes);
  const length = load<f32>(lane, R) * load<f32>(codes + codeBytes, 8);
  const scale = load<f32>(lane, FINE + S) * load<f32>(codes + codeBytes);
  return orderOf(load<f32>(lane, P) + length * length + scale * dot);
}

/** Marks a row as seen. @returns 1 where it was not, 0 where it was */
@inline
export function see(lane: usize, slot: u32): u32 {
  const place = lane + visitedInLane + (<usize>(slot >> 5) << 2);
  const word = load<u32>(place);
  store<u32>(place, word | (1 << (slot & 31)));
  return (~word >> (slot & 31)) & 1;
}
