import { assert } from '@lucerna/base';
import { hasRow, markRow } from './words.ts';

/** What a text has to hold: one text, all parts, or any of them. */
export type Requirement =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Requirement[] };

/** Documents of a block: the bits of a word. */
const BLOCK_DOCUMENTS = 32;
/** With so few documents left, a block is emptied into one of the first of those with room. */
const THIN_DOCUMENTS = 8;
const MOST_TARGETS = 8;
/** A signature has at least and at most so many bits, always a power of two. */
const LEAST_BITS = 64;
const MOST_BITS = 32_768;
/** Bits of a signature for each character: a bit is set in about two of five documents. */
const BITS_PER_CHAR = 1.5;
/** Grams of a query that are looked up: with these, hardly anything wrong is left. */
const MOST_GRAMS = 32;
/** From here on (CJK radicals), two characters say as much as three before. */
const FIRST_IDEOGRAPH = 0x2e80;

/** Signatures of up to 32 documents of about one length: word b is bit b of all of them. */
type Block = {
  readonly bits: Uint32Array;
  readonly rows: Uint32Array;
  /** Which of the 32 places are taken. */
  used: number;
};

/** Blocks of one width, and those of them that have a free place. */
type Shard = { readonly blocks: Set<Block>; readonly open: Set<Block> };

/**
 * Says which documents may hold a text: for each document a Bloom filter of its trigrams (and of pairs
 * of ideographs), stored by bit and not by document, in shards of about equal length. The idea is that
 * of BitFunnel (Goodwin et al., SIGIR 2017). It takes about a quarter of the documents' own size; lists
 * of trigrams would take more than the documents. Documents are put in one by one, and those that are
 * not in it may hold anything.
 */
export class DocumentIndex {
  readonly #shards = new Map<number, Shard>();
  readonly #blocks: (Block | undefined)[] = [];
  /** The rows that are in it. */
  #rows = new Uint32Array();

  has(row: number): boolean {
    return hasRow(this.#rows, row);
  }

  /** Bytes that are allocated for signatures. */
  get bytes(): number {
    let bytes = 0;
    for (const { blocks } of this.#shards.values()) {
      for (const block of blocks) bytes += block.bits.byteLength + block.rows.byteLength;
    }
    return bytes;
  }

  /** Puts the document of a row in, which has none here. */
  add(row: number, document: string): void {
    assert(!this.has(row), 'a row has one document');
    const { block, place } = this.#take(widthOf(document));
    block.rows[place] = row;
    this.#blocks[row] = block;
    this.#markAdded(row);
    const { bits } = block;
    const mask = bits.length - 1;
    const bit = 1 << place;
    eachGram(document, (gram) => {
      bits[gram & mask] = (bits[gram & mask] as number) | bit;
      return true;
    });
  }

  /** Nothing happens when the row is not in it. */
  delete(row: number): void {
    const block = this.#blocks[row];
    if (block === undefined) return;
    this.#blocks[row] = undefined;
    this.#rows[row >>> 5] = (this.#rows[row >>> 5] as number) & ~(1 << (row & 31));
    const place = placeOf(block, row);
    const { bits } = block;
    const others = ~(1 << place);
    for (let index = 0; index < bits.length; index += 1) {
      bits[index] = (bits[index] as number) & others;
    }
    block.used &= others;
    const shard = this.#shards.get(bits.length) as Shard;
    shard.open.add(block);
    this.#empty(block, shard);
    if (block.used !== 0) return;
    shard.open.delete(block);
    shard.blocks.delete(block);
    if (shard.blocks.size === 0) this.#shards.delete(bits.length);
  }

  /**
   * Those of `candidates` whose documents may fulfil the requirement; a set of the caller's own.
   *
   * @param onText called before each text that is looked up, with how many blocks it is looked up in
   */
  narrow(
    candidates: Uint32Array,
    requirement: Requirement,
    onText: (blocks: number) => void = () => undefined,
  ): Uint32Array {
    const narrowed = candidates.slice();
    const possible = this.#possible(requirement, candidates.length, onText);
    if (possible === undefined) return narrowed;
    const known = Math.min(narrowed.length, this.#rows.length);
    for (let index = 0; index < known; index += 1) {
      const word = (possible[index] as number) | ~(this.#rows[index] as number);
      narrowed[index] = (narrowed[index] as number) & word;
    }
    return narrowed;
  }

  /** The rows in the index that may fulfil the requirement; undefined: all of them. */
  #possible(
    requirement: Requirement,
    words: number,
    onText: (blocks: number) => void,
  ): Uint32Array | undefined {
    if (requirement.kind === 'text') return this.#holding(requirement.text, words, onText);
    const isAll = requirement.kind === 'all';
    let found: Uint32Array | undefined;
    for (const part of requirement.parts) {
      const rows = this.#possible(part, words, onText);
      if (rows === undefined && !isAll) return undefined;
      if (rows === undefined) continue;
      if (found === undefined) {
        found = rows;
        continue;
      }
      for (let index = 0; index < words; index += 1) {
        const [left, right] = [found[index] as number, rows[index] as number];
        found[index] = isAll ? left & right : left | right;
      }
    }
    return found;
  }

  #holding(text: string, words: number, onText: (blocks: number) => void): Uint32Array | undefined {
    const grams: number[] = [];
    eachGram(text, (gram) => {
      grams.push(gram);
      return grams.length < MOST_GRAMS;
    });
    if (grams.length === 0) return undefined;
    let blocks = 0;
    for (const shard of this.#shards.values()) blocks += shard.blocks.size;
    onText(blocks);
    const found = new Uint32Array(words);
    for (const [width, shard] of this.#shards) {
      const places = grams.map((gram) => gram & (width - 1));
      for (const block of shard.blocks) markHolding(block, places, found);
    }
    return found;
  }

  #markAdded(row: number): void {
    const index = row >>> 5;
    if (index >= this.#rows.length) {
      const grown = new Uint32Array(Math.max(index + 1, this.#rows.length * 2));
      grown.set(this.#rows);
      this.#rows = grown;
    }
    markRow(this.#rows, row);
  }

  /** Moves the documents of a block that has become thin to another one, where there is room. */
  #empty(block: Block, shard: Shard): void {
    const left = countOnes(block.used);
    if (left > THIN_DOCUMENTS) return;
    let looked = 0;
    for (const target of shard.open) {
      if (looked > MOST_TARGETS) return;
      looked += 1;
      if (target === block || BLOCK_DOCUMENTS - countOnes(target.used) < left) continue;
      while (block.used !== 0) {
        const place = 31 - Math.clz32(block.used);
        this.#blocks[block.rows[place] as number] = target;
        moveDocument(block, place, target);
      }
      if (~target.used === 0) shard.open.delete(target);
      return;
    }
  }

  /** A free place in a block of that width. */
  #take(width: number): { block: Block; place: number } {
    let shard = this.#shards.get(width);
    if (shard === undefined) {
      shard = { blocks: new Set(), open: new Set() };
      this.#shards.set(width, shard);
    }
    let [block] = shard.open;
    if (block === undefined) {
      block = { bits: new Uint32Array(width), rows: new Uint32Array(BLOCK_DOCUMENTS), used: 0 };
      shard.blocks.add(block);
      shard.open.add(block);
    }
    const place = freePlace(block);
    block.used |= 1 << place;
    if (~block.used === 0) shard.open.delete(block);
    return { block, place };
  }
}

function markHolding(block: Block, places: readonly number[], found: Uint32Array): void {
  let documents = block.used;
  for (const place of places) {
    documents &= block.bits[place] as number;
    if (documents === 0) return;
  }
  while (documents !== 0) {
    const place = 31 - Math.clz32(documents & -documents);
    markRow(found, block.rows[place] as number);
    documents &= documents - 1;
  }
}

function freePlace(block: Block): number {
  const free = ~block.used;
  return 31 - Math.clz32(free & -free);
}

function moveDocument(source: Block, from: number, target: Block): void {
  const to = freePlace(target);
  for (let index = 0; index < source.bits.length; index += 1) {
    const bit = ((source.bits[index] as number) >>> from) & 1;
    target.bits[index] = (target.bits[index] as number) | (bit << to);
  }
  target.rows[to] = source.rows[from] as number;
  target.used |= 1 << to;
  source.used &= ~(1 << from);
}

function countOnes(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

function placeOf(block: Block, row: number): number {
  for (let place = 0; place < BLOCK_DOCUMENTS; place += 1) {
    if (block.rows[place] === row && ((block.used >>> place) & 1) === 1) return place;
  }
  assert(false, 'the block holds the row');
}

function widthOf(document: string): number {
  const wanted = Math.min(document.length * BITS_PER_CHAR, MOST_BITS);
  let bits = LEAST_BITS;
  while (bits < wanted) bits *= 2;
  return bits;
}

/**
 * Calls `visit` with a hash of each three consecutive UTF-16 units, and of each two that are ideographs,
 * until it returns false.
 */
function eachGram(text: string, visit: (gram: number) => boolean): void {
  let first = 0;
  let second = 0;
  for (let index = 0; index < text.length; index += 1) {
    const third = text.charCodeAt(index);
    if (
      index > 1 &&
      !visit(mix(Math.imul(first, 0x9e3779b1) + Math.imul(second, 0x85ebca6b) + third))
    )
      return;
    const isPair = index > 0 && second >= FIRST_IDEOGRAPH && third >= FIRST_IDEOGRAPH;
    if (isPair && !visit(mix(Math.imul(second, 0xc2b2ae35) ^ third))) return;
    first = second;
    second = third;
  }
}

/** Spreads what is in the high bits to the low ones (the last step of MurmurHash3). */
function mix(value: number): number {
  const spread = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (spread ^ (spread >>> 13)) >>> 0;
}
