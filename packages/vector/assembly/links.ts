// The lists of links of the graph. A list has its full length at all times: what is missing are links of
// the row to itself, which a walk has always seen already, so that no list needs a count.

import {
  ARENA_BLOCK,
  ARENA_USED,
  arenaAt,
  arenaBytes,
  blockRows,
  blockShift,
  codesAt,
  COSINE,
  FLAG_DEAD,
  flagsAt,
  FREE_PIECES,
  L2,
  levelAt,
  linksAt,
  MAX_LEVEL,
  maxNeighbors,
  metric,
  ROWS,
  upperBytes,
  uppersAt,
} from './header';
import { distanceOf, distanceOfCodes } from './distance';

/** The list of a row in a layer that the row is in. */
@inline
export function listAt(slot: u32, layer: i32): usize {
  if (layer == 0) return linksAt(slot);
  return <usize>load<u32>(uppersAt(slot)) + <usize>(layer - 1) * upperBytes;
}

/** Links that a list has room for. */
@inline
export function roomOf(layer: i32): u32 {
  return layer == 0 ? maxNeighbors << 1 : maxNeighbors;
}

/** Links that a list has. */
@inline
export function lengthOf(list: usize, slot: u32, room: u32): u32 {
  let length: u32 = 0;
  while (length < room && load<u32>(list + (<usize>length << 2)) != slot) length += 1;
  return length;
}

/** Ends a list of `length` links. */
@inline
export function endList(list: usize, slot: u32, length: u32, room: u32): void {
  for (; length < room; length += 1) store<u32>(list + (<usize>length << 2), slot);
}

/**
 * Gives a row empty lists in the layers 0 … `level`, or in fewer where there is no room for all.
 * @returns its level
 */
export function giveLinks(slot: u32, level: i32): i32 {
  let piece: usize = 0;
  for (; level > 0; level -= 1) {
    piece = takePiece(level);
    if (piece != 0) break;
  }
  store<u32>(uppersAt(slot), <u32>piece);
  store<u8>(levelAt(slot), level);
  for (let layer = 0; layer <= level; layer += 1) {
    endList(listAt(slot, layer), slot, 0, roomOf(layer));
  }
  return level;
}

/** Takes back what `giveLinks` gave. */
export function takeLinks(slot: u32): void {
  const piece = load<u32>(uppersAt(slot));
  if (piece != 0) freePiece(piece, load<u8>(levelAt(slot)));
  store<u32>(uppersAt(slot), 0);
  store<u8>(levelAt(slot), 0);
  endList(linksAt(slot), slot, 0, roomOf(0));
}

/** Room for the lists of `level` layers; 0 where there is none. */
function takePiece(level: i32): usize {
  const first = FREE_PIECES + (<usize>(level - 1) << 2);
  const free = load<u32>(first);
  if (free != 0) {
    store<u32>(first, load<u32>(free));
    return free;
  }
  const bytes = <usize>level * upperBytes;
  if (bytes > arenaBytes) return 0;
  let block = load<u32>(ARENA_BLOCK);
  let used = <usize>load<u32>(ARENA_USED);
  if (used + bytes > arenaBytes) {
    // The arena of the next block, where there is one; what is left of this one is a piece.
    if (block + 1 >= (load<u32>(ROWS) + blockRows - 1) >> blockShift) return 0;
    const rest = min(<i32>((arenaBytes - used) / upperBytes), MAX_LEVEL);
    if (rest > 0) freePiece(<u32>(arenaAt(block) + used), rest);
    block += 1;
    used = 0;
    store<u32>(ARENA_BLOCK, block);
  }
  store<u32>(ARENA_USED, <u32>(used + bytes));
  return arenaAt(block) + used;
}

@inline
function freePiece(piece: u32, level: i32): void {
  const first = FREE_PIECES + (<usize>(level - 1) << 2);
  store<u32>(piece, load<u32>(first));
  store<u32>(first, piece);
}

/**
 * How much nearer than the row another link has to be to take a row's place: 5 % more links than with 1
 * save 6 % of the steps of a walk. What inner products give are no distances, so that they have no part.
 */
const CLEARLY: f32 = 1.05;

/**
 * Chooses at most `most` of `count` rows, the nearest first, to link a row to: those that are nearer to
 * it than to any that is chosen already, so that links lead in all directions (Malkov and Yashunin,
 * algorithm 4). Of rows that are alike only one is chosen. `keys` are in order: distance to the row,
 * (other row xor `mask`) · 2 + mark.
 *
 * @returns how many rows it has written to `list`
 */
export function chooseLinks(
  keys: usize,
  count: u32,
  most: u32,
  list: usize,
  withDead: bool,
  mask: u32,
): u32 {
  const factor: f32 = metric == COSINE || metric == L2 ? CLEARLY : 1;
  let chosen: u32 = 0;
  for (let index: u32 = 0; index < count && chosen < most; index += 1) {
    const key = load<u64>(keys + (<usize>index << 3));
    const slot = (<u32>key >> 1) ^ mask;
    const distance = distanceOf(<u32>(key >> 32));
    if (!withDead && (load<u8>(flagsAt(slot)) & FLAG_DEAD) != 0) continue;
    const codes = codesAt(slot);
    let isNear = true;
    for (let other: u32 = 0; other < chosen; other += 1) {
      const others = codesAt(load<u32>(list + (<usize>other << 2)));
      if (distanceOfCodes(codes, others) * factor <= distance) {
        isNear = false;
        break;
      }
    }
    if (!isNear) continue;
    store<u32>(list + (<usize>chosen << 2), slot);
    chosen += 1;
  }
  return chosen;
}

/**
 * Adds the nearest rows that `chooseLinks` has left out, up to `most` in all.
 * @returns how many rows the list has then
 */
export function fillLinks(
  keys: usize,
  count: u32,
  most: u32,
  list: usize,
  chosen: u32,
  mask: u32,
): u32 {
  let length = chosen;
  for (let index: u32 = 0; index < count && length < most; index += 1) {
    const slot = (<u32>load<u64>(keys + (<usize>index << 3)) >> 1) ^ mask;
    if ((load<u8>(flagsAt(slot)) & FLAG_DEAD) != 0) continue;
    if (contains(list, chosen, slot)) continue;
    store<u32>(list + (<usize>length << 2), slot);
    length += 1;
  }
  return length;
}

/** Whether a row is among the first `length` of a list. */
@inline
export function contains(list: usize, length: u32, slot: u32): bool {
  for (let index: u32 = 0; index < length; index += 1) {
    if (load<u32>(list + (<usize>index << 2)) == slot) return true;
  }
  return false;
}
