import { vectorLimits } from '../limits.ts';
import { RowSet } from '../row-set.ts';
import { bitmapWords, encodeIndexHeader, INDEX_END, WORD_BYTES } from './index-chunks.ts';
import type { RowStore } from './row-store.ts';

/** The embeddings of one moment, as bytes. Has to be released. */
export type IndexSnapshot = {
  /** How many rows it holds. */
  readonly rows: number;
  /**
   * Where the rows are renumbered in it, because most of them are free: row i of the snapshot is row
   * `renumbered[i]` of the index.
   */
  readonly renumbered: Uint32Array | undefined;
  /** Made one after the other, at most 1 MiB each; valid until the next one is asked for. */
  readonly chunks: () => Iterable<Uint8Array>;
  /** Gives up the claim to the places of rows that were removed meanwhile. */
  readonly release: () => void;
};

const CHUNK_WORDS = vectorLimits.values.snapshotChunkBytes / WORD_BYTES;
const GRAPH_BLOCK_WORDS = CHUNK_WORDS / 8;
const NO_ROW = 0xffff_ffff;
/** Fewer places than that are not worth new numbers. */
const RENUMBERED_ROWS = 1_024;

/**
 * The rows of a store that are live now. Until it is released no place of a row that is removed is used
 * again and the graph stays as it is, so that the chunks are those of this moment whenever they are made.
 */
export function snapshotOf(store: RowStore): IndexSnapshot {
  const live = store.live.clone();
  const isSparse = store.rows >= RENUMBERED_ROWS && live.size * 2 < store.rows;
  const renumbered = isSparse ? Uint32Array.from(live.rows()) : undefined;
  const release = store.pin();
  return {
    rows: live.size,
    renumbered,
    chunks: () => packed(piecesOf(store, live, renumbered)),
    release,
  };
}

/**
 * The words of a snapshot, in pieces. Each is valid until the next one is asked for.
 *
 * @param renumbered the rows in the order of their new numbers, where they have new ones
 */
function* piecesOf(
  store: RowStore,
  live: RowSet,
  renumbered: Uint32Array | undefined,
): Generator<Uint32Array> {
  const { dimension, maxNeighbors } = store.options;
  const bitmap = renumbered === undefined ? live : allRows(live.size);
  // New numbers may bring rows into one segment that no link connects.
  const keepsGraph = renumbered === undefined || store.segments.length === 1;
  const indexed = keepsGraph ? indexedRows(store, live) : [];
  const rows = lastRow(bitmap) + 1;
  const hasGraph = indexed.some(({ length }) => length > 0);
  const { segmentRows } = store;
  const size = live.size;
  yield encodeIndexHeader({ dimension, rows, live: size, hasGraph, maxNeighbors, segmentRows });
  yield bitmap.words.slice(0, bitmapWords(rows));
  yield* embeddings(store, live);
  const numbers = renumbered === undefined ? undefined : inverse(renumbered, store.rows);
  if (hasGraph) for (const slots of indexed) yield* graph(store, slots, numbers);
  yield Uint32Array.of(INDEX_END);
}

function* embeddings(store: RowStore, live: RowSet): Generator<Uint32Array> {
  const { dimension } = store.options;
  const values = new Float32Array(Math.floor(CHUNK_WORDS / dimension) * dimension);
  let used = 0;
  for (const row of live.rows()) {
    store.segmentOf(row).read(store.slotOf(row), values, used);
    used += dimension;
    if (used < values.length) continue;
    yield new Uint32Array(values.buffer);
    used = 0;
  }
  yield new Uint32Array(values.buffer, 0, used);
}

/**
 * The graph of one segment, in blocks: how many words a block has, then of each of its rows its slot,
 * how many words follow, and these. A block without words is the last.
 */
function* graph(
  store: RowStore,
  rows: readonly number[],
  numbers: Uint32Array | undefined,
): Generator<Uint32Array> {
  const block = new Uint32Array(1 + GRAPH_BLOCK_WORDS);
  let used = 0;
  for (const row of rows) {
    const segment = store.segmentOf(row);
    if (used + 2 + segment.graphWords > GRAPH_BLOCK_WORDS) {
      block[0] = used;
      yield block.subarray(0, 1 + used);
      used = 0;
    }
    const slot = store.slotOf(row);
    const links = block.subarray(3 + used);
    const words = segment.exportGraph(slot, links);
    if (numbers !== undefined) renumberLinks(links, words, numbers);
    block[1 + used] = numbers?.[slot] ?? slot;
    block[2 + used] = words;
    used += 2 + words;
  }
  block[0] = used;
  yield block.subarray(0, 1 + used);
  if (used > 0) yield Uint32Array.of(0);
}

/**
 * Gives the rows new numbers in what `exportGraph` wrote: the level, then of each layer the number of
 * links and these. Links to rows that are gone become links to none.
 */
function renumberLinks(words: Uint32Array, length: number, numbers: Uint32Array): void {
  for (let at = 1; at < length; ) {
    const end = at + 1 + (words[at] as number);
    for (let link = at + 1; link < end; link += 1) {
      words[link] = numbers[words[link] as number] as number;
    }
    at = end;
  }
}

/** By row its new number; of others one that no row has. */
function inverse(renumbered: Uint32Array, rows: number): Uint32Array {
  const numbers = new Uint32Array(rows).fill(NO_ROW);
  for (const [number, row] of renumbered.entries()) numbers[row] = number;
  return numbers;
}

/** Cut and joined into chunks of bytes. */
function* packed(pieces: Iterable<Uint32Array>): Generator<Uint8Array> {
  const chunk = new Uint32Array(CHUNK_WORDS);
  const bytes = new Uint8Array(chunk.buffer);
  let used = 0;
  for (const piece of pieces) {
    for (let start = 0; start < piece.length; ) {
      const part = piece.subarray(start, start + CHUNK_WORDS - used);
      chunk.set(part, used);
      used += part.length;
      start += part.length;
      if (used < CHUNK_WORDS) continue;
      yield bytes;
      used = 0;
    }
  }
  if (used > 0) yield bytes.subarray(0, used * WORD_BYTES);
}

/** By segment, the rows of a moment that are in its graph, whether or not they have been removed since. */
function indexedRows(store: RowStore, live: RowSet): readonly (readonly number[])[] {
  const rows = store.segments.map((): number[] => []);
  if (!store.options.hasGraph) return rows;
  for (const row of live.rows()) {
    const isIndexed = store.segmentOf(row).isIndexed(store.slotOf(row));
    if (isIndexed) rows[Math.floor(row / store.segmentRows)]?.push(row);
  }
  return rows;
}

function allRows(count: number): RowSet {
  const rows = new RowSet(count);
  for (let row = 0; row < count; row += 1) rows.add(row);
  return rows;
}

/** The highest row of a set; −1 where it is empty. */
function lastRow({ words }: RowSet): number {
  let index = words.length - 1;
  while (index >= 0 && words[index] === 0) index -= 1;
  return index < 0 ? -1 : index * 32 + 31 - Math.clz32(words[index] as number);
}
