import { readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { compareBytes, EMPTY_BYTES, isLucernaError } from '@lucerna/base';
import { KEYSPACES, storageErrors } from '@lucerna/storage';
import { errorCode, readError } from './files.ts';
import { LMDB_TREE_DEPTH } from './limits.ts';
import { checkLmdbHeader } from './lmdb-header.ts';

// Layout of lmdb 3.5 (mdb.c: MDB_page, MDB_meta, MDB_db, MDB_node, MDB_ovpage), little-endian.
const HEADER_BYTES = 24;
const FLAGS_OFFSET = 18;
const LOWER_OFFSET = 20;
const UPPER_OFFSET = 22;
const META_BYTES = 160;
const PAGE_SIZE_OFFSET = 48;
const FREE_TREE_OFFSET = 48;
const MAIN_TREE_OFFSET = 96;
const LAST_PAGE_OFFSET = 144;
const TRANSACTION_OFFSET = 152;
const TREE_BYTES = 48;
const NODE_BYTES = 8;
const LARGE_VALUE_BYTES = 24;

const BRANCH = 0x01;
const LEAF = 0x02;
const LARGE = 0x04;
/** The other bits of a page's flags are of use in memory only. */
const KIND_MASK = 0xff;

const VALUE_IS_LARGE = 0x01;
const VALUE_IS_TREE = 0x02;

const NO_ROOT = 2 ** 64;
const PAGES_A_TURN = 256;

/** As LMDB writes them: it counts the end of a text in C as part of the key. */
const TREE_NAMES: ReadonlySet<string> = new Set(
  Object.values(KEYSPACES).map(({ name }) => `${name}\0`),
);

/** A tree as the meta page, or a row of the main tree, describes it. */
type Tree = {
  readonly depth: number;
  readonly rows: number;
  readonly root: number;
  /** Rows of the free list have numbers as keys, in another order. */
  readonly ordered: boolean;
  /** Rows of the main tree are trees. */
  readonly holdsTrees: boolean;
};

/** What one page says about one key. */
type Node = {
  readonly key: Uint8Array;
  readonly flags: number;
  /** Branch: the page below. Leaf: the length of the value. */
  readonly number: number;
  readonly valueOffset: number;
};

/**
 * Walks all pages of the environment in the folder `path` that hold rows, and checks that every
 * number in them that LMDB follows leads to where it should, and that keys are in order. LMDB checks
 * none of that: a flipped bit there ends the process or hides rows. Values are not looked at, nor is
 * the list of free pages beyond its tree. Nobody has the environment open meanwhile.
 *
 * Reads the whole tree, about a second for a gigabyte; nothing happens when there is no file.
 *
 * @throws `STORE_CORRUPT` with the page, `FILE_READ_FAILED`
 */
export async function checkLmdbPages(path: string): Promise<void> {
  const file = join(path, 'data.mdb');
  try {
    checkLmdbHeader(path);
    await walkPages(file);
  } catch (error) {
    if (isLucernaError(error)) throw error;
    throw readError(error, { path: file });
  }
}

async function walkPages(file: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  try {
    const { size } = await handle.stat();
    if (size > 0) await new PageWalk(handle, file).run();
  } finally {
    await handle.close();
  }
}

class PageWalk {
  readonly #handle: FileHandle;
  readonly #file: string;
  /** A bit for each page that a tree has: a set holds no more than those of 64 GB. */
  #claimed: Uint8Array = EMPTY_BYTES;
  #reads = 0;
  #pageBytes = 0;
  #lastPage = 0;
  /** Of the tree that is being walked. */
  #rows = 0;
  #lastKey: Uint8Array | undefined;
  /** No later key of the tree is before this one. */
  #lowest: Uint8Array = EMPTY_BYTES;

  constructor(handle: FileHandle, file: string) {
    this.#handle = handle;
    this.#file = file;
  }

  async run(): Promise<void> {
    const first = await this.#view(0, META_BYTES);
    this.#pageBytes = first.getUint32(PAGE_SIZE_OFFSET, true);
    const second = await this.#view(this.#pageBytes, META_BYTES);
    const number = (meta: DataView): bigint => meta.getBigUint64(TRANSACTION_OFFSET, true);
    const meta = number(first) < number(second) ? second : first;
    this.#lastPage = numberAt(meta, LAST_PAGE_OFFSET);
    this.#claimed = new Uint8Array(Math.floor(this.#lastPage / 8) + 1);
    for (const [offset, ordered] of [
      [FREE_TREE_OFFSET, false],
      [MAIN_TREE_OFFSET, true],
    ] as const) {
      await this.#tree({ ...treeAt(meta, offset), ordered, holdsTrees: ordered });
    }
  }

  async #tree(tree: Tree): Promise<void> {
    if (tree.root === NO_ROOT) {
      if (tree.rows !== 0 || tree.depth !== 0) throw this.#damage(0, 'a tree without a root');
      return;
    }
    if (tree.depth > LMDB_TREE_DEPTH) throw this.#damage(tree.root, 'a tree that is too deep');
    this.#rows = 0;
    this.#lastKey = undefined;
    this.#lowest = EMPTY_BYTES;
    const below: Tree[] = [];
    await this.#page(tree, tree.root, 1, below);
    if (this.#rows !== tree.rows) throw this.#damage(tree.root, 'another number of rows');
    for (const each of below) await this.#tree(each);
  }

  async #page(tree: Tree, page: number, depth: number, below: Tree[]): Promise<void> {
    this.#claim(page, 1);
    const view = await this.#view(page * this.#pageBytes, this.#pageBytes);
    const kind = depth === tree.depth ? LEAF : BRANCH;
    this.#checkHeader(view, page, kind);
    const nodes = this.#nodes(view, page, kind);
    if (kind === LEAF) {
      for (const node of nodes) await this.#row(tree, page, view, node, below);
      return;
    }
    for (const [index, { key, number }] of nodes.entries()) {
      // The first key of a branch is not looked at, and is mostly left out.
      if (index > 0 && tree.ordered) {
        this.#checkAfter(key, page);
        this.#lowest = key;
      }
      await this.#page(tree, number, depth + 1, below);
    }
  }

  async #row(tree: Tree, page: number, view: DataView, node: Node, below: Tree[]): Promise<void> {
    const { key, flags, number: length, valueOffset } = node;
    this.#rows += 1;
    if (tree.ordered) {
      this.#checkAfter(key, page);
      if (compareBytes(key, this.#lowest) < 0) throw this.#damage(page, 'a key in a wrong place');
      this.#lastKey = key;
    }
    if (tree.holdsTrees !== (flags === VALUE_IS_TREE)) throw this.#damage(page, 'a wrong row');
    if (flags === VALUE_IS_TREE) {
      if (!TREE_NAMES.has(new TextDecoder().decode(key))) {
        throw this.#damage(page, 'a tree of a wrong name');
      }
      const order = view.getUint16(valueOffset + 4, true);
      if (length !== TREE_BYTES || order !== 0) throw this.#damage(page, 'a tree of a wrong form');
      below.push({ ...treeAt(view, valueOffset), ordered: true, holdsTrees: false });
    } else if (flags === VALUE_IS_LARGE) {
      await this.#largeValue(numberAt(view, valueOffset), length, numberAt(view, valueOffset + 16));
    } else if (flags !== 0) throw this.#damage(page, 'a row of an unknown kind');
  }

  async #largeValue(page: number, length: number, pages: number): Promise<void> {
    if (pages < 1 || pages > this.#lastPage) throw this.#damage(page, 'a wrong number of pages');
    this.#claim(page, pages);
    const view = await this.#view(page * this.#pageBytes, HEADER_BYTES);
    this.#checkNumber(view, page, LARGE);
    const stated = view.getUint32(LOWER_OFFSET, true);
    if (stated !== pages || length > pages * this.#pageBytes - HEADER_BYTES) {
      throw this.#damage(page, 'a value of a wrong length');
    }
  }

  #checkNumber(view: DataView, page: number, kind: number): void {
    if (numberAt(view, 0) !== page) throw this.#damage(page, 'it has another number');
    const found = view.getUint16(FLAGS_OFFSET, true) & KIND_MASK;
    if (found !== kind) throw this.#damage(page, 'it is of another kind');
  }

  #checkHeader(view: DataView, page: number, kind: number): void {
    this.#checkNumber(view, page, kind);
    const { lower, upper } = boundsOf(view);
    const least = HEADER_BYTES + 2 * (kind === BRANCH ? 2 : 1);
    const inside = lower >= least && lower <= upper && upper <= this.#pageBytes;
    if (!inside || lower % 2 !== 0) throw this.#damage(page, 'its bounds are wrong');
  }

  /** The nodes of a page, each within it and none over another. */
  #nodes(view: DataView, page: number, kind: number): readonly Node[] {
    const { lower, upper } = boundsOf(view);
    const nodes: Node[] = [];
    const places: (readonly [from: number, to: number])[] = [];
    for (let at = HEADER_BYTES; at < lower; at += 2) {
      const from = HEADER_BYTES + view.getUint16(at, true);
      if (from < upper || from % 2 !== 0 || from + NODE_BYTES > this.#pageBytes) {
        throw this.#damage(page, 'a row outside of it');
      }
      const keyBytes = view.getUint16(from + 6, true);
      const valueOffset = from + NODE_BYTES + keyBytes;
      const size = view.getUint32(from, true);
      const flags = view.getUint16(from + 4, true);
      const to = valueOffset + (kind === BRANCH ? 0 : storedBytes(flags, size));
      if (to > this.#pageBytes) throw this.#damage(page, 'a row that is too long');
      const key = new Uint8Array(view.buffer, from + NODE_BYTES, keyBytes);
      const number = kind === BRANCH ? size + flags * 2 ** 32 : size;
      nodes.push({ key, flags, number, valueOffset });
      places.push([from, to]);
    }
    places.sort(([a], [b]) => a - b);
    const overlaps = places.some(([, to], index) => to > (places[index + 1]?.[0] ?? to));
    if (overlaps) throw this.#damage(page, 'a row over another');
    return nodes;
  }

  #checkAfter(key: Uint8Array, page: number): void {
    if (this.#lastKey !== undefined && compareBytes(this.#lastKey, key) >= 0) {
      throw this.#damage(page, 'keys out of order');
    }
  }

  /** Every page is in one place of one tree. */
  #claim(page: number, pages: number): void {
    if (page < 2 || page + pages - 1 > this.#lastPage) {
      throw this.#damage(page, 'there is no such page');
    }
    for (let each = page; each < page + pages; each += 1) {
      const at = Math.floor(each / 8);
      const bits = this.#claimed[at] as number;
      const bit = 1 << (each % 8);
      if ((bits & bit) !== 0) throw this.#damage(each, 'it is in two places');
      this.#claimed[at] = bits | bit;
    }
  }

  async #view(offset: number, length: number): Promise<DataView> {
    this.#reads += 1;
    if (this.#reads % PAGES_A_TURN === 0) await setImmediate();
    const bytes = new Uint8Array(length);
    try {
      // A page lies in the system's memory, mostly: a promise for each would take ten times as long.
      if (readSync(this.#handle.fd, bytes, 0, length, offset) === length) {
        return new DataView(bytes.buffer);
      }
    } catch (error) {
      throw readError(error, { path: this.#file, offset, length });
    }
    throw this.#damage(Math.floor(offset / this.#pageBytes), 'the file ends before it');
  }

  #damage(page: number, reason: string): Error {
    const detail = `page ${page} of ${this.#file}: ${reason}`;
    return storageErrors.create('STORE_CORRUPT', detail, { file: this.#file, page });
  }
}

/** Where the free part of a page begins and ends; all places in a page are counted from its header on. */
function boundsOf(view: DataView): { readonly lower: number; readonly upper: number } {
  return {
    lower: HEADER_BYTES + view.getUint16(LOWER_OFFSET, true),
    upper: HEADER_BYTES + view.getUint16(UPPER_OFFSET, true),
  };
}

/** Bytes of a value in its node: a large one lies on pages of its own, whose place is there. */
function storedBytes(flags: number, length: number): number {
  return (flags & VALUE_IS_LARGE) === 0 ? length : LARGE_VALUE_BYTES;
}

function treeAt(view: DataView, offset: number): Pick<Tree, 'depth' | 'rows' | 'root'> {
  return {
    depth: view.getUint16(offset + 6, true),
    rows: numberAt(view, offset + 32),
    root: numberAt(view, offset + 40),
  };
}

/** 64 bits. What is above 2⁵³ is rounded, and too large for anything that it could be. */
function numberAt(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 2 ** 32;
}
