import { type Clock, type Progress, turnTaker } from '@lucerna/base';
import type { ByteSource } from '../byte-source.ts';
import { q64Limits } from '../limits.ts';
import type { Q64Stats } from '../q64-stats.ts';
import { areAsync, type Parts } from '../stream/parts.ts';
import { throwIfAborted } from './aborted.ts';
import { BufferPool } from './buffer-pool.ts';
import { encodeItems } from './encode-batch.ts';
import type { EncodedBatch } from './encoded-batch.ts';
import { wholeNumber } from './whole-number.ts';

/** How batches of any number of items are encoded. */
export type BatchProcessorOptions = {
  /** Items that are encoded at a time. Default: 10,000. */
  readonly chunkSize?: number | undefined;
  /** Lets everything else of the process have its turn between two chunks. Without it nothing has. */
  readonly clock?: Clock | undefined;
  /** True: each chunk's results hold until the next ones are asked for. Default: false. */
  readonly reuseBuffers?: boolean | undefined;
  /** Counts as `encodeBatch` does. */
  readonly stats?: Q64Stats | undefined;
};

/** What one run of a `BatchProcessor` can be asked besides. */
export type ProcessOptions = {
  /** Ends the run before the next item or chunk. */
  readonly signal?: AbortSignal | undefined;
  /** Told after each chunk how many items are encoded, of how many where the list says so. */
  readonly progress?: Progress | undefined;
};

type EncodedBatches = AsyncGenerator<EncodedBatch, void, undefined>;

const DEFAULT_ITEMS = 10_000;

/** For runs at the same time, and a last chunk of another size. */
const KEPT_BUFFERS = 4;

/** How long the thread may be busy before others have their turn. */
const TURN_MS = 10;

/** Encodes lists of any length a chunk at a time; no more than one chunk of them is in memory. */
export class BatchProcessor {
  readonly chunkSize: number;
  readonly #clock: Clock | undefined;
  /** Where the memory of the chunks comes from, if it is used again. */
  readonly #pool: BufferPool | undefined;
  readonly #stats: Q64Stats | undefined;

  /** @throws `Q64_ARGUMENT_INVALID` for a `chunkSize` that is not from 1 to the limit `batchItems` */
  constructor(options: BatchProcessorOptions = {}) {
    const { chunkSize = DEFAULT_ITEMS, clock, reuseBuffers = false, stats } = options;
    this.chunkSize = wholeNumber('chunkSize', chunkSize, 1, q64Limits.values.batchItems);
    this.#clock = clock;
    this.#pool = reuseBuffers ? new BufferPool({ maxBuffers: KEPT_BUFFERS }) : undefined;
    this.#stats = stats;
  }

  /**
   * Encodes the items of `list`, in order, a chunk each time that its reader asks for one.
   *
   * ```ts
   * for await (const batch of processor.process(embeddings, { signal })) store(batch);
   * ```
   *
   * @throws as `encodeBatch`, with the `index` of an item in the whole list; what `signal` was aborted
   *   with; what `list` throws
   */
  readonly process: (list: Parts<ByteSource>, options?: ProcessOptions) => EncodedBatches = (
    list,
    options,
  ) => this.#encode(list, options ?? {});

  async *#encode(list: Parts<ByteSource>, options: ProcessOptions): EncodedBatches {
    const { signal, progress } = options;
    const total = Array.isArray(list) ? list.length : undefined;
    const takeTurn = turnTaker(this.#clock, TURN_MS);
    let done = 0;
    for await (const chunk of chunksOf(list, this.chunkSize, signal)) {
      await takeTurn();
      const batch = encodeItems(chunk, done, { pool: this.#pool, stats: this.#stats, signal });
      done += batch.length;
      progress?.(done, total);
      yield batch;
      if (this.#pool !== undefined && !batch.isReleased) batch.release();
    }
  }
}

/** The items in lists of `length`, the last one shorter. Waits only for a list that has to be waited for. */
async function* chunksOf(
  list: Parts<ByteSource>,
  length: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly ByteSource[], void, undefined> {
  throwIfAborted(signal);
  if (!areAsync(list)) {
    yield* syncChunksOf(list, length);
    return;
  }
  let chunk: ByteSource[] = [];
  for await (const item of list) {
    throwIfAborted(signal);
    if (chunk.push(item) < length) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function* syncChunksOf(
  list: Iterable<ByteSource>,
  length: number,
): Generator<readonly ByteSource[], void, undefined> {
  let chunk: ByteSource[] = [];
  for (const item of list) {
    if (chunk.push(item) < length) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
