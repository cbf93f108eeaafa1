import { ChunkReader } from '../collection/chunk-reader.ts';
import { vectorErrors } from '../errors.ts';
import { vectorLimits } from '../limits.ts';
import {
  bitmapWords,
  damagedIndex,
  decodeIndexHeader,
  HEADER_WORDS,
  INDEX_END,
  type IndexHeader,
  ROWS_AT_ONCE,
  WORD_BYTES,
} from './index-chunks.ts';
import type { RowStore } from './row-store.ts';

/** More than any block of a graph has. */
const MOST_BLOCK_WORDS = vectorLimits.values.snapshotChunkBytes / WORD_BYTES;

/**
 * Fills an empty store from the chunks of a snapshot, however they are cut. After an error the store
 * is of no use any more.
 *
 * @throws `VECTOR_SNAPSHOT_CORRUPT`, `VECTOR_FORMAT_UNKNOWN`, `DIMENSION_MISMATCH`
 */
export async function restoreRows(
  store: RowStore,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const source = new ChunkReader(chunks);
  const header = decodeIndexHeader(await readWords(source, HEADER_WORDS));
  const { dimension } = store.options;
  if (header.dimension !== dimension) {
    const fields = { expected: dimension, actual: header.dimension };
    throw vectorErrors.create('DIMENSION_MISMATCH', 'embeddings of a snapshot', fields);
  }
  const bitmap = await readWords(source, bitmapWords(header.rows));
  await restoreEmbeddings(store, header, bitmap, source);
  if (header.hasGraph) await restoreGraph(store, header, source);
  const [end] = await readWords(source, 1);
  if (end !== INDEX_END) throw damagedIndex('it does not end as an index does');
  for await (const rest of source.rest()) {
    if (rest.length > 0) throw damagedIndex('something follows on the embeddings');
  }
}

async function restoreEmbeddings(
  store: RowStore,
  { rows, live, dimension }: IndexHeader,
  bitmap: Uint32Array,
  source: ChunkReader,
): Promise<void> {
  for (let first = 0; first < rows; first += ROWS_AT_ONCE) {
    const count = Math.min(ROWS_AT_ONCE, rows - first);
    const present = Array.from({ length: count }, (_, offset) => isSet(bitmap, first + offset));
    const filled = present.filter((each) => each).length;
    const words = await readWords(source, filled * dimension);
    const values = new Float32Array(words.buffer, words.byteOffset, words.length);
    store.restore(filled === count ? values : spread(values, present, dimension), present);
  }
  if (store.live.size !== live) throw damagedIndex('it has another number of embeddings than said');
}

/** The embeddings with zeros for the rows that have none. */
function spread(
  values: Float32Array,
  present: readonly boolean[],
  dimension: number,
): Float32Array {
  const all = new Float32Array(present.length * dimension);
  let next = 0;
  for (const [row, isPresent] of present.entries()) {
    if (!isPresent) continue;
    all.set(values.subarray(next, next + dimension), row * dimension);
    next += dimension;
  }
  return all;
}

function isSet(bitmap: Uint32Array, row: number): boolean {
  return (((bitmap[row >>> 5] as number) >>> (row & 31)) & 1) === 1;
}

/**
 * Takes the graph over where its rows lie in the same segments as then: the size of a segment depends
 * on the number of threads. Otherwise it is built again. Links to rows that are not there are left out.
 */
async function restoreGraph(
  store: RowStore,
  header: IndexHeader,
  source: ChunkReader,
): Promise<void> {
  const { rows, segmentRows, maxNeighbors } = header;
  if (segmentRows === 0) throw damagedIndex('its segments have no rows');
  const segments = Math.ceil(rows / segmentRows);
  const isSame = segmentRows === store.segmentRows || (segments === 1 && rows <= store.segmentRows);
  const isTaken = store.options.hasGraph && isSame && maxNeighbors === store.options.maxNeighbors;
  for (let segment = 0; segment < segments; segment += 1) {
    for (;;) {
      const [length = 0] = await readWords(source, 1);
      if (length === 0) break;
      if (length > MOST_BLOCK_WORDS) throw damagedIndex('a block of its graph is too large');
      const block = await readWords(source, length);
      restoreBlock(store, segment * segmentRows, block, isTaken);
    }
  }
  if (isTaken) store.finishImport();
}

function restoreBlock(
  store: RowStore,
  firstRow: number,
  block: Uint32Array,
  isTaken: boolean,
): void {
  for (let at = 0; at < block.length; ) {
    const row = firstRow + (block[at] as number);
    const end = at + 2 + (block[at + 1] ?? 0);
    if (end > block.length) throw damagedIndex('a block of its graph ends too soon');
    if (!store.live.has(row)) throw damagedIndex('its graph has a row that is not there');
    if (isTaken && store.waiting.has(row)) store.importGraph(row, block.subarray(at + 2, end));
    at = end;
  }
}

async function readWords(source: ChunkReader, count: number): Promise<Uint32Array> {
  const bytes = await source.read(count * WORD_BYTES);
  const isAligned = bytes.byteOffset % WORD_BYTES === 0;
  const { buffer, byteOffset } = isAligned ? bytes : bytes.slice();
  return new Uint32Array(buffer, byteOffset, count);
}
