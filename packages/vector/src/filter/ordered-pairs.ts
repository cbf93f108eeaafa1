import { markRow } from './words.ts';

/** Pairs of one block at most: an insertion moves half of a block on average. */
const BLOCK_PAIRS = 512;
/** Pairs that a new block has room for; it doubles as it fills. */
const FIRST_PAIRS = 8;

/**
 * A piece of the index: everything from one place (a key, before or behind its pairs) to another.
 */
export type KeyRange = {
  readonly from: number;
  /** True: without the pairs of `from`. */
  readonly isBehindFrom: boolean;
  readonly to: number;
  /** True: with the pairs of `to`. */
  readonly isBehindTo: boolean;
};

/** Run of pairs in ascending order. */
type Block = { keys: Float64Array; rows: Uint32Array; size: number };

/**
 * A set of pairs (key, row) in ascending order: by key, then by row. It is the leaf level of a B+ tree
 * under an array of blocks: finding is two binary searches, a range is read in one go, a change moves
 * at most a block. About 12 to 24 bytes a pair. Keys are finite; -0 and 0 are the same.
 */
export class OrderedPairs {
  readonly #blocks: Block[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Bytes that are allocated for pairs. */
  get bytes(): number {
    return this.#blocks.reduce((sum, { keys, rows }) => sum + keys.byteLength + rows.byteLength, 0);
  }

  /** False when the pair was there already. */
  add(key: number, row: number): boolean {
    const at = this.#blockOf(key, row);
    const block = this.#blocks[at];
    if (block === undefined) {
      this.#blocks.push(blockOf(key, row));
      this.#size += 1;
      return true;
    }
    const index = lowerBound(block, key, row);
    if (isAt(block, index, key, row)) return false;
    this.#size += 1;
    if (block.size < BLOCK_PAIRS) insertPair(block, index, key, row);
    else if (index === BLOCK_PAIRS && at === this.#blocks.length - 1) {
      // Ascending keys fill their blocks to the brim.
      this.#blocks.push(blockOf(key, row));
    } else this.#split(at, index, key, row);
    return true;
  }

  /** False when there is no such pair. */
  delete(key: number, row: number): boolean {
    const at = this.#blockOf(key, row);
    const block = this.#blocks[at];
    if (block === undefined) return false;
    const index = lowerBound(block, key, row);
    if (!isAt(block, index, key, row)) return false;
    block.keys.copyWithin(index, index + 1, block.size);
    block.rows.copyWithin(index, index + 1, block.size);
    block.size -= 1;
    this.#size -= 1;
    if (block.size === 0) this.#blocks.splice(at, 1);
    else if (block.size < BLOCK_PAIRS / 4) this.#join(at);
    return true;
  }

  /** How many pairs the range has. */
  count(range: KeyRange): number {
    let pairs = 0;
    this.#each(range, (_block, from, to) => {
      pairs += to - from;
    });
    return pairs;
  }

  /** Sets the bits of the rows of the range. */
  mark(words: Uint32Array, range: KeyRange): void {
    this.#each(range, (block, from, to) => {
      const { rows } = block;
      for (let index = from; index < to; index += 1) markRow(words, rows[index] as number);
    });
  }

  /** Calls `visit` with the rows of the range; one that has several keys comes several times. */
  visit(range: KeyRange, visit: (row: number) => void): void {
    this.#each(range, (block, from, to) => {
      for (let index = from; index < to; index += 1) visit(block.rows[index] as number);
    });
  }

  #each(range: KeyRange, visit: (block: Block, from: number, to: number) => void): void {
    const firstRow = range.isBehindFrom ? Infinity : -1;
    const lastRow = range.isBehindTo ? Infinity : -1;
    const first = this.#blockOf(range.from, firstRow);
    const last = this.#blockOf(range.to, lastRow);
    for (let at = first; at <= last; at += 1) {
      const block = this.#blocks[at];
      if (block === undefined) return;
      const from = at === first ? lowerBound(block, range.from, firstRow) : 0;
      const to = at === last ? lowerBound(block, range.to, lastRow) : block.size;
      if (from < to) visit(block, from, to);
    }
  }

  /** The last block that begins at or before the pair, or the first block. */
  #blockOf(key: number, row: number): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const block = this.#blocks[middle] as Block;
      if (isBefore(key, row, block.keys[0] as number, block.rows[0] as number)) high = middle;
      else low = middle + 1;
    }
    return Math.max(low - 1, 0);
  }

  #split(at: number, index: number, key: number, row: number): void {
    const left = this.#blocks[at] as Block;
    const half = BLOCK_PAIRS / 2;
    const right = {
      keys: left.keys.slice(half),
      rows: left.rows.slice(half),
      size: BLOCK_PAIRS - half,
    };
    left.keys = left.keys.slice(0, half);
    left.rows = left.rows.slice(0, half);
    left.size = half;
    this.#blocks.splice(at + 1, 0, right);
    if (index <= half) insertPair(left, index, key, row);
    else insertPair(right, index - half, key, row);
  }

  /** Joins a block that has become small with the next one where both fit well into one. */
  #join(at: number): void {
    const left = this.#blocks[at] as Block;
    const right = this.#blocks[at + 1];
    if (right === undefined || left.size + right.size > BLOCK_PAIRS / 2) return;
    const size = left.size + right.size;
    const keys = new Float64Array(size);
    const rows = new Uint32Array(size);
    keys.set(left.keys.subarray(0, left.size));
    keys.set(right.keys.subarray(0, right.size), left.size);
    rows.set(left.rows.subarray(0, left.size));
    rows.set(right.rows.subarray(0, right.size), left.size);
    this.#blocks.splice(at, 2, { keys, rows, size });
  }
}

function blockOf(key: number, row: number): Block {
  const block = {
    keys: new Float64Array(FIRST_PAIRS),
    rows: new Uint32Array(FIRST_PAIRS),
    size: 1,
  };
  block.keys[0] = key;
  block.rows[0] = row;
  return block;
}

function insertPair(block: Block, index: number, key: number, row: number): void {
  if (block.size === block.keys.length) grow(block);
  block.keys.copyWithin(index + 1, index, block.size);
  block.rows.copyWithin(index + 1, index, block.size);
  block.keys[index] = key;
  block.rows[index] = row;
  block.size += 1;
}

function grow(block: Block): void {
  const capacity = Math.min(block.size * 2, BLOCK_PAIRS);
  const keys = new Float64Array(capacity);
  const rows = new Uint32Array(capacity);
  keys.set(block.keys);
  rows.set(block.rows);
  block.keys = keys;
  block.rows = rows;
}

/** The place of the first pair of the block that is not before (key, row). */
function lowerBound(block: Block, key: number, row: number): number {
  let low = 0;
  let high = block.size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(block.keys[middle] as number, block.rows[middle] as number, key, row)) {
      low = middle + 1;
    } else high = middle;
  }
  return low;
}

function isAt(block: Block, index: number, key: number, row: number): boolean {
  return index < block.size && block.keys[index] === key && block.rows[index] === row;
}

function isBefore(key: number, row: number, otherKey: number, otherRow: number): boolean {
  return key < otherKey || (key === otherKey && row < otherRow);
}
