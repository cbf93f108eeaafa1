import { FLAG_DEAD, HEADER, MAX_LEVEL } from '../layout.ts';
import { distanceOf, distanceOfCodes } from './distance.ts';
import type { Twin } from './header.ts';

// The lists of links of the graph. A list has its full length at all times: what is missing are links of
// the row to itself, which a walk has always seen already, so that no list needs a count.

/** The list of a row in a layer that the row is in. */
export function listAt(twin: Twin, slot: number, layer: number): number {
  if (layer === 0) return twin.linksAt(slot);
  return twin.u32(twin.uppersAt(slot)) + (layer - 1) * twin.upperBytes;
}

/** Links that a list has room for. */
export function roomOf(twin: Twin, layer: number): number {
  return layer === 0 ? twin.maxNeighbors * 2 : twin.maxNeighbors;
}

/** Links that a list has. */
export function lengthOf(twin: Twin, list: number, slot: number, room: number): number {
  let length = 0;
  while (length < room && twin.u32(list + length * 4) !== slot) length += 1;
  return length;
}

/** Ends a list of `length` links. */
export function endList(
  twin: Twin,
  list: number,
  slot: number,
  length: number,
  room: number,
): void {
  for (let index = length; index < room; index += 1) twin.setU32(list + index * 4, slot);
}

/**
 * Gives a row empty lists in the layers 0 … `wantedLevel`, or in fewer where there is no room for all.
 *
 * @returns its level
 */
export function giveLinks(twin: Twin, slot: number, wantedLevel: number): number {
  let piece = 0;
  let level = wantedLevel;
  for (; level > 0; level -= 1) {
    piece = takePiece(twin, level);
    if (piece !== 0) break;
  }
  twin.setU32(twin.uppersAt(slot), piece);
  twin.setU8(twin.levelAt(slot), level);
  for (let layer = 0; layer <= level; layer += 1) {
    endList(twin, listAt(twin, slot, layer), slot, 0, roomOf(twin, layer));
  }
  return level;
}

/** Takes back what `giveLinks` gave. */
export function takeLinks(twin: Twin, slot: number): void {
  const piece = twin.u32(twin.uppersAt(slot));
  if (piece !== 0) freePiece(twin, piece, twin.u8(twin.levelAt(slot)));
  twin.setU32(twin.uppersAt(slot), 0);
  twin.setU8(twin.levelAt(slot), 0);
  endList(twin, twin.linksAt(slot), slot, 0, roomOf(twin, 0));
}

/** Room for the lists of `level` layers; 0 where there is none. */
function takePiece(twin: Twin, level: number): number {
  const first = HEADER.FREE_PIECES + level - 1;
  const free = twin.word(first);
  if (free !== 0) {
    twin.setWord(first, twin.u32(free));
    return free;
  }
  const bytes = level * twin.upperBytes;
  if (bytes > twin.arenaBytes) return 0;
  let block = twin.word(HEADER.ARENA_BLOCK);
  let used = twin.word(HEADER.ARENA_USED);
  if (used + bytes > twin.arenaBytes) {
    // The arena of the next block, where there is one; what is left of this one is a piece.
    if (block + 1 >= (twin.word(HEADER.ROWS) + twin.blockRows - 1) >>> twin.blockShift) return 0;
    const rest = Math.min(Math.floor((twin.arenaBytes - used) / twin.upperBytes), MAX_LEVEL);
    if (rest > 0) freePiece(twin, twin.arenaAt(block) + used, rest);
    block += 1;
    used = 0;
    twin.setWord(HEADER.ARENA_BLOCK, block);
  }
  twin.setWord(HEADER.ARENA_USED, used + bytes);
  return twin.arenaAt(block) + used;
}

function freePiece(twin: Twin, piece: number, level: number): void {
  const first = HEADER.FREE_PIECES + level - 1;
  twin.setU32(piece, twin.word(first));
  twin.setWord(first, piece);
}

/** How much nearer than the row another link has to be to take a row's place; not for inner products. */
const CLEARLY: number = Math.fround(1.05);

/**
 * Chooses at most `most` of `count` rows, the nearest first, to link a row to: those that are nearer to
 * it than to any that is chosen already, so that links lead in all directions (Malkov and Yashunin,
 * algorithm 4). Of rows that are alike only one is chosen. `keys` are in order: distance to the row,
 * (other row xor `mask`) · 2 + mark.
 *
 * @returns how many rows it has written to `list`
 */
export function chooseLinks(
  twin: Twin,
  keys: number,
  count: number,
  most: number,
  list: number,
  withDead: boolean,
  mask: number,
): number {
  const factor = twin.isCosine || twin.isL2 ? CLEARLY : 1;
  let chosen = 0;
  for (let index = 0; index < count && chosen < most; index += 1) {
    const slot = (twin.u32(keys + index * 8) >>> 1) ^ mask;
    const distance = distanceOf(twin.u32(keys + index * 8 + 4));
    if (!withDead && (twin.u8(twin.flagsAt(slot)) & FLAG_DEAD) !== 0) continue;
    const codes = twin.codesAt(slot);
    let isNear = true;
    for (let other = 0; other < chosen; other += 1) {
      const others = twin.codesAt(twin.u32(list + other * 4));
      if (Math.fround(distanceOfCodes(twin, codes, others) * factor) <= distance) {
        isNear = false;
        break;
      }
    }
    if (!isNear) continue;
    twin.setU32(list + chosen * 4, slot);
    chosen += 1;
  }
  return chosen;
}

/**
 * Adds the nearest rows that `chooseLinks` has left out, up to `most` in all.
 *
 * @returns how many rows the list has then
 */
export function fillLinks(
  twin: Twin,
  keys: number,
  count: number,
  most: number,
  list: number,
  chosen: number,
  mask: number,
): number {
  let length = chosen;
  for (let index = 0; index < count && length < most; index += 1) {
    const slot = (twin.u32(keys + index * 8) >>> 1) ^ mask;
    if ((twin.u8(twin.flagsAt(slot)) & FLAG_DEAD) !== 0) continue;
    if (contains(twin, list, chosen, slot)) continue;
    twin.setU32(list + length * 4, slot);
    length += 1;
  }
  return length;
}

/** Whether a row is among the first `length` of a list. */
export function contains(twin: Twin, list: number, length: number, slot: number): boolean {
  for (let index = 0; index < length; index += 1) {
    if (twin.u32(list + index * 4) === slot) return true;
  }
  return false;
}
