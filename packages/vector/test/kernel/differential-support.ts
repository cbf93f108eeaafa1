import { seededRandom } from '@lucerna/base';
import { expect } from 'vitest';
import {
  FLAG_DEAD,
  FLAG_INDEXED,
  FLAG_LIVE,
  HEADER,
  type SegmentOptions,
  segmentHeader,
} from '../../src/kernel/layout.ts';
import { Segment } from '../../src/kernel/segment.ts';
import { createSegmentMemory, type SegmentMemory } from '../../src/kernel/segment-memory.ts';

/** What embeddings are like. */
export type Shape = 'plain' | 'grid' | 'huge' | 'tiny' | 'mixed';

export const SHAPES: readonly Shape[] = ['plain', 'grid', 'huge', 'tiny', 'mixed'];

/** Finite embeddings, the same for the same seed; a few of them are zero or like the one before. */
export function embeddingsOf(
  count: number,
  dimension: number,
  shape: Shape,
  seed: number,
): Float32Array {
  const random = seededRandom(seed);
  const values = new Float32Array(count * dimension);
  for (let row = 0; row < count; row += 1) {
    const kind = random.below(16);
    const start = row * dimension;
    if (kind === 0) continue;
    if (kind === 1 && row > 0) {
      values.copyWithin(start, start - dimension, start);
      continue;
    }
    for (let index = start; index < start + dimension; index += 1) {
      const unit = random.below(2 ** 24) / 2 ** 23 - 1;
      values[index] = scaled(unit, shape, random.below(4), kind);
    }
  }
  return values;
}

function scaled(unit: number, shape: Shape, choice: number, kind: number): number {
  switch (shape) {
    case 'plain':
      return unit;
    case 'grid':
      return Math.round(unit * 2);
    case 'huge':
      return unit * 3.4e38;
    case 'tiny':
      // Down to numbers that f32 holds with few digits.
      return unit * 1e-42;
    case 'mixed':
      // Rows of very different lengths, with values of very different sizes.
      return unit * 10 ** (kind * 5 - 40) * 10 ** -choice;
  }
}

/** Two segments that are told the same: one of the kernel, one of its twin. */
export class SegmentPair {
  readonly options: SegmentOptions;
  readonly kernel: Segment;
  readonly twin: Segment;
  readonly #memories: readonly [SegmentMemory, SegmentMemory];

  constructor(options: SegmentOptions) {
    this.options = options;
    this.#memories = [memoryOf('base-kernel', options), memoryOf('twin', options)];
    const [kernel, twin] = this.#memories;
    this.kernel = Segment.over(kernel);
    this.twin = Segment.over(twin);
  }

  /** Does the same to both, and expects that they give and hold the same. */
  both<Result>(task: (segment: Segment) => Result): Result {
    const expected = task(this.kernel);
    expect(task(this.twin)).toStrictEqual(expected);
    this.expectSameMemory();
    return expected;
  }

  /** Compares a search, its results, and all that it has written. */
  search(lane: number, task: (segment: Segment) => number): Uint32Array {
    return this.both((segment) => {
      const count = task(segment);
      expect(segment.count(lane)).toBe(count);
      return { slots: segment.slots(lane).slice(), distances: segment.distances(lane).slice() };
    }).slots;
  }

  /** Every byte: header, lanes with their scratch space, rows. */
  expectSameMemory(): void {
    const [expected, actual] = this.#memories.map(({ memory }) => Buffer.from(memory.buffer));
    if (expected!.equals(actual!)) return;
    expect(actual!.length).toBe(expected!.length);
    const address = expected!.findIndex((byte, index) => byte !== actual![index]);
    expect.fail(`the memories differ at ${this.#place(address)}`);
  }

  /** Rows with these flags. */
  rowsWith(flags: number): number[] {
    const rows = Array.from({ length: this.kernel.rows }, (_, slot) => slot);
    return rows.filter((slot) => flagsOf(this.kernel, slot) === flags);
  }

  get free(): number[] {
    return this.rowsWith(0);
  }

  get waiting(): number[] {
    return this.rowsWith(FLAG_LIVE);
  }

  get indexed(): number[] {
    return this.rowsWith(FLAG_LIVE | FLAG_INDEXED);
  }

  get dead(): number[] {
    return this.rowsWith(FLAG_DEAD | FLAG_INDEXED);
  }

  /** Where an address is, for who looks for the mistake. */
  #place(address: number): string {
    const words = new Uint32Array(this.#memories[0].memory.buffer);
    const blocks = words[HEADER.BLOCKS]!;
    const lanes = words[HEADER.LANES_START]!;
    if (address < lanes) return `word ${address >>> 2} of the header`;
    if (address >= blocks) {
      const blockBytes = words[HEADER.BLOCK_BYTES]!;
      const inBlock = (address - blocks) % blockBytes;
      return `byte ${inBlock} of block ${Math.floor((address - blocks) / blockBytes)}`;
    }
    const laneBytes = words[HEADER.LANE_BYTES]!;
    const inLane = (address - lanes) % laneBytes;
    return `byte ${inLane} of lane ${Math.floor((address - lanes) / laneBytes)}`;
  }
}

function flagsOf(segment: Segment, slot: number): number {
  return (
    (segment.isLive(slot) ? FLAG_LIVE : 0) |
    (segment.isDead(slot) ? FLAG_DEAD : 0) |
    (segment.isIndexed(slot) ? FLAG_INDEXED : 0)
  );
}

/** An empty segment's memory, whose owner can look into it. */
function memoryOf(engine: 'base-kernel' | 'twin', options: SegmentOptions): SegmentMemory {
  const header = segmentHeader(options);
  const { maxBytes, isShared } = options;
  const memory = createSegmentMemory(header[HEADER.BLOCKS]!, maxBytes, isShared, engine);
  new Uint32Array(memory.memory.buffer).set(header);
  return memory;
}
