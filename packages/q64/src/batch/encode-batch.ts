import { isLucernaError } from '@lucerna/base';
import { type ByteSource, bytesOf } from '../byte-source.ts';
import { q64Errors } from '../errors.ts';
import { q64Engine } from '../kernel/chosen-engine.ts';
import { q64Limits } from '../limits.ts';
import type { Q64Stats } from '../q64-stats.ts';
import { throwIfAborted } from './aborted.ts';
import { allocate } from './allocate.ts';
import { BufferPool } from './buffer-pool.ts';
import { EncodedBatch } from './encoded-batch.ts';

/** How a batch is encoded. */
export type EncodeBatchOptions = {
  /** True: the memory of a released batch is used for the next one. Default: false, without `pool`. */
  readonly reuseBuffers?: boolean | undefined;
  /** Where the memory comes from and goes to. Default: a pool of this package. */
  readonly pool?: BufferPool | undefined;
  /** Counts each item as an operation, and the memory of all of them as one result. */
  readonly stats?: Q64Stats | undefined;
  /** Nothing is encoded where it is aborted. */
  readonly signal?: AbortSignal | undefined;
};

/** Batches of one size follow each other as a rule. */
const SHARED_POOL = { maxBuffers: 4, maxBytes: 2 ** 26 };

let sharedPool: BufferPool | undefined;

/**
 * Encodes many embeddings into one piece of memory: one allocation instead of one for each of them, and
 * none with `reuseBuffers` once a batch was released. All are encoded, or none and nothing is kept.
 *
 * ```ts
 * const batch = encodeBatch(embeddings, { reuseBuffers: true });
 * for (const characters of batch) write(characters); // in the order of the list
 * batch.release();
 * ```
 *
 * @throws `Q64_ARGUMENT_INVALID` and `Q64_BUFFER_DETACHED` with the `index` of the item,
 *   `Q64_INPUT_TOO_LARGE` for more items than the limit `batchItems` or than there is memory for, and
 *   what `signal` was aborted with
 */
export function encodeBatch(
  list: readonly ByteSource[],
  options: EncodeBatchOptions = {},
): EncodedBatch {
  if (!Array.isArray(list)) {
    throw q64Errors.create('Q64_ARGUMENT_INVALID', 'a batch is a list of embeddings');
  }
  return encodeItems(list, 0, options);
}

/** The same for a part of a longer list, in which its first item has the number `firstIndex`. */
export function encodeItems(
  list: readonly ByteSource[],
  firstIndex: number,
  options: EncodeBatchOptions,
): EncodedBatch {
  const { signal, stats } = options;
  throwIfAborted(signal);
  const items = itemsOf(list, firstIndex);
  const offsets = new Float64Array(items.length + 1);
  let end = 0;
  for (let index = 0; index < items.length; index += 1) {
    end += 2 * (items[index] as Uint8Array).length;
    offsets[index + 1] = end;
  }
  const pool = poolOf(options);
  const reuses = pool?.stats().reuses;
  const slab = pool === undefined ? allocate(end) : pool.acquire(end);
  const engine = q64Engine();
  for (let index = 0; index < items.length; index += 1) {
    const target = slab.subarray(offsets[index], offsets[index + 1]);
    engine.encode(items[index] as Uint8Array, target, 0);
  }
  const isReused = pool !== undefined && pool.stats().reuses !== reuses;
  stats?.countEncoded(end / 2, end, isReused ? 'reused' : 'allocated', items.length);
  return new EncodedBatch(slab, offsets, pool);
}

function poolOf({ pool, reuseBuffers }: EncodeBatchOptions): BufferPool | undefined {
  if (pool !== undefined || reuseBuffers !== true) return pool;
  sharedPool ??= new BufferPool(SHARED_POOL);
  return sharedPool;
}

/** The bytes of all items, checked before anything is made of them. */
function itemsOf(list: readonly ByteSource[], firstIndex: number): readonly Uint8Array[] {
  const { batchItems } = q64Limits.values;
  if (list.length > batchItems) {
    const detail = `${list.length} items, and a batch has at most ${batchItems}`;
    throw q64Errors.create('Q64_INPUT_TOO_LARGE', detail, { items: list.length });
  }
  const items: Uint8Array[] = [];
  for (let index = 0; index < list.length; index += 1) {
    items.push(itemOf(list[index], firstIndex + index));
  }
  return items;
}

function itemOf(item: ByteSource | undefined, index: number): Uint8Array {
  try {
    return bytesOf(item as ByteSource);
  } catch (error) {
    const isDetached = isLucernaError(error, 'Q64_BUFFER_DETACHED');
    const code = isDetached ? 'Q64_BUFFER_DETACHED' : 'Q64_ARGUMENT_INVALID';
    throw q64Errors.create(code, `item ${index}`, { index }, error);
  }
}
