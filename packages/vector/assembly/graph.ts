// Building the graph, and mending it where rows were deleted (Malkov and Yashunin, algorithm 1).

import { prepareQuery } from './encode';
import { compareNear, distanceOfCodes, orderOf } from './distance';
import {
  bestInLane,
  builderLane,
  codesAt,
  DEAD,
  efConstruction,
  ENTRY,
  FLAG_DEAD,
  FLAG_INDEXED,
  FLAG_LIVE,
  flagsAt,
  laneAt,
  levelAt,
  listInLane,
  LIST_ROWS,
  maxNeighbors,
  poolInLane,
  queryValuesInLane,
  ROWS,
  TOP_LEVEL,
  valuesAt,
  valueStride,
  visitedInLane,
} from './header';
import { keyOf, pushLargest, sortLargest } from './heap';
import {
  chooseLinks,
  contains,
  endList,
  fillLinks,
  giveLinks,
  lengthOf,
  listAt,
  roomOf,
} from './links';
import { see } from './pool';
import { descend, pooled, search, shrinkPool, touchRows } from './walk';

/** Puts a row into the graph, into the layers 0 … `wantedLevel`. */
export function insert(slot: u32, wantedLevel: i32): void {
  const level = giveLinks(slot, wantedLevel);
  if (load<u32>(ENTRY) == 0) {
    store<u32>(ENTRY, slot + 1);
    store<u32>(TOP_LEVEL, level);
    return;
  }
  const lane = laneAt(builderLane);
  memory.copy(lane + queryValuesInLane, valuesAt(slot), valueStride);
  prepareQuery(builderLane);
  const top = load<i32>(TOP_LEVEL);
  let start = descend(lane, top, min(level, top), true);
  for (let layer = min(level, top); layer >= 0; layer -= 1) {
    searchToLink(lane, start, layer, slot);
    start = (load<u64>(lane + poolInLane) & ~1) ^ (maskOf(slot) << 1);
    link(slot, layer);
  }
  if (level > top) {
    store<u32>(ENTRY, slot + 1);
    store<u32>(TOP_LEVEL, level);
  }
}

function searchToLink(lane: usize, start: u64, layer: i32, slot: u32): void {
  search(lane, start, efConstruction, layer, true, maskOf(slot));
}

/**
 * What the numbers of rows are mixed with in the keys of a row that is linked: of rows that are as near
 * as one another each row is linked to others, not all to the first ones.
 */
@inline
function maskOf(slot: u32): u32 {
  let mask = slot * 0x9e37_79b1;
  mask = (mask ^ (mask >> 15)) * 0x85eb_ca77;
  return (mask ^ (mask >> 13)) & 0x7fff_ffff;
}

/** Links a row whose list is empty to the best of the builder's pool, and these to it. */
function link(slot: u32, layer: i32): void {
  const list = listAt(slot, layer);
  const room = roomOf(layer);
  const pool = laneAt(builderLane) + poolInLane;
  const mask = maskOf(slot);
  compareNear(codesAt(slot));
  const chosen = chooseLinks(pool, pooled, maxNeighbors, list, false, mask);
  const length = fillLinks(pool, pooled, maxNeighbors, list, chosen, mask);
  endList(list, slot, length, room);
  for (let index: u32 = 0; index < length; index += 1) {
    addLinkOnce(load<u32>(list + (<usize>index << 2)), slot, layer);
  }
}

/** Adds a link to a list that does not have it; where it is full, its links are chosen anew. */
function addLinkOnce(from: u32, to: u32, layer: i32): void {
  const list = listAt(from, layer);
  const room = roomOf(layer);
  const length = lengthOf(list, from, room);
  if (contains(list, length, to)) return;
  if (length < room) {
    store<u32>(list + (<usize>length << 2), to);
    return;
  }
  const keys = laneAt(builderLane) + bestInLane;
  const codes = codesAt(from);
  const mask = maskOf(from);
  compareNear(codes);
  touchRows(list, room, true);
  for (let index: u32 = 0; index <= room; index += 1) {
    const slot = index < room ? load<u32>(list + (<usize>index << 2)) : to;
    const key = keyOf(orderOf(distanceOfCodes(codes, codesAt(slot))), (slot ^ mask) << 1);
    let place = keys + (<usize>index << 3);
    while (place > keys && load<u64>(place - 8) > key) {
      store<u64>(place, load<u64>(place - 8));
      place -= 8;
    }
    store<u64>(place, key);
  }
  const chosen = chooseLinks(keys, room + 1, room, list, true, mask);
  endList(list, from, fillLinks(keys, room + 1, maxNeighbors, list, chosen, mask), room);
}

@inline
function hasFlag(slot: u32, flag: u32): bool {
  return (load<u8>(flagsAt(slot)) & flag) != 0;
}

/** Replaces links of the rows `from` … `to` − 1 to dead rows; see the host. */
export function repair(from: u32, to: u32): void {
  const entry = load<u32>(ENTRY);
  if (load<u32>(DEAD) == 0 || entry == 0) return;
  if (hasFlag(entry - 1, FLAG_DEAD)) electEntry();
  for (let slot = from; slot < to; slot += 1) {
    if (!hasFlag(slot, FLAG_INDEXED)) continue;
    const isLive = hasFlag(slot, FLAG_LIVE);
    const level = <i32>load<u8>(levelAt(slot));
    for (let layer = 0; layer <= level; layer += 1) {
      if (isLive) repairList(slot, layer);
      else dropDead(slot, layer);
    }
  }
}

/**
 * Takes the links to dead rows out of the list of one that is dead, too: it may have died after the repair
 * began, and is walked through when the places of the others have long been used again.
 */
function dropDead(slot: u32, layer: i32): void {
  const list = listAt(slot, layer);
  const room = roomOf(layer);
  const length = lengthOf(list, slot, room);
  let kept: u32 = 0;
  for (let index: u32 = 0; index < length; index += 1) {
    const other = load<u32>(list + (<usize>index << 2));
    if (hasFlag(other, FLAG_DEAD)) continue;
    store<u32>(list + (<usize>kept << 2), other);
    kept += 1;
  }
  endList(list, slot, kept, room);
}

function repairList(slot: u32, layer: i32): void {
  const list = listAt(slot, layer);
  const room = roomOf(layer);
  const length = lengthOf(list, slot, room);
  let isDamaged = false;
  for (let index: u32 = 0; index < length && !isDamaged; index += 1) {
    isDamaged = hasFlag(load<u32>(list + (<usize>index << 2)), FLAG_DEAD);
  }
  if (!isDamaged) return;
  const lane = laneAt(builderLane);
  const former = lane + listInLane;
  memory.copy(former, list, <usize>length << 2);
  const keys = lane + poolInLane;
  compareNear(codesAt(slot));
  const count = replacements(lane, slot, layer, length, keys);
  sortLargest(keys, count);
  const mask = maskOf(slot);
  let chosen = chooseLinks(keys, count, room, list, false, mask);
  chosen = fillLinks(keys, count, maxNeighbors, list, chosen, mask);
  endList(list, slot, chosen, room);
  if (chosen == 0) {
    relink(lane, slot, layer);
    return;
  }
  for (let index: u32 = 0; index < chosen; index += 1) {
    const other = load<u32>(list + (<usize>index << 2));
    if (!contains(former, length, other)) addLinkOnce(other, slot, layer);
  }
}

/** The living links of a row, and of its dead links, as a heap. @returns how many */
function replacements(lane: usize, slot: u32, layer: i32, length: u32, keys: usize): u32 {
  const room = roomOf(layer);
  const former = lane + listInLane;
  memory.fill(lane + visitedInLane, 0, <usize>((load<u32>(ROWS) + 31) >> 5) << 2);
  see(lane, slot);
  let count: u32 = 0;
  for (let index: u32 = 0; index < length; index += 1) {
    const other = load<u32>(former + (<usize>index << 2));
    if (!hasFlag(other, FLAG_DEAD)) {
      count = consider(lane, slot, other, keys, count);
      continue;
    }
    const list = listAt(other, layer);
    for (let inner: u32 = 0; inner < room; inner += 1) {
      const behind = load<u32>(list + (<usize>inner << 2));
      if (behind == other) break;
      if (!hasFlag(behind, FLAG_DEAD)) count = consider(lane, slot, behind, keys, count);
    }
  }
  return count;
}

/** Adds a row that was not seen yet to the heap of rows to link to. @returns the keys in it */
@inline
function consider(lane: usize, slot: u32, other: u32, keys: usize, count: u32): u32 {
  if (count == <u32>LIST_ROWS || see(lane, other) == 0) return count;
  const order = orderOf(distanceOfCodes(codesAt(slot), codesAt(other)));
  pushLargest(keys, count, keyOf(order, (other ^ maskOf(slot)) << 1));
  return count + 1;
}

/** Links a row that has no links left in a layer as if it were new. */
function relink(lane: usize, slot: u32, layer: i32): void {
  const top = load<i32>(TOP_LEVEL);
  if (layer > top || load<u32>(ENTRY) - 1 == slot) return;
  memory.copy(lane + queryValuesInLane, valuesAt(slot), valueStride);
  prepareQuery(builderLane);
  searchToLink(lane, descend(lane, top, layer, true), layer, slot);
  dropFromPool(lane, slot);
  link(slot, layer);
}

/** Takes a row out of the pool. */
function dropFromPool(lane: usize, slot: u32): void {
  const pool = lane + poolInLane;
  for (let index: u32 = 0; index < pooled; index += 1) {
    const place = pool + (<usize>index << 3);
    if (((<u32>load<u64>(place) >> 1) ^ maskOf(slot)) != slot) continue;
    memory.copy(place, place + 8, <usize>(pooled - index - 1) << 3);
    shrinkPool();
    return;
  }
}

/** Makes the first of the live rows of the highest layer the one where walks begin. */
export function electEntry(): void {
  const rows = load<u32>(ROWS);
  let entry: u32 = 0;
  let top: i32 = 0;
  for (let slot: u32 = 0; slot < rows; slot += 1) {
    const flags = load<u8>(flagsAt(slot));
    if ((flags & FLAG_LIVE) == 0 || (flags & FLAG_INDEXED) == 0) continue;
    const level = <i32>load<u8>(levelAt(slot));
    if (entry != 0 && level <= top) continue;
    entry = slot + 1;
    top = level;
  }
  store<u32>(ENTRY, entry);
  store<u32>(TOP_LEVEL, top);
}
