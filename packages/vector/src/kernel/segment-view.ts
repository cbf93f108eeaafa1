import { assert } from '@lucerna/base';
import type { ImportedMemory } from '@lucerna/wasm';
import { HEADER, QUERY_UNIT_IN_LANE, ROW_UNIT_IN_LANE } from './layout.ts';

/** Where things are in the memory of a segment, seen from outside of the kernel. */
export class SegmentView {
  readonly #memory: ImportedMemory;
  #bytes: Uint8Array;
  #words: Uint32Array;
  #values: Float32Array;
  // What never changes of the header and is asked for often.
  readonly #dimension: number;
  readonly #valueStride: number;
  readonly #blocks: number;
  readonly #blockBytes: number;
  readonly #blockShift: number;
  readonly #flagsInBlock: number;

  constructor(memory: ImportedMemory) {
    this.#memory = memory;
    const { buffer } = memory;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#values = new Float32Array(buffer);
    this.#dimension = this.word(HEADER.DIMENSION);
    this.#valueStride = this.word(HEADER.VALUE_STRIDE);
    this.#blocks = this.word(HEADER.BLOCKS);
    this.#blockBytes = this.word(HEADER.BLOCK_BYTES);
    this.#blockShift = this.word(HEADER.BLOCK_SHIFT);
    this.#flagsInBlock = this.word(HEADER.FLAGS_IN_BLOCK);
  }

  /** Takes notice of growth, on whichever thread it happened. */
  refresh(): void {
    const { buffer } = this.#memory;
    if (buffer === this.#bytes.buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#values = new Float32Array(buffer);
  }

  /** A word of the header. */
  word(field: number): number {
    return this.#words[field] as number;
  }

  setWord(field: number, value: number): void {
    this.#words[field] = value;
  }

  /** A word anywhere; `address` is a multiple of 4. */
  wordAt(address: number): number {
    return this.#words[address >>> 2] as number;
  }

  setWordAt(address: number, value: number): void {
    this.#words[address >>> 2] = value;
  }

  byteAt(address: number): number {
    return this.#bytes[address] as number;
  }

  /** Bytes of a memory with so many rows. */
  bytesFor(rows: number): number {
    return this.#blocks + Math.ceil(rows / 2 ** this.#blockShift) * this.#blockBytes;
  }

  flags(slot: number): number {
    const address = this.#flagsAt(slot);
    if (address >= this.#bytes.length) this.refresh();
    return this.byteAt(address);
  }

  fillFlags(slot: number, count: number, flags: number): void {
    for (let index = slot; index < slot + count; index += 1) {
      this.#bytes[this.#flagsAt(index)] = flags;
    }
  }

  /** Where what has `stride` bytes a row and begins at `start` of a block is of a row. */
  placeOf(slot: number, start: number, stride: number): number {
    return this.#blockAt(slot) + start + (slot & (2 ** this.#blockShift - 1)) * stride;
  }

  setValues(slot: number, values: Float32Array, offset: number, count: number): void {
    const dimension = this.#dimension;
    const stride = this.#valueStride;
    const isDense = stride === dimension * 4;
    const blockRows = 2 ** this.#blockShift;
    for (let done = 0; done < count; ) {
      const row = slot + done;
      const rows = isDense ? Math.min(count - done, blockRows - (row & (blockRows - 1))) : 1;
      const from = offset + done * dimension;
      const isWhole = from === 0 && rows * dimension === values.length;
      const source = isWhole ? values : values.subarray(from, from + rows * dimension);
      this.#values.set(source, this.placeOf(row, 0, stride) >>> 2);
      done += rows;
    }
  }

  getValues(slot: number, target: Float32Array, offset: number): void {
    const start = this.placeOf(slot, 0, this.#valueStride) >>> 2;
    const source = this.#values.subarray(start, start + this.#dimension);
    assert(source.length === this.#dimension, 'the row is in the memory');
    target.set(source, offset);
  }

  setQuery(lane: number, values: Float32Array, offset: number, count: number): void {
    const isWhole = offset === 0 && values.length === count;
    const source = isWhole ? values : values.subarray(offset, offset + count);
    this.#values.set(source, this.#inLane(lane, HEADER.QUERY_VALUES_IN_LANE) >>> 2);
  }

  setFilter(lane: number, words: Uint32Array, from: number, count: number): void {
    const start = this.#inLane(lane, HEADER.FILTER_IN_LANE) >>> 2;
    this.#words.set(words.subarray(from, from + count), start);
  }

  /** Empties the words `from` … `to` − 1 of the filter. */
  clearFilter(lane: number, from: number, to: number): void {
    const start = this.#inLane(lane, HEADER.FILTER_IN_LANE) >>> 2;
    if (from < to) this.#words.fill(0, start + from, start + to);
  }

  slots(lane: number, count: number): Uint32Array {
    const start = this.#inLane(lane, HEADER.SLOTS_IN_LANE) >>> 2;
    return this.#words.subarray(start, start + count);
  }

  /** As they are by the embeddings that were given; see `ROW_UNIT_IN_LANE`. */
  distances(lane: number, count: number): Float64Array {
    const start = this.#inLane(lane, HEADER.DISTANCES_IN_LANE) >>> 2;
    const distances = Float64Array.from(this.#values.subarray(start, start + count));
    const terms = this.#laneAt(lane) >>> 2;
    const rows = this.#values[terms + ROW_UNIT_IN_LANE / 4] as number;
    const query = this.#values[terms + QUERY_UNIT_IN_LANE / 4] as number;
    const unit = rows * query;
    if (unit !== 1)
      for (let i = 0; i < count; i += 1) distances[i] = (distances[i] as number) / unit;
    return distances;
  }

  #inLane(lane: number, field: number): number {
    return this.#laneAt(lane) + this.word(field);
  }

  #laneAt(lane: number): number {
    return this.word(HEADER.LANES_START) + lane * this.word(HEADER.LANE_BYTES);
  }

  #blockAt(slot: number): number {
    return this.#blocks + (slot >>> this.#blockShift) * this.#blockBytes;
  }

  #flagsAt(slot: number): number {
    return this.placeOf(slot, this.#flagsInBlock, 1);
  }
}
