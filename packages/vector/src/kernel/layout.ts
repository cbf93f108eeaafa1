import { assert } from '@lucerna/base';
import { vectorLimits } from '../limits.ts';
import type { Metric } from '../metric.ts';

/** What a segment is made for. */
export type SegmentOptions = {
  /** Values of an embedding. */
  readonly dimension: number;
  readonly metric: Metric;
  /** Links of a row in the upper layers of the graph; twice as many in the lowest. */
  readonly maxNeighbors: number;
  /** How many candidates an insertion looks at. */
  readonly efConstruction: number;
  /** Without it there is no `insert` and no `walk`, and the rows have no room for links. */
  readonly hasGraph: boolean;
  /** Whether signs are kept for `scanBinary`. */
  readonly hasBits: boolean;
  /** How many searches can be under way at once, on as many threads. */
  readonly lanes: number;
  /** Whether other threads can attach to the memory. */
  readonly isShared: boolean;
  /** How much memory there may be at most: 4 GiB or less. */
  readonly maxBytes: number;
};

/** Bytes of a page of WebAssembly. */
export const PAGE_BYTES = 65_536;

/** Capacities are multiples of it, so that each segment owns whole words of a `RowSet`. */
const CAPACITY_STEP = 1_024;

/** Highest layer of the graph. */
export const MAX_LEVEL = 15;

/** Flags of a row. A row without any is free. */
export const FLAG_LIVE = 1;
export const FLAG_DEAD = 2;
export const FLAG_INDEXED = 4;

/** Features of a segment. */
export const FEATURE_GRAPH = 1;
export const FEATURE_BITS = 2;

/**
 * Words of 32 bits at the beginning of the memory: all that a thread has to know to go on with a segment
 * that another one made. `assembly/header.ts` repeats the numbers.
 */
export const HEADER = {
  MAGIC: 0,
  DIMENSION: 1,
  /** 0 cosine, 1 l2, 2 ip. */
  METRIC: 2,
  MAX_NEIGHBORS: 3,
  EF_CONSTRUCTION: 4,
  FEATURES: 5,
  LANES: 6,
  /** Rows at most. */
  CAPACITY: 7,
  /** Bytes of a row of values, of codes with their tail, of signs. */
  VALUE_STRIDE: 8,
  CODE_STRIDE: 9,
  BITS_STRIDE: 10,
  /** Logarithm of the rows of a block, and its bytes. */
  BLOCK_SHIFT: 11,
  BLOCK_BYTES: 12,
  /** Where the first block begins. */
  BLOCKS: 13,
  /** Where things begin in a block. */
  CODES_IN_BLOCK: 14,
  BITS_IN_BLOCK: 15,
  LINKS_IN_BLOCK: 16,
  UPPERS_IN_BLOCK: 17,
  FLAGS_IN_BLOCK: 18,
  LEVELS_IN_BLOCK: 19,
  ARENA_IN_BLOCK: 20,
  ARENA_BYTES: 21,
  /** Where the first lane begins, and its bytes. */
  LANES_START: 22,
  LANE_BYTES: 23,
  /** Where things begin in a lane. */
  QUERY_VALUES_IN_LANE: 24,
  QUERY_CODES_IN_LANE: 25,
  QUERY_BITS_IN_LANE: 26,
  LIST_IN_LANE: 27,
  BATCH_IN_LANE: 28,
  POOL_IN_LANE: 29,
  BEST_IN_LANE: 30,
  BOUNDS_IN_LANE: 31,
  SLOTS_IN_LANE: 32,
  DISTANCES_IN_LANE: 33,
  VISITED_IN_LANE: 34,
  FILTER_IN_LANE: 35,
  QUERY_COARSE_IN_LANE: 36,
  /** From here on what changes. Rows that were ever used. */
  ROWS: 48,
  /** The row where walks begin, plus 1; 0 while the graph is empty. */
  ENTRY: 49,
  /** Layer of that row. */
  TOP_LEVEL: 50,
  LIVE: 51,
  DEAD: 52,
  INDEXED: 53,
  /** Block whose arena links of upper layers are taken from, and how much of it is taken. */
  ARENA_BLOCK: 54,
  ARENA_USED: 55,
  /** First free piece of the arenas with room for 1 … 15 layers; 0: none. */
  FREE_PIECES: 56,
  /** Lengths (f32) of the shortest row that was ever written and is not 0, and of the longest. */
  SHORTEST: 72,
  LONGEST: 73,
} as const;

/**
 * Where a lane says, as f32, by what rows and its query were multiplied: a distance is so many times as
 * large as it is by the embeddings that were given.
 */
export const ROW_UNIT_IN_LANE = 20;
export const QUERY_UNIT_IN_LANE = 24;

/** Marks the memory of a segment; the last digit is the version of the layout. */
export const MAGIC = 0x4c56_5332;

const HEADER_WORDS = 74;
const HEADER_BYTES = 512;

/** Bytes of a row's codes beside the codes: scale, residual, aux (f32), sum of the codes. */
export const TAIL_BYTES = 16;

/** Candidates that a lane has room for: keys of 8 bytes. */
export const POOL_KEYS = 32_768;
/** Rows that are looked at together. */
export const LIST_ROWS = 1_024;
/** Bytes at the beginning of a lane for the terms of its query; see `assembly/encode.ts`. */
const QUERY_TERMS_BYTES = 128;
const WANTED_BLOCK_BYTES = 524_288;

const METRIC_CODES: Readonly<Record<Metric, number>> = { cosine: 0, l2: 1, ip: 2 };
const METRICS: readonly Metric[] = ['cosine', 'l2', 'ip'];

/** The metric that a header names by its code. */
export function metricOf(code: number): Metric {
  const metric = METRICS[code];
  assert(metric !== undefined, 'a header names a metric');
  return metric;
}

/** Values of a row: the dimension, padded with zeros. */
function paddedDimension(dimension: number): number {
  return align(dimension, 16);
}

/**
 * The header of an empty segment. A block holds the same number of rows of everything, one kind after
 * the other, so that a scan reads codes and nothing else; blocks are small, so that a small collection
 * stays so.
 */
export function segmentHeader(options: SegmentOptions): Uint32Array<ArrayBuffer> {
  const limits = vectorLimits.values;
  const { dimension, maxNeighbors, lanes } = options;
  assert(dimension >= 1 && dimension <= limits.dimension, 'the dimension is within its limit');
  assert(lanes >= 1 && lanes <= limits.lanes, 'the lanes are within their limit');
  assert(maxNeighbors >= 2 && maxNeighbors <= limits.maxNeighbors, 'the links are within limits');
  assert(
    options.efConstruction >= 1 && options.efConstruction <= limits.efSearch,
    'the candidates of an insertion are within limits',
  );
  const header = new Uint32Array(HEADER_WORDS);
  const padded = paddedDimension(dimension);
  header[HEADER.MAGIC] = MAGIC;
  header[HEADER.DIMENSION] = dimension;
  header[HEADER.METRIC] = METRIC_CODES[options.metric];
  header[HEADER.MAX_NEIGHBORS] = maxNeighbors;
  header[HEADER.EF_CONSTRUCTION] = options.efConstruction;
  header[HEADER.FEATURES] =
    (options.hasGraph ? FEATURE_GRAPH : 0) | (options.hasBits ? FEATURE_BITS : 0);
  header[HEADER.LANES] = lanes;
  header[HEADER.VALUE_STRIDE] = padded * 4;
  header[HEADER.CODE_STRIDE] = padded + TAIL_BYTES;
  header[HEADER.BITS_STRIDE] = options.hasBits ? align(dimension, 128) / 8 : 0;
  const blockRows = layOutBlock(header, options);
  layOutLanes(header, padded, options, blockRows);
  return header;
}

/** @returns rows of a block */
function layOutBlock(header: Uint32Array, { hasGraph, maxNeighbors }: SegmentOptions): number {
  const word = (field: number): number => header[field] as number;
  const linkBytes = hasGraph ? maxNeighbors * 8 : 0;
  const pieceBytes = maxNeighbors * 4;
  const rowBytes =
    word(HEADER.VALUE_STRIDE) + word(HEADER.CODE_STRIDE) + word(HEADER.BITS_STRIDE) + linkBytes;
  let shift = Math.log2(CAPACITY_STEP);
  while (shift > 5 && rowBytes << shift > WANTED_BLOCK_BYTES) shift -= 1;
  const rows = 1 << shift;
  // One in M − 1 rows has a list above the lowest layer, on average; a quarter more is room for chance.
  const pieces = Math.ceil((rows / (maxNeighbors - 1)) * 1.25) + 4;
  header[HEADER.BLOCK_SHIFT] = shift;
  const place = placer(0);
  place(word(HEADER.VALUE_STRIDE) * rows);
  header[HEADER.CODES_IN_BLOCK] = place(word(HEADER.CODE_STRIDE) * rows);
  header[HEADER.BITS_IN_BLOCK] = place(word(HEADER.BITS_STRIDE) * rows);
  header[HEADER.LINKS_IN_BLOCK] = place(linkBytes * rows);
  header[HEADER.UPPERS_IN_BLOCK] = place(hasGraph ? rows * 4 : 0);
  header[HEADER.ARENA_IN_BLOCK] = place(hasGraph ? pieces * pieceBytes : 0);
  header[HEADER.ARENA_BYTES] = hasGraph ? pieces * pieceBytes : 0;
  header[HEADER.FLAGS_IN_BLOCK] = place(rows);
  header[HEADER.LEVELS_IN_BLOCK] = place(rows);
  header[HEADER.BLOCK_BYTES] = place(0);
  return rows;
}

function layOutLanes(
  header: Uint32Array,
  padded: number,
  options: SegmentOptions,
  blockRows: number,
): void {
  // Heaps of results and of candidates, and a little more, so that a step may write before it looks.
  const results = Math.max(vectorLimits.values.results, vectorLimits.values.efSearch) + 64;
  const place = placer(QUERY_TERMS_BYTES);
  header[HEADER.QUERY_VALUES_IN_LANE] = place(padded * 4);
  header[HEADER.QUERY_CODES_IN_LANE] = place(padded * 2);
  header[HEADER.QUERY_COARSE_IN_LANE] = place(padded);
  header[HEADER.QUERY_BITS_IN_LANE] = place(align(options.dimension, 128) / 8);
  header[HEADER.LIST_IN_LANE] = place(LIST_ROWS * 8);
  header[HEADER.BATCH_IN_LANE] = place(LIST_ROWS * 8);
  header[HEADER.POOL_IN_LANE] = place((POOL_KEYS + LIST_ROWS) * 8);
  header[HEADER.BEST_IN_LANE] = place((results + LIST_ROWS) * 8);
  header[HEADER.BOUNDS_IN_LANE] = place(results * 4);
  header[HEADER.SLOTS_IN_LANE] = place(results * 4);
  header[HEADER.DISTANCES_IN_LANE] = place(results * 4);
  // One more lane than asked for: insertions have their own.
  // What has a bit for each row comes last: how much that is depends on what is left for rows.
  const fixed = place(0);
  const bytes = Math.min(options.maxBytes, vectorLimits.values.segmentBytes);
  const blockBytes = header[HEADER.BLOCK_BYTES] as number;
  const lanes = options.lanes + 1;
  const stepBytes = (CAPACITY_STEP / blockRows) * blockBytes + (lanes * CAPACITY_STEP) / 4;
  const available = bytes - HEADER_BYTES - lanes * fixed - PAGE_BYTES;
  const fitting = Math.floor(available / stepBytes) * CAPACITY_STEP;
  const capacity = Math.min(fitting, vectorLimits.values.segmentRows);
  assert(capacity >= CAPACITY_STEP, 'the memory has room for a block of rows');
  header[HEADER.CAPACITY] = capacity;
  header[HEADER.VISITED_IN_LANE] = place(capacity / 8);
  header[HEADER.FILTER_IN_LANE] = place(capacity / 8);
  header[HEADER.LANES_START] = HEADER_BYTES;
  header[HEADER.LANE_BYTES] = place(0);
  header[HEADER.BLOCKS] = align(HEADER_BYTES + place(0) * lanes, 4_096);
}

/** Gives places one behind the other, each at the beginning of a line of the cache. */
function placer(start: number): (bytes: number) => number {
  let end = align(start, 64);
  return (bytes) => {
    const place = end;
    end = align(end + bytes, 64);
    return place;
  };
}

function align(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
