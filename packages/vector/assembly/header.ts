// The header of a segment: what the host has laid out (src/kernel/layout.ts, which gives the meaning of
// each word), and where rows and lanes are. The words that never change are kept in globals.

export const ROWS: usize = 48 * 4;
export const ENTRY: usize = 49 * 4;
export const TOP_LEVEL: usize = 50 * 4;
export const DEAD: usize = 52 * 4;
export const ARENA_BLOCK: usize = 54 * 4;
export const ARENA_USED: usize = 55 * 4;
export const FREE_PIECES: usize = 56 * 4;

export const FLAG_LIVE: u32 = 1;
export const FLAG_DEAD: u32 = 2;
export const FLAG_INDEXED: u32 = 4;

export const COSINE: i32 = 0;
export const L2: i32 = 1;

export const MAX_LEVEL: i32 = 15;
export const POOL_KEYS: i32 = 32_768;
export const LIST_ROWS: i32 = 1_024;

export let dimension: i32 = 0;
export let metric: i32 = 0;
export let maxNeighbors: i32 = 0;
export let efConstruction: i32 = 0;
export let hasBits: bool = false;
/** The lane that insertions use: one behind those of searches. */
export let builderLane: u32 = 0;
/** Bytes of a row of values, of codes with their tail, of codes alone, of signs, of links. */
export let valueStride: usize = 0;
export let codeStride: usize = 0;
export let codeBytes: usize = 0;
export let bitsStride: usize = 0;
export let linkBytes: usize = 0;
export let upperBytes: usize = 0;

export let blockShift: u32 = 0;
export let blockRows: u32 = 0;
export let blockBytes: usize = 0;
export let arenaBytes: usize = 0;

// The place of row r is start + r · stride + (r >> blockShift) · gap: what a block has beside this kind.
let valuesStart: usize = 0;
let valuesGap: usize = 0;
let codesStart: usize = 0;
let codesGap: usize = 0;
let bitsStart: usize = 0;
let bitsGap: usize = 0;
let linksStart: usize = 0;
let linksGap: usize = 0;
let uppersStart: usize = 0;
let uppersGap: usize = 0;
let flagsStart: usize = 0;
let levelsStart: usize = 0;
let bytesGap: usize = 0;
let arenasStart: usize = 0;

let lanesStart: usize = 0;
let laneBytes: usize = 0;

export let queryValuesInLane: usize = 0;
export let queryCodesInLane: usize = 0;
export let queryCoarseInLane: usize = 0;
export let queryBitsInLane: usize = 0;
export let listInLane: usize = 0;
export let batchInLane: usize = 0;
export let poolInLane: usize = 0;
export let bestInLane: usize = 0;
export let boundsInLane: usize = 0;
export let slotsInLane: usize = 0;
export let distancesInLane: usize = 0;
export let visitedInLane: usize = 0;
export let filterInLane: usize = 0;

@inline
function word(index: i32): u32 {
  return load<u32>(<usize>index << 2);
}

/** Takes over the layout that the header describes. To be called once, before anything else. */
export function attach(): void {
  dimension = word(1);
  metric = word(2);
  maxNeighbors = word(3);
  efConstruction = word(4);
  hasBits = (word(5) & 2) != 0;
  builderLane = word(6);
  valueStride = word(8);
  codeStride = word(9);
  codeBytes = codeStride - 16;
  bitsStride = word(10);
  linkBytes = <usize>maxNeighbors << 3;
  upperBytes = <usize>maxNeighbors << 2;
  blockShift = word(11);
  blockRows = <u32>1 << blockShift;
  blockBytes = word(12);
  const blocks = <usize>word(13);
  const rows = <usize>blockRows;
  valuesStart = blocks;
  valuesGap = blockBytes - rows * valueStride;
  codesStart = blocks + word(14);
  codesGap = blockBytes - rows * codeStride;
  bitsStart = blocks + word(15);
  bitsGap = blockBytes - rows * bitsStride;
  linksStart = blocks + word(16);
  linksGap = blockBytes - rows * linkBytes;
  uppersStart = blocks + word(17);
  uppersGap = blockBytes - rows * 4;
  flagsStart = blocks + word(18);
  levelsStart = blocks + word(19);
  bytesGap = blockBytes - rows;
  arenasStart = blocks + word(20);
  arenaBytes = word(21);
  lanesStart = word(22);
  laneBytes = word(23);
  queryValuesInLane = word(24);
  queryCodesInLane = word(25);
  queryBitsInLane = word(26);
  listInLane = word(27);
  batchInLane = word(28);
  poolInLane = word(29);
  bestInLane = word(30);
  boundsInLane = word(31);
  slotsInLane = word(32);
  distancesInLane = word(33);
  visitedInLane = word(34);
  filterInLane = word(35);
  queryCoarseInLane = word(36);
}

@inline
export function valuesAt(slot: u32): usize {
  return valuesStart + <usize>slot * valueStride + <usize>(slot >> blockShift) * valuesGap;
}

@inline
export function codesAt(slot: u32): usize {
  return codesStart + <usize>slot * codeStride + <usize>(slot >> blockShift) * codesGap;
}

@inline
export function bitsAt(slot: u32): usize {
  return bitsStart + <usize>slot * bitsStride + <usize>(slot >> blockShift) * bitsGap;
}

/** The links of the lowest layer: 2 M rows; where there are fewer, the rest are the row itself. */
@inline
export function linksAt(slot: u32): usize {
  return linksStart + <usize>slot * linkBytes + <usize>(slot >> blockShift) * linksGap;
}

/** Where the place of the links of layers 1 and higher is kept; 0: there are none. */
@inline
export function uppersAt(slot: u32): usize {
  return uppersStart + (<usize>slot << 2) + <usize>(slot >> blockShift) * uppersGap;
}

@inline
export function flagsAt(slot: u32): usize {
  return flagsStart + <usize>slot + <usize>(slot >> blockShift) * bytesGap;
}

@inline
export function levelAt(slot: u32): usize {
  return levelsStart + <usize>slot + <usize>(slot >> blockShift) * bytesGap;
}

/** The arena of a block: room for links of upper layers. */
@inline
export function arenaAt(block: u32): usize {
  return arenasStart + <usize>block * blockBytes;
}

@inline
export function laneAt(lane: u32): usize {
  return lanesStart + <usize>lane * laneBytes;
}
