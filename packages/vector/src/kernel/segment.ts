import { assert } from '@lucerna/base';
import { vectorLimits } from '../limits.ts';
import type { Metric, Traversal } from '../metric.ts';
import { GraphTransfer } from './graph-transfer.ts';
import type { SegmentKernel } from './kernel-functions.ts';
import {
  FEATURE_BITS,
  FEATURE_GRAPH,
  FLAG_DEAD,
  FLAG_INDEXED,
  FLAG_LIVE,
  HEADER,
  MAGIC,
  MAX_LEVEL,
  metricOf,
  type SegmentOptions,
  segmentHeader,
} from './layout.ts';
import { hasSegmentKernel, startSegmentKernel } from './segment-kernel.ts';
import {
  attachedMemory,
  createSegmentMemory,
  type Engine,
  growTo,
  type SegmentMemory,
  type SharedSegment,
  sharedSegment,
} from './segment-memory.ts';
import { SegmentView } from './segment-view.ts';

/** Memory grows by this part of the rows that there are, but by one block at least. */
const GROWTH = 1 / 8;

/**
 * Rows of embeddings in one memory, with all that searching them needs: codes, signs, and a graph.
 *
 * A row is *free*, *live*, or *dead*: deleted, but still a node of the graph that others are reached
 * through. `append` and `write` make a row live, `insert` puts it into the graph. `markDead`, then
 * `repair` over all rows, then `release` make it free again; a live row outside the graph is released
 * at once. Only one thread changes a segment, and only while no other one searches it; each thread
 * searches with lanes of its own.
 *
 * ```ts
 * const segment = Segment.create(options);
 * const slot = segment.append(values, 0, 1);
 * segment.setQuery(0, query, 0);
 * segment.scan(0, 10, 0, segment.rows);
 * segment.slots(0); // the nearest first
 * ```
 */
export class Segment {
  readonly dimension: number;
  readonly metric: Metric;
  readonly hasGraph: boolean;
  readonly hasBits: boolean;
  readonly lanes: number;
  /** Rows at most; a multiple of 1,024. */
  readonly capacity: number;
  readonly #memory: SegmentMemory;
  readonly #kernel: SegmentKernel;
  readonly #view: SegmentView;
  readonly #counts: Uint32Array;

  private constructor(memory: SegmentMemory) {
    this.#memory = memory;
    this.#view = new SegmentView(memory.memory);
    const view = this.#view;
    assert(view.word(HEADER.MAGIC) === MAGIC, 'the memory is one of a segment');
    const features = view.word(HEADER.FEATURES);
    this.dimension = view.word(HEADER.DIMENSION);
    this.metric = metricOf(view.word(HEADER.METRIC));
    this.hasGraph = (features & FEATURE_GRAPH) !== 0;
    this.hasBits = (features & FEATURE_BITS) !== 0;
    this.lanes = view.word(HEADER.LANES);
    this.capacity = view.word(HEADER.CAPACITY);
    this.#kernel = startSegmentKernel(memory);
    this.#counts = new Uint32Array(this.lanes);
  }

  /**
   * An empty segment. Where WebAssembly is missing or forbidden, the twin of the kernel in TypeScript
   * computes the same, slower.
   *
   * @param engine for tests; default: the fastest one that there is
   * @throws `VECTOR_MEMORY_EXHAUSTED`
   */
  static create(options: SegmentOptions, engine?: Engine): Segment {
    const header = segmentHeader(options);
    const bytes = header[HEADER.BLOCKS] as number;
    const max = Math.min(options.maxBytes, vectorLimits.values.segmentBytes);
    const chosen = engine ?? (hasSegmentKernel(options.isShared) ? undefined : 'twin');
    const memory = createSegmentMemory(bytes, max, options.isShared, chosen);
    new Uint32Array(memory.memory.buffer).set(header);
    return new Segment(memory);
  }

  /** A segment in a memory in which its header is: see `segmentHeader`. */
  static over(memory: SegmentMemory): Segment {
    return new Segment(memory);
  }

  /** A segment that another thread made to be shared. */
  static attach(shared: SharedSegment): Segment {
    return new Segment(attachedMemory(shared));
  }

  /** What another thread attaches to; to be sent as it is. */
  get shared(): SharedSegment {
    return sharedSegment(this.#memory);
  }

  /** Whether the kernel computes, or its twin. */
  get engine(): Engine {
    return this.#memory.engine;
  }

  /** Bytes of the memory. What no row has used yet most systems do not count. */
  get bytes(): number {
    return this.#memory.memory.buffer.byteLength;
  }

  /** One more than the highest row that was ever used. */
  get rows(): number {
    return this.#view.word(HEADER.ROWS);
  }

  get live(): number {
    return this.#view.word(HEADER.LIVE);
  }

  get dead(): number {
    return this.#view.word(HEADER.DEAD);
  }

  /** Live rows in the graph. */
  get indexed(): number {
    return this.#view.word(HEADER.INDEXED);
  }

  isLive(slot: number): boolean {
    return (this.#flags(slot) & FLAG_LIVE) !== 0;
  }

  isDead(slot: number): boolean {
    return (this.#flags(slot) & FLAG_DEAD) !== 0;
  }

  /** Whether the row is a node of the graph, live or dead. */
  isIndexed(slot: number): boolean {
    return (this.#flags(slot) & FLAG_INDEXED) !== 0;
  }

  /**
   * Makes `count` new rows of the finite values from `offset` on, one embedding after the other.
   *
   * @returns the first of the rows
   * @throws `VECTOR_MEMORY_EXHAUSTED`; then nothing has changed
   */
  append(values: Float32Array, offset: number, count: number): number {
    const first = this.rows;
    assert(first + count <= this.capacity, 'the segment has room for the rows');
    assert(offset + count * this.dimension <= values.length, 'there are values for each row');
    if (count === 0) return first;
    this.#growFor(first + count);
    this.#view.setValues(first, values, offset, count);
    this.#view.fillFlags(first, count, FLAG_LIVE);
    this.#kernel.encode(first, first + count);
    this.#view.setWord(HEADER.ROWS, first + count);
    this.#view.setWord(HEADER.LIVE, this.live + count);
    return first;
  }

  /**
   * Takes the memory that `count` new rows need, so that adding them cannot fail.
   *
   * @throws `VECTOR_MEMORY_EXHAUSTED`
   */
  reserve(count: number): void {
    assert(this.rows + count <= this.capacity, 'the segment has room for the rows');
    this.#growFor(this.rows + count);
  }

  /** Makes a free row live, with the values from `offset` on. */
  write(slot: number, values: Float32Array, offset: number): void {
    assert(this.#flags(slot) === 0, 'the row is free');
    assert(offset + this.dimension <= values.length, 'there are values for the row');
    this.#view.setValues(slot, values, offset, 1);
    this.#view.fillFlags(slot, 1, FLAG_LIVE);
    this.#kernel.encode(slot, slot + 1);
    this.#view.setWord(HEADER.LIVE, this.live + 1);
  }

  /** Copies the values of a row that is not free to `target`, from `offset` on. */
  read(slot: number, target: Float32Array, offset: number): void {
    assert(this.#flags(slot) !== 0, 'the row is not free');
    assert(offset + this.dimension <= target.length, 'there is room for the row');
    this.#view.getValues(slot, target, offset);
  }

  /** Puts a live row into the graph, into its layers 0 … `level`; see `levelOf`. */
  insert(slot: number, level: number): void {
    assert(this.hasGraph, 'the segment has a graph');
    assert(this.#flags(slot) === FLAG_LIVE, 'the row is live and not in the graph');
    assert(level >= 0 && level <= MAX_LEVEL, 'the level is one of the layers');
    this.#kernel.insert(slot, level);
    this.#view.fillFlags(slot, 1, FLAG_LIVE | FLAG_INDEXED);
    this.#view.setWord(HEADER.INDEXED, this.indexed + 1);
  }

  /** Deletes a live row of the graph: searches go through it and do not find it. */
  markDead(slot: number): void {
    assert(this.#flags(slot) === (FLAG_LIVE | FLAG_INDEXED), 'the row is live and in the graph');
    this.#view.fillFlags(slot, 1, FLAG_DEAD | FLAG_INDEXED);
    this.#view.setWord(HEADER.LIVE, this.live - 1);
    this.#view.setWord(HEADER.INDEXED, this.indexed - 1);
    this.#view.setWord(HEADER.DEAD, this.dead + 1);
  }

  /**
   * Replaces the links of the rows `from` … `to` − 1 that lead to dead rows by links to what these led
   * to; those of dead rows are left out. When it has been called for all rows, those that were dead
   * before the first call can be released: nothing leads to them any more, whatever has been inserted or
   * has died between two calls.
   */
  repair(from: number, to: number): void {
    assert(from <= to && to <= this.rows, 'the rows are there');
    if (this.hasGraph) this.#kernel.repair(from, to);
  }

  /** Makes a row free: one that is live and not in the graph, or a dead one that no link leads to. */
  release(slot: number): void {
    const flags = this.#flags(slot);
    assert(flags === FLAG_LIVE || (flags & FLAG_DEAD) !== 0, 'the row is dead or not in the graph');
    if (flags === FLAG_LIVE) {
      this.#view.setWord(HEADER.LIVE, this.live - 1);
    } else {
      this.#kernel.takeLinks(slot);
      this.#view.setWord(HEADER.DEAD, this.dead - 1);
    }
    this.#view.fillFlags(slot, 1, 0);
  }

  /** Prepares the query of a lane: the values from `offset` on. It stays until the next one. */
  setQuery(lane: number, values: Float32Array, offset: number): void {
    assert(offset + this.dimension <= values.length, 'there are values for the query');
    this.#checkLane(lane);
    this.#view.setQuery(lane, values, offset, this.dimension);
    this.#kernel.prepareQuery(lane);
  }

  /**
   * The `k` nearest of the live rows `from` … `to` − 1: exactly those that are first by distance and
   * row, whatever the codes say.
   *
   * @returns how many there are; see `slots` and `distances`
   */
  scan(lane: number, k: number, from: number, to: number): number {
    assert(from >= 0 && from <= to && to <= this.rows, 'the rows are there');
    this.#checkSearch(lane, k);
    return this.#found(lane, this.#kernel.scan(lane, k, from, to));
  }

  /** As `scan`, of the live rows whose bits are set: row r is bit r mod 32 of word `wordOffset` + ⌊r/32⌋. */
  scanFiltered(lane: number, k: number, words: Uint32Array, wordOffset: number): number {
    this.#checkSearch(lane, k);
    const count = this.#setFilter(lane, words, wordOffset);
    return this.#found(lane, this.#kernel.scanFiltered(lane, k, count));
  }

  /**
   * The `k` nearest by their values among the `rerank` nearest by their signs; all live rows, or those
   * of a filter as in `scanFiltered`.
   */
  scanBinary(
    lane: number,
    k: number,
    rerank: number,
    words?: Uint32Array,
    wordOffset: number = 0,
  ): number {
    assert(this.hasBits, 'the segment keeps signs');
    this.#checkSearch(lane, k);
    const most = vectorLimits.values.results;
    const count = words === undefined ? -1 : this.#setFilter(lane, words, wordOffset);
    const candidates = Math.min(most, Math.max(k, rerank));
    return this.#found(lane, this.#kernel.scanBinary(lane, k, candidates, count));
  }

  /**
   * Walks the graph to the `k` nearest live rows, among `ef` candidates; with a filter (as in
   * `scanFiltered`) other rows are walked through, and all candidates are of the filter. Approximate;
   * fewer than `k` may be found, and none where the walk would follow the links of more than `steps` rows
   * (0: any number): where the rows of a filter are far away, it would go through most of the graph.
   */
  walk(
    lane: number,
    k: number,
    ef: number,
    traversal: Traversal,
    words?: Uint32Array,
    wordOffset: number = 0,
    steps: number = 0,
  ): number {
    assert(this.hasGraph, 'the segment has a graph');
    this.#checkSearch(lane, k);
    const wanted = Math.min(vectorLimits.values.efSearch, Math.max(ef, k));
    if (words !== undefined) {
      // What is not in the filter is not allowed, also behind its last word.
      const count = this.#setFilter(lane, words, wordOffset);
      this.#view.clearFilter(lane, count, (this.rows + 31) >>> 5);
    }
    const isInt8 = traversal === 'int8' ? 1 : 0;
    const isFiltered = words === undefined ? 0 : 1;
    return this.#found(lane, this.#kernel.walk(lane, k, wanted, isInt8, isFiltered, steps));
  }

  /** The rows of the last search of a lane, the nearest first. Valid until its next search. */
  slots(lane: number): Uint32Array {
    return this.#view.slots(lane, this.count(lane));
  }

  /**
   * By what they are ordered: the sum of the squared differences, minus the dot product, or 1 − cosine, of
   * 32 bits times a power of two.
   */
  distances(lane: number): Float64Array {
    return this.#view.distances(lane, this.count(lane));
  }

  /** How many rows the last search of a lane has found. */
  count(lane: number): number {
    this.#checkLane(lane);
    return this.#counts[lane] as number;
  }

  /** The row where walks begin; undefined while the graph is empty. */
  get entryPoint(): number | undefined {
    const entry = this.#view.word(HEADER.ENTRY);
    return entry === 0 ? undefined : entry - 1;
  }

  /** Words that `exportGraph` may need. */
  get graphWords(): number {
    return this.#transfer.maxWords;
  }

  /**
   * Writes the place of a row in the graph to `target`: its level, then for each layer from the lowest
   * how many links it has, and these.
   *
   * @returns how many words that are; at most `graphWords`
   */
  exportGraph(slot: number, target: Uint32Array): number {
    assert((this.#flags(slot) & FLAG_INDEXED) !== 0, 'the row is in the graph');
    return this.#transfer.exportRow(slot, target);
  }

  /**
   * Gives a live row that is not in the graph the place that `exportGraph` wrote, from `offset` on. Links
   * to rows that are not live are left out. After the last row `finishImport` has to be called.
   *
   * @returns how many words it has read
   * @throws `VECTOR_SNAPSHOT_CORRUPT` where the words are not the place of a row
   */
  importGraph(slot: number, words: Uint32Array, offset: number = 0): number {
    assert(this.#flags(slot) === FLAG_LIVE, 'the row is live and not in the graph');
    const read = this.#transfer.importRow(slot, words, offset);
    this.#view.fillFlags(slot, 1, FLAG_LIVE | FLAG_INDEXED);
    this.#view.setWord(HEADER.INDEXED, this.indexed + 1);
    return read;
  }

  /** Drops links to rows that were not imported, or not into that layer, and finds the entry point. */
  finishImport(): void {
    this.#transfer.finish();
    this.#kernel.electEntry();
  }

  get #transfer(): GraphTransfer {
    assert(this.hasGraph, 'the segment has a graph');
    return new GraphTransfer(this.#view, this.#kernel);
  }

  #flags(slot: number): number {
    assert(slot >= 0 && slot < this.rows, 'the row is there');
    return this.#view.flags(slot);
  }

  #growFor(rows: number): void {
    const { bytes, view } = { bytes: this.bytes, view: this.#view };
    if (view.bytesFor(rows) <= bytes) return;
    const roomy = Math.min(this.capacity, Math.ceil(rows * (1 + GROWTH)));
    growTo(this.#memory, view.bytesFor(roomy));
    view.refresh();
  }

  #setFilter(lane: number, words: Uint32Array, wordOffset: number): number {
    const from = Math.min(wordOffset, words.length);
    const count = Math.min(words.length - from, (this.rows + 31) >>> 5);
    this.#view.setFilter(lane, words, from, count);
    return count;
  }

  #found(lane: number, count: number): number {
    this.#counts[lane] = count;
    return count;
  }

  #checkLane(lane: number): void {
    assert(lane >= 0 && lane < this.lanes, 'the lane is there');
  }

  #checkSearch(lane: number, k: number): void {
    this.#checkLane(lane);
    assert(k >= 0 && k <= vectorLimits.values.results, 'the results are within their limit');
  }
}
