import type { ImportedMemory } from '@lucerna/wasm';
import { FEATURE_BITS, HEADER, metricOf, TAIL_BYTES } from '../layout.ts';

/**
 * The memory of a segment as the twin sees it, and what are globals in `assembly/`. The twin mirrors
 * that folder file by file and function by function: where a name is the same, so are the meaning, the
 * order of operations, and what is written to memory. Addresses are in bytes. A key of 64 bits is two
 * numbers: its upper half, the order of a distance, and its lower half.
 *
 * Views have the length that the memory has: those that grow with it are several times slower.
 */
export class Twin {
  readonly #memory: ImportedMemory;
  bytes: Uint8Array;
  codes: Int8Array;
  shorts: Int16Array;
  words: Uint32Array;
  floats: Float32Array;

  readonly dimension: number;
  readonly isCosine: boolean;
  readonly isL2: boolean;
  readonly maxNeighbors: number;
  readonly efConstruction: number;
  readonly hasBits: boolean;
  /** The lane that insertions use: one behind those of searches. */
  readonly builderLane: number;
  /** Bytes of a row of values, of codes with their tail, of codes alone, of signs, of links. */
  readonly valueStride: number;
  readonly codeStride: number;
  readonly codeBytes: number;
  readonly bitsStride: number;
  readonly linkBytes: number;
  readonly upperBytes: number;

  readonly blockShift: number;
  readonly blockRows: number;
  readonly blockBytes: number;
  readonly arenaBytes: number;

  // The place of row r is start + r · stride + (r >> blockShift) · gap: what a block has beside this kind.
  readonly valuesStart: number;
  readonly valuesGap: number;
  readonly codesStart: number;
  readonly codesGap: number;
  readonly bitsStart: number;
  readonly bitsGap: number;
  readonly linksStart: number;
  readonly linksGap: number;
  readonly uppersStart: number;
  readonly uppersGap: number;
  readonly flagsStart: number;
  readonly levelsStart: number;
  readonly bytesGap: number;
  readonly arenasStart: number;

  readonly lanesStart: number;
  readonly laneBytes: number;

  readonly queryValuesInLane: number;
  readonly queryCodesInLane: number;
  readonly queryCoarseInLane: number;
  readonly queryBitsInLane: number;
  readonly listInLane: number;
  readonly poolInLane: number;
  readonly bestInLane: number;
  readonly boundsInLane: number;
  readonly slotsInLane: number;
  readonly distancesInLane: number;
  readonly visitedInLane: number;
  readonly filterInLane: number;

  // What functions that give a key have given last.
  keyHigh: number = 0;
  keyLow: number = 0;

  // `encode.ts`: what `measure` has found.
  squares: number = 0;
  largest: number = 0;

  /** `distance.ts`: by what rows are multiplied that are compared with one another. */
  linkUnit: number = 1;
  /** `results.ts`: number of keys in `best`. */
  found: number = 0;
  /** `walk.ts`: keys in the pool after `search`. */
  pooled: number = 0;

  // `scan.ts` and `binary.ts`: state of the search under way.
  lane: number = 0;
  wanted: number = 0;
  candidates: number = 0;
  bounds: number = 0;
  threshold: number = Infinity;
  limit: number = 0;

  /** Takes over the layout that the header describes. */
  constructor(memory: ImportedMemory) {
    const { buffer } = memory;
    const { byteLength } = buffer;
    this.#memory = memory;
    this.bytes = new Uint8Array(buffer, 0, byteLength);
    this.codes = new Int8Array(buffer, 0, byteLength);
    this.shorts = new Int16Array(buffer, 0, byteLength / 2);
    this.words = new Uint32Array(buffer, 0, byteLength / 4);
    this.floats = new Float32Array(buffer, 0, byteLength / 4);
    const word = (index: number): number => this.words[index] as number;
    const metric = metricOf(word(HEADER.METRIC));
    this.dimension = word(HEADER.DIMENSION);
    this.isCosine = metric === 'cosine';
    this.isL2 = metric === 'l2';
    this.maxNeighbors = word(HEADER.MAX_NEIGHBORS);
    this.efConstruction = word(HEADER.EF_CONSTRUCTION);
    this.hasBits = (word(HEADER.FEATURES) & FEATURE_BITS) !== 0;
    this.builderLane = word(HEADER.LANES);
    this.valueStride = word(HEADER.VALUE_STRIDE);
    this.codeStride = word(HEADER.CODE_STRIDE);
    this.codeBytes = this.codeStride - TAIL_BYTES;
    this.bitsStride = word(HEADER.BITS_STRIDE);
    this.linkBytes = this.maxNeighbors * 8;
    this.upperBytes = this.maxNeighbors * 4;
    this.blockShift = word(HEADER.BLOCK_SHIFT);
    this.blockRows = 2 ** this.blockShift;
    this.blockBytes = word(HEADER.BLOCK_BYTES);
    const blocks = word(HEADER.BLOCKS);
    const rows = this.blockRows;
    this.valuesStart = blocks;
    this.valuesGap = this.blockBytes - rows * this.valueStride;
    this.codesStart = blocks + word(HEADER.CODES_IN_BLOCK);
    this.codesGap = this.blockBytes - rows * this.codeStride;
    this.bitsStart = blocks + word(HEADER.BITS_IN_BLOCK);
    this.bitsGap = this.blockBytes - rows * this.bitsStride;
    this.linksStart = blocks + word(HEADER.LINKS_IN_BLOCK);
    this.linksGap = this.blockBytes - rows * this.linkBytes;
    this.uppersStart = blocks + word(HEADER.UPPERS_IN_BLOCK);
    this.uppersGap = this.blockBytes - rows * 4;
    this.flagsStart = blocks + word(HEADER.FLAGS_IN_BLOCK);
    this.levelsStart = blocks + word(HEADER.LEVELS_IN_BLOCK);
    this.bytesGap = this.blockBytes - rows;
    this.arenasStart = blocks + word(HEADER.ARENA_IN_BLOCK);
    this.arenaBytes = word(HEADER.ARENA_BYTES);
    this.lanesStart = word(HEADER.LANES_START);
    this.laneBytes = word(HEADER.LANE_BYTES);
    this.queryValuesInLane = word(HEADER.QUERY_VALUES_IN_LANE);
    this.queryCodesInLane = word(HEADER.QUERY_CODES_IN_LANE);
    this.queryCoarseInLane = word(HEADER.QUERY_COARSE_IN_LANE);
    this.queryBitsInLane = word(HEADER.QUERY_BITS_IN_LANE);
    this.listInLane = word(HEADER.LIST_IN_LANE);
    this.poolInLane = word(HEADER.POOL_IN_LANE);
    this.bestInLane = word(HEADER.BEST_IN_LANE);
    this.boundsInLane = word(HEADER.BOUNDS_IN_LANE);
    this.slotsInLane = word(HEADER.SLOTS_IN_LANE);
    this.distancesInLane = word(HEADER.DISTANCES_IN_LANE);
    this.visitedInLane = word(HEADER.VISITED_IN_LANE);
    this.filterInLane = word(HEADER.FILTER_IN_LANE);
  }

  /** Takes notice of growth, on whichever thread it happened. To be called before anything else. */
  refresh(): void {
    const { buffer } = this.#memory;
    const { byteLength } = buffer;
    if (byteLength === this.bytes.length) return;
    this.bytes = new Uint8Array(buffer, 0, byteLength);
    this.codes = new Int8Array(buffer, 0, byteLength);
    this.shorts = new Int16Array(buffer, 0, byteLength / 2);
    this.words = new Uint32Array(buffer, 0, byteLength / 4);
    this.floats = new Float32Array(buffer, 0, byteLength / 4);
  }

  u8(address: number): number {
    return this.bytes[address] as number;
  }

  setU8(address: number, value: number): void {
    this.bytes[address] = value;
  }

  u32(address: number): number {
    return this.words[address >>> 2] as number;
  }

  setU32(address: number, value: number): void {
    this.words[address >>> 2] = value;
  }

  f32(address: number): number {
    return this.floats[address >>> 2] as number;
  }

  /** Rounds the value to 32 bits. */
  setF32(address: number, value: number): void {
    this.floats[address >>> 2] = value;
  }

  setKey(address: number, high: number, low: number): void {
    const place = address >>> 2;
    this.words[place] = low;
    this.words[place + 1] = high;
  }

  /** `memory.fill` with zeros. */
  clear(address: number, bytes: number): void {
    this.bytes.fill(0, address, address + bytes);
  }

  /** `memory.copy`. */
  copy(target: number, source: number, bytes: number): void {
    this.bytes.copyWithin(target, source, source + bytes);
  }

  /** A word of the header: one of `HEADER`. */
  word(field: number): number {
    return this.words[field] as number;
  }

  setWord(field: number, value: number): void {
    this.words[field] = value;
  }

  valuesAt(slot: number): number {
    const gaps = (slot >>> this.blockShift) * this.valuesGap;
    return this.valuesStart + slot * this.valueStride + gaps;
  }

  codesAt(slot: number): number {
    const gaps = (slot >>> this.blockShift) * this.codesGap;
    return this.codesStart + slot * this.codeStride + gaps;
  }

  bitsAt(slot: number): number {
    const gaps = (slot >>> this.blockShift) * this.bitsGap;
    return this.bitsStart + slot * this.bitsStride + gaps;
  }

  /** The links of the lowest layer: 2 M rows; where there are fewer, the rest are the row itself. */
  linksAt(slot: number): number {
    const gaps = (slot >>> this.blockShift) * this.linksGap;
    return this.linksStart + slot * this.linkBytes + gaps;
  }

  /** Where the place of the links of layers 1 and higher is kept; 0: there are none. */
  uppersAt(slot: number): number {
    return this.uppersStart + slot * 4 + (slot >>> this.blockShift) * this.uppersGap;
  }

  flagsAt(slot: number): number {
    return this.flagsStart + slot + (slot >>> this.blockShift) * this.bytesGap;
  }

  levelAt(slot: number): number {
    return this.levelsStart + slot + (slot >>> this.blockShift) * this.bytesGap;
  }

  /** The arena of a block: room for links of upper layers. */
  arenaAt(block: number): number {
    return this.arenasStart + block * this.blockBytes;
  }

  laneAt(lane: number): number {
    return this.lanesStart + lane * this.laneBytes;
  }
}
