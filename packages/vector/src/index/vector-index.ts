import { assert, type Clock, type Log, SILENT_LOG, type Threads, turnTaker } from '@lucerna/base';
import type { IndexConfiguration } from '../configuration.ts';
import { vectorErrors } from '../errors.ts';
import type { SegmentOptions } from '../kernel/layout.ts';
import { vectorLimits } from '../limits.ts';
import type { SearchMode, Traversal } from '../metric.ts';
import type { RowSet } from '../row-set.ts';
import { ChangeGate } from './change-gate.ts';
import { EXACT_WORTH, GRAPH_FROM_ROWS } from './cost-model.ts';
import { GraphKeeper } from './graph-keeper.ts';
import { asReported, type Hits } from './hits.ts';
import { type IndexSnapshot, snapshotOf } from './index-snapshot.ts';
import { restoreRows } from './restore-index.ts';
import { RowStore } from './row-store.ts';
import { planSearch, type SearchWish } from './search-plan.ts';
import { SearchThreads, type ThreadSeat } from './search-threads.ts';
import { Searcher } from './searcher.ts';

/** What an index is made with. */
export type VectorIndexOptions = {
  readonly dimension: number;
  readonly index: IndexConfiguration;
  readonly clock: Clock;
  readonly log?: Log | undefined;
  /** Without them every query runs on the caller's thread. Indexes of one port share its threads. */
  readonly threads?: Threads | undefined;
  /** How much one memory may take; default: as much as WebAssembly can address. */
  readonly segmentBytes?: number | undefined;
  /** How many rows `auto` builds a graph from on. */
  readonly graphFromRows?: number | undefined;
  /** An exact search is chosen where it is estimated to take at most so many times as long as a walk. */
  readonly exactWorth?: number | undefined;
  /** How many nanoseconds of work, as estimated, are worth asking other threads. */
  readonly sharedNs?: number | undefined;
  /** A single query that takes longer is answered by another thread, where one has nothing to do. */
  readonly offloadedNs?: number | undefined;
};

/** How a search looks. */
export type SearchOptions = {
  /** How many results of each query, at most. */
  readonly limit: number;
  /** Candidates in the graph, and rows that a binary search reranks; at least `limit`. */
  readonly efSearch: number;
  /** Default: `int8`, whose recall is that of `f32` with as many candidates. */
  readonly traversal?: Traversal | undefined;
  /** Default: the index's own. */
  readonly mode?: SearchMode | undefined;
  /** The rows that may be returned; default: all. Only live ones are returned in any case. */
  readonly allowed?: RowSet | undefined;
};

/** The hits of each query: `queries` holds embeddings, one after the other. */
export type Search = (queries: Float32Array, options: SearchOptions) => Promise<readonly Hits[]>;

export type IndexStatistics = {
  /** Rows that are found. */
  readonly live: number;
  /** Live rows in the graph, and live rows that wait to be put into it; both 0 without a graph. */
  readonly indexed: number;
  readonly waiting: number;
  /** Removed rows whose place is not free yet, and places that are. */
  readonly dead: number;
  readonly free: number;
  readonly memoryBytes: number;
  readonly segments: number;
};

/**
 * Embeddings by row, and the nearest of them to a query. A row is a natural number; rows are dense and
 * used again after they were removed.
 *
 * Changes (`add`, `remove`) are made inside `mutate`, which keeps them apart from searches on other
 * threads. Who looks up what belongs to a row does it inside `reading`, before the rows can change:
 *
 * ```ts
 * const rows = await index.mutate(() => index.add(values, count));
 * const found = await index.reading(async (search) => {
 *   const [hits] = await search(query, { limit: 10, efSearch: 64, allowed: match(index.live) });
 *   return Array.from(hits.rows, (row) => records[row]);
 * });
 * ```
 *
 * Somebody has to call `work` while `hasWork`, from time to time: it builds the graph and frees the
 * places of removed rows. Until then rows that are not in the graph are searched exactly: what a search
 * finds is right at any moment.
 */
export class VectorIndex {
  readonly dimension: number;
  readonly #configuration: IndexConfiguration;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #exactWorth: number;
  readonly #store: RowStore;
  readonly #keeper: GraphKeeper;
  readonly #searcher: Searcher;
  readonly #seat: ThreadSeat | undefined;
  readonly #gate: ChangeGate = new ChangeGate(vectorLimits.values.indexQueue);
  /** How many wait for the index to be settled. */
  #settling = 0;
  #isWorkAsked = false;
  #isClosed = false;

  private constructor(options: VectorIndexOptions) {
    const { dimension, index, clock, log = SILENT_LOG, threads } = options;
    const { graphFromRows = GRAPH_FROM_ROWS } = options;
    this.dimension = dimension;
    this.#configuration = index;
    this.#clock = clock;
    this.#log = log;
    this.#exactWorth = options.exactWorth ?? EXACT_WORTH;
    this.#seat = threads === undefined ? undefined : SearchThreads.join(threads, log);
    this.#store = new RowStore(segmentOptions(options, this.#seat?.threads.size ?? 0));
    const fromRows = index.mode === 'auto' ? graphFromRows : 1;
    this.#keeper = new GraphKeeper(this.#store, clock, fromRows);
    this.#searcher = new Searcher(this.#store, clock, this.#seat, options);
  }

  /** An empty index. It has to be closed. */
  static create(options: VectorIndexOptions): VectorIndex {
    return new VectorIndex(options);
  }

  /** The rows that are found. Not to be changed. */
  get live(): RowSet {
    return this.#store.live;
  }

  /** One more than the highest row in use, or that was. */
  get rows(): number {
    return this.#store.rows;
  }

  /**
   * Takes the memory that `count` more rows need, so that adding them cannot fail: to be called before
   * what cannot be taken back, inside `mutate`. It holds until the next `add`, or until 0 are reserved;
   * meanwhile no memory is given back.
   *
   * @throws `VECTOR_MEMORY_EXHAUSTED`
   */
  reserve(count: number): void {
    this.#store.reserve(count);
  }

  /**
   * Adds `count` embeddings, one after the other in `values`. Places of removed rows are used first.
   * To be called inside `mutate`.
   *
   * @param firstSequence number of the first one among all that were ever added: its place in the
   *   graph follows from it. Default: the index counts itself.
   * @returns their rows
   * @throws `VECTOR_MEMORY_EXHAUSTED`; then nothing has changed
   */
  add(values: Float32Array, count: number, firstSequence?: number): Uint32Array {
    assert(!this.#isClosed, 'the index is open');
    assert(values.length >= count * this.dimension, 'there is an embedding for each row');
    this.#keeper.payDebt(count);
    return this.#store.add(values, count, firstSequence);
  }

  /** Takes a live row out. To be called inside `mutate`. */
  remove(row: number): void {
    this.#store.remove(row);
  }

  /** Copies the embedding of a live row to `target`, as it was given. */
  read(row: number, target: Float32Array, offset: number): void {
    assert(this.#store.live.has(row), 'the row is live');
    this.#store.segmentOf(row).read(this.#store.slotOf(row), target, offset);
  }

  /**
   * The nearest rows of each query. What they stand for is certain only until the next change: see
   * `reading`.
   *
   * @throws `VECTOR_ARGUMENT_INVALID` for a mode that the index does not keep what it needs for
   */
  search(queries: Float32Array, options: SearchOptions): Promise<readonly Hits[]> {
    return this.reading((search) => search(queries, options));
  }

  /**
   * The result of `task`, during which nothing changes: it can rely on what rows mean. It must not wait
   * for `mutate`.
   */
  async reading<T>(task: (search: Search) => T | Promise<T>): Promise<T> {
    // Later, whoever waited for a change is answered although the index is about to be closed.
    assert(!this.#isClosed, 'the index is open');
    return this.#gate.read(() => task(this.#search));
  }

  /** The result of `task`, which may change the index: it runs while nobody searches. */
  mutate<T>(task: () => T): Promise<T> {
    return this.#gate.change(task);
  }

  /** True while `work` has something to do. */
  hasWork(): boolean {
    return !this.#isClosed && this.#keeper.hasWork(this.#settling > 0);
  }

  /** One slice of background work, about ten milliseconds: at once, or when nobody searches any more. */
  work(): void {
    if (this.#isWorkAsked || !this.hasWork()) return;
    if (this.#gate.isFree) {
      this.#keeper.slice(this.#settling > 0);
      return;
    }
    this.#isWorkAsked = true;
    const slice = this.#gate.change(() => {
      this.#isWorkAsked = false;
      if (this.hasWork()) this.#keeper.slice(this.#settling > 0);
    });
    slice.catch((error: unknown) => {
      // Whoever asked for it has gone on.
      this.#log.error('background work has failed', { reason: String(error) });
    });
  }

  /**
   * Resolves when every row is in the graph, where there is one, and no removed row holds a place; an
   * open snapshot delays that. It does the work itself.
   *
   * @param isWanted asked before each piece of work; false: nobody waits any more, and it ends
   */
  async settled(isWanted: () => boolean = () => true): Promise<void> {
    const turn = turnTaker(this.#clock, TURN_MS);
    this.#settling += 1;
    try {
      while (!this.#isClosed && isWanted()) {
        if (this.#store.isPinned) await this.#store.unpinned();
        else if (!this.#keeper.hasWork(true)) return;
        await this.#gate.change(() => {
          if (!this.#isClosed) this.#keeper.slice(true);
        });
        await turn();
      }
    } finally {
      this.#settling -= 1;
    }
  }

  statistics(): IndexStatistics {
    const { live, waiting, dead, freeCount, bytes, segments, options } = this.#store;
    return {
      live: live.size,
      indexed: options.hasGraph ? live.size - waiting.size : 0,
      waiting: waiting.size,
      dead: dead.size,
      free: freeCount,
      memoryBytes: bytes,
      segments: segments.length,
    };
  }

  /**
   * The embeddings of this moment, and the graph. Until it is released, places of removed rows are not
   * used again and no row is put into the graph. Where most places are free, rows get new numbers and
   * the graph is left out.
   */
  snapshot(): IndexSnapshot {
    assert(!this.#isClosed, 'the index is open');
    return snapshotOf(this.#store);
  }

  /**
   * Fills an index that is empty from what a snapshot gave, however it is cut into chunks. After an
   * error the index is good for nothing but to be closed.
   *
   * @throws `VECTOR_SNAPSHOT_CORRUPT`, `VECTOR_FORMAT_UNKNOWN`, `DIMENSION_MISMATCH`
   */
  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    assert(this.#store.rows === 0, 'the index is empty');
    await restoreRows(this.#store, chunks);
  }

  /** Waits for what runs, then gives the memory back. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#gate.change(() => {
      this.#store.clear();
      this.#seat?.threads.leave(this.#seat.index);
    });
  }

  readonly #search: Search = async (queries, options) => {
    assert(queries.length % this.dimension === 0, 'queries have the dimension of the index');
    const found = await this.#searcher.run(queries, planSearch(this.#store, this.#wish(options)));
    return asReported(found, this.#configuration.metric);
  };

  #wish(options: SearchOptions): SearchWish {
    const {
      limit,
      efSearch,
      allowed,
      traversal = 'int8',
      mode = this.#configuration.mode,
    } = options;
    const { results, efSearch: most } = vectorLimits.values;
    const isBounded = limit >= 1 && limit <= results && efSearch >= 1 && efSearch <= most;
    assert(isBounded, 'limit and efSearch are within their limits');
    const { hasGraph, hasBits } = this.#store.options;
    if (mode === 'hnsw' && !hasGraph) throw missing(mode, 'no graph');
    if (mode === 'binary' && !hasBits) throw missing(mode, 'no signs');
    const way = WAYS[mode === 'auto' && !hasGraph ? this.#configuration.mode : mode];
    return { limit, ef: efSearch, traversal, way, allowed, exactWorth: this.#exactWorth };
  }
}

const TURN_MS = 10;

const WAYS = { exact: 'scan', hnsw: 'walk', auto: 'choose', binary: 'binary' } as const;

function missing(mode: SearchMode, what: string): Error {
  return vectorErrors.create('VECTOR_ARGUMENT_INVALID', `the index keeps ${what}`, { mode });
}

function segmentOptions(options: VectorIndexOptions, threads: number): SegmentOptions {
  const { dimension, index, segmentBytes = vectorLimits.values.segmentBytes } = options;
  const { metric, mode, maxNeighbors, efConstruction } = index;
  return {
    dimension,
    metric,
    maxNeighbors,
    efConstruction,
    hasGraph: mode === 'hnsw' || mode === 'auto',
    hasBits: mode === 'binary',
    lanes: threads + 1,
    isShared: threads > 0,
    maxBytes: segmentBytes,
  };
}
