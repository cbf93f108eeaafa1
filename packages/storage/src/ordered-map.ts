import { MAX_BLOCK_ENTRIES } from './limits.ts';

/** A run of neighbouring entries, sorted by key. */
type Block<V> = {
  /** The map's epoch in which the block was made; in a later one a view may hold it. */
  readonly epoch: number;
  readonly keys: string[];
  readonly values: V[];
};

/** Bounds of a scan: `from` inclusive, `to` exclusive. */
export type TextRange = {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly reverse: boolean;
};

/** An ordered map at one moment: later changes of the map it was taken from are not seen. */
export class OrderedView<V> {
  readonly #blocks: readonly Block<V>[];

  constructor(blocks: readonly Block<V>[]) {
    this.#blocks = blocks;
  }

  get(key: string): V | undefined {
    return lookUp(this.#blocks, key);
  }

  /** The values of the range in the order of their keys. */
  values(range: TextRange): Generator<V, void, undefined> {
    return range.reverse
      ? backward(this.#blocks, range.from, range.to)
      : forward(this.#blocks, range.from, range.to);
  }
}

/**
 * A map sorted by text key, with views of one moment at almost no cost.
 *
 * It is a B-tree of two levels: a list of sorted blocks. Taking a view only starts a new epoch; the
 * list and each block are copied when they are first changed in a later epoch than their own.
 */
export class OrderedMap<V> {
  #blocks: Block<V>[] = [];
  #epoch = 0;
  #listEpoch = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    return lookUp(this.#blocks, key);
  }

  view(): OrderedView<V> {
    this.#epoch += 1;
    return new OrderedView(this.#blocks);
  }

  /** Stores `value` and returns the one that was there. */
  set(key: string, value: V): V | undefined {
    if (this.#blocks.length === 0) {
      this.#ownList().push({ epoch: this.#epoch, keys: [key], values: [value] });
      this.#size = 1;
      return undefined;
    }
    const blockIndex = blockOf(this.#blocks, key);
    const block = this.#ownBlock(blockIndex);
    const index = lowerBound(block.keys, key);
    if (block.keys[index] === key) {
      const previous = block.values[index];
      block.values[index] = value;
      return previous;
    }
    block.keys.splice(index, 0, key);
    block.values.splice(index, 0, value);
    this.#size += 1;
    if (block.keys.length > MAX_BLOCK_ENTRIES) this.#split(blockIndex, block);
    return undefined;
  }

  delete(key: string): void {
    if (this.get(key) === undefined) return;
    const blockIndex = blockOf(this.#blocks, key);
    const block = this.#ownBlock(blockIndex);
    const index = lowerBound(block.keys, key);
    block.keys.splice(index, 1);
    block.values.splice(index, 1);
    this.#size -= 1;
    this.#joinWithNext(blockIndex, block);
  }

  #ownList(): Block<V>[] {
    if (this.#listEpoch !== this.#epoch) {
      this.#blocks = this.#blocks.slice();
      this.#listEpoch = this.#epoch;
    }
    return this.#blocks;
  }

  /** The block at `index`, copied if a view may hold it. */
  #ownBlock(index: number): Block<V> {
    const block = this.#blocks[index] as Block<V>;
    if (block.epoch === this.#epoch) return block;
    const copy = { epoch: this.#epoch, keys: block.keys.slice(), values: block.values.slice() };
    this.#ownList()[index] = copy;
    return copy;
  }

  #split(index: number, block: Block<V>): void {
    // Keys that come in order only ever fill the last block: leave the ones before it full.
    const isLast = index === this.#blocks.length - 1;
    const at = isLast ? MAX_BLOCK_ENTRIES : block.keys.length >> 1;
    const keys = block.keys.splice(at);
    const values = block.values.splice(at);
    this.#ownList().splice(index + 1, 0, { epoch: this.#epoch, keys, values });
  }

  /** Keeps blocks from becoming many and small when most keys are deleted. */
  #joinWithNext(index: number, block: Block<V>): void {
    if (block.keys.length === 0) {
      this.#ownList().splice(index, 1);
      return;
    }
    const next = this.#blocks[index + 1];
    if (next === undefined || block.keys.length + next.keys.length > MAX_BLOCK_ENTRIES / 2) return;
    block.keys.push(...next.keys);
    block.values.push(...next.values);
    this.#ownList().splice(index + 1, 1);
  }
}

function lookUp<V>(blocks: readonly Block<V>[], key: string): V | undefined {
  if (blocks.length === 0) return undefined;
  const block = blocks[blockOf(blocks, key)] as Block<V>;
  const index = lowerBound(block.keys, key);
  return block.keys[index] === key ? block.values[index] : undefined;
}

/** Index of the only block that may hold `key`: the last one that does not begin after it. */
function blockOf<V>(blocks: readonly Block<V>[], key: string): number {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (((blocks[middle] as Block<V>).keys[0] as string) <= key) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** Index of the first of the sorted `keys` that is not before `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function* forward<V>(
  blocks: readonly Block<V>[],
  from: string | undefined,
  to: string | undefined,
): Generator<V, void, undefined> {
  const first = from === undefined ? 0 : blockOf(blocks, from);
  for (let index = first; index < blocks.length; index += 1) {
    const { keys, values } = blocks[index] as Block<V>;
    const start = from === undefined || index > first ? 0 : lowerBound(keys, from);
    for (let at = start; at < keys.length; at += 1) {
      if (to !== undefined && (keys[at] as string) >= to) return;
      yield values[at] as V;
    }
  }
}

function* backward<V>(
  blocks: readonly Block<V>[],
  from: string | undefined,
  to: string | undefined,
): Generator<V, void, undefined> {
  const last =
    to === undefined ? blocks.length - 1 : Math.min(blockOf(blocks, to), blocks.length - 1);
  for (let index = last; index >= 0; index -= 1) {
    const { keys, values } = blocks[index] as Block<V>;
    const end = to === undefined || index < last ? keys.length : lowerBound(keys, to);
    for (let at = end - 1; at >= 0; at -= 1) {
      if (from !== undefined && (keys[at] as string) < from) return;
      yield values[at] as V;
    }
  }
}
