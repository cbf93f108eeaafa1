import { FLAG_DEAD, FLAG_INDEXED, FLAG_LIVE, HEADER, LIST_ROWS } from '../layout.ts';
import { compareNear, distanceOfCodes, orderOf } from './distance.ts';
import { prepareQuery } from './encode.ts';
import type { Twin } from './header.ts';
import { pushLargest, sortLargest } from './heap.ts';
import {
  chooseLinks,
  contains,
  endList,
  fillLinks,
  giveLinks,
  lengthOf,
  listAt,
  roomOf,
} from './links.ts';
import { see } from './pool.ts';
import { descend, forgetSeen, search } from './walk.ts';

// Building the graph, and mending it where rows were deleted (Malkov and Yashunin, algorithm 1).

/** Puts a row into the graph, into the layers 0 … `wantedLevel`. */
export function insert(twin: Twin, slot: number, wantedLevel: number): void {
  const level = giveLinks(twin, slot, wantedLevel);
  if (twin.word(HEADER.ENTRY) === 0) {
    twin.setWord(HEADER.ENTRY, slot + 1);
    twin.setWord(HEADER.TOP_LEVEL, level);
    return;
  }
  const lane = twin.laneAt(twin.builderLane);
  twin.copy(lane + twin.queryValuesInLane, twin.valuesAt(slot), twin.valueStride);
  prepareQuery(twin, twin.builderLane);
  const top = twin.word(HEADER.TOP_LEVEL);
  descend(twin, lane, top, Math.min(level, top), true);
  for (let layer = Math.min(level, top); layer >= 0; layer -= 1) {
    searchToLink(twin, lane, layer, slot);
    twin.keyHigh = twin.u32(lane + twin.poolInLane + 4);
    twin.keyLow = ((twin.u32(lane + twin.poolInLane) & ~1) ^ (maskOf(slot) << 1)) >>> 0;
    link(twin, slot, layer);
  }
  if (level > top) {
    twin.setWord(HEADER.ENTRY, slot + 1);
    twin.setWord(HEADER.TOP_LEVEL, level);
  }
}

function searchToLink(twin: Twin, lane: number, layer: number, slot: number): void {
  search(twin, lane, twin.efConstruction, layer, true, maskOf(slot));
}

/**
 * What the numbers of rows are mixed with in the keys of a row that is linked: of rows that are as near
 * as one another each row is linked to others, not all to the first ones.
 */
function maskOf(slot: number): number {
  let mask = Math.imul(slot, 0x9e37_79b1);
  mask = Math.imul(mask ^ (mask >>> 15), 0x85eb_ca77);
  return (mask ^ (mask >>> 13)) & 0x7fff_ffff;
}

/** Links a row whose list is empty to the best of the builder's pool, and these to it. */
function link(twin: Twin, slot: number, layer: number): void {
  const list = listAt(twin, slot, layer);
  const room = roomOf(twin, layer);
  const pool = twin.laneAt(twin.builderLane) + twin.poolInLane;
  const { pooled, maxNeighbors } = twin;
  const mask = maskOf(slot);
  compareNear(twin, twin.codesAt(slot));
  const chosen = chooseLinks(twin, pool, pooled, maxNeighbors, list, false, mask);
  const length = fillLinks(twin, pool, pooled, maxNeighbors, list, chosen, mask);
  endList(twin, list, slot, length, room);
  for (let index = 0; index < length; index += 1) {
    addLinkOnce(twin, twin.u32(list + index * 4), slot, layer);
  }
}

/** Adds a link to a list that does not have it; where it is full, its links are chosen anew. */
function addLinkOnce(twin: Twin, from: number, to: number, layer: number): void {
  const list = listAt(twin, from, layer);
  const room = roomOf(twin, layer);
  const length = lengthOf(twin, list, from, room);
  if (contains(twin, list, length, to)) return;
  if (length < room) {
    twin.setU32(list + length * 4, to);
    return;
  }
  const { words } = twin;
  const keys = twin.laneAt(twin.builderLane) + twin.bestInLane;
  const first = keys >>> 2;
  const codes = twin.codesAt(from);
  const mask = maskOf(from);
  compareNear(twin, codes);
  for (let index = 0; index <= room; index += 1) {
    const slot = index < room ? twin.u32(list + index * 4) : to;
    const high = orderOf(distanceOfCodes(twin, codes, twin.codesAt(slot)));
    const low = (slot ^ mask) * 2;
    let place = first + index * 2;
    while (place > first) {
      const beforeLow = words[place - 2] as number;
      const beforeHigh = words[place - 1] as number;
      if (beforeHigh < high || (beforeHigh === high && beforeLow <= low)) break;
      words[place] = beforeLow;
      words[place + 1] = beforeHigh;
      place -= 2;
    }
    words[place] = low;
    words[place + 1] = high;
  }
  const chosen = chooseLinks(twin, keys, room + 1, room, list, true, mask);
  const filled = fillLinks(twin, keys, room + 1, twin.maxNeighbors, list, chosen, mask);
  endList(twin, list, from, filled, room);
}

function hasFlag(twin: Twin, slot: number, flag: number): boolean {
  return (twin.u8(twin.flagsAt(slot)) & flag) !== 0;
}

/** Replaces links of the rows `from` … `to` − 1 to dead rows; see the host. */
export function repair(twin: Twin, from: number, to: number): void {
  const entry = twin.word(HEADER.ENTRY);
  if (twin.word(HEADER.DEAD) === 0 || entry === 0) return;
  if (hasFlag(twin, entry - 1, FLAG_DEAD)) electEntry(twin);
  for (let slot = from; slot < to; slot += 1) {
    if (!hasFlag(twin, slot, FLAG_INDEXED)) continue;
    const isLive = hasFlag(twin, slot, FLAG_LIVE);
    const level = twin.u8(twin.levelAt(slot));
    for (let layer = 0; layer <= level; layer += 1) {
      if (isLive) repairList(twin, slot, layer);
      else dropDead(twin, slot, layer);
    }
  }
}

/** Takes the links to dead rows out of the list of one that is dead, too. */
function dropDead(twin: Twin, slot: number, layer: number): void {
  const list = listAt(twin, slot, layer);
  const room = roomOf(twin, layer);
  const length = lengthOf(twin, list, slot, room);
  let kept = 0;
  for (let index = 0; index < length; index += 1) {
    const other = twin.u32(list + index * 4);
    if (hasFlag(twin, other, FLAG_DEAD)) continue;
    twin.setU32(list + kept * 4, other);
    kept += 1;
  }
  endList(twin, list, slot, kept, room);
}

function repairList(twin: Twin, slot: number, layer: number): void {
  const list = listAt(twin, slot, layer);
  const room = roomOf(twin, layer);
  const length = lengthOf(twin, list, slot, room);
  let isDamaged = false;
  for (let index = 0; index < length && !isDamaged; index += 1) {
    isDamaged = hasFlag(twin, twin.u32(list + index * 4), FLAG_DEAD);
  }
  if (!isDamaged) return;
  const lane = twin.laneAt(twin.builderLane);
  const former = lane + twin.listInLane;
  twin.copy(former, list, length * 4);
  const keys = lane + twin.poolInLane;
  compareNear(twin, twin.codesAt(slot));
  const count = replacements(twin, lane, slot, layer, length, keys);
  sortLargest(twin, keys, count);
  const mask = maskOf(slot);
  let chosen = chooseLinks(twin, keys, count, room, list, false, mask);
  chosen = fillLinks(twin, keys, count, twin.maxNeighbors, list, chosen, mask);
  endList(twin, list, slot, chosen, room);
  if (chosen === 0) {
    relink(twin, lane, slot, layer);
    return;
  }
  for (let index = 0; index < chosen; index += 1) {
    const other = twin.u32(list + index * 4);
    if (!contains(twin, former, length, other)) addLinkOnce(twin, other, slot, layer);
  }
}

/** The living links of a row, and of its dead links, as a heap. @returns how many */
function replacements(
  twin: Twin,
  lane: number,
  slot: number,
  layer: number,
  length: number,
  keys: number,
): number {
  const room = roomOf(twin, layer);
  const former = lane + twin.listInLane;
  forgetSeen(twin, lane);
  see(twin, lane, slot);
  let count = 0;
  for (let index = 0; index < length; index += 1) {
    const other = twin.u32(former + index * 4);
    if (!hasFlag(twin, other, FLAG_DEAD)) {
      count = consider(twin, lane, slot, other, keys, count);
      continue;
    }
    const list = listAt(twin, other, layer);
    for (let inner = 0; inner < room; inner += 1) {
      const behind = twin.u32(list + inner * 4);
      if (behind === other) break;
      if (hasFlag(twin, behind, FLAG_DEAD)) continue;
      count = consider(twin, lane, slot, behind, keys, count);
    }
  }
  return count;
}

/** Adds a row that was not seen yet to the heap of rows to link to. @returns the keys in it */
function consider(
  twin: Twin,
  lane: number,
  slot: number,
  other: number,
  keys: number,
  count: number,
): number {
  if (count === LIST_ROWS || see(twin, lane, other) === 0) return count;
  const order = orderOf(distanceOfCodes(twin, twin.codesAt(slot), twin.codesAt(other)));
  pushLargest(twin, keys, count, order, (other ^ maskOf(slot)) * 2);
  return count + 1;
}

/** Links a row that has no links left in a layer as if it were new. */
function relink(twin: Twin, lane: number, slot: number, layer: number): void {
  const top = twin.word(HEADER.TOP_LEVEL);
  if (layer > top || twin.word(HEADER.ENTRY) - 1 === slot) return;
  twin.copy(lane + twin.queryValuesInLane, twin.valuesAt(slot), twin.valueStride);
  prepareQuery(twin, twin.builderLane);
  descend(twin, lane, top, layer, true);
  searchToLink(twin, lane, layer, slot);
  dropFromPool(twin, lane, slot);
  link(twin, slot, layer);
}

/** Takes a row out of the pool. */
function dropFromPool(twin: Twin, lane: number, slot: number): void {
  const pool = lane + twin.poolInLane;
  for (let index = 0; index < twin.pooled; index += 1) {
    const place = pool + index * 8;
    if (((twin.u32(place) >>> 1) ^ maskOf(slot)) !== slot) continue;
    twin.copy(place, place + 8, (twin.pooled - index - 1) * 8);
    twin.pooled -= 1;
    return;
  }
}

/** Makes the first of the live rows of the highest layer the one where walks begin. */
export function electEntry(twin: Twin): void {
  const rows = twin.word(HEADER.ROWS);
  let entry = 0;
  let top = 0;
  for (let slot = 0; slot < rows; slot += 1) {
    const flags = twin.u8(twin.flagsAt(slot));
    if ((flags & FLAG_LIVE) === 0 || (flags & FLAG_INDEXED) === 0) continue;
    const level = twin.u8(twin.levelAt(slot));
    if (entry !== 0 && level <= top) continue;
    entry = slot + 1;
    top = level;
  }
  twin.setWord(HEADER.ENTRY, entry);
  twin.setWord(HEADER.TOP_LEVEL, top);
}
