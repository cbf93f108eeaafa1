import { assert } from '@lucerna/base';
import type { Hits } from './hits.ts';

/** How large a job is, `count` queries; with its memory, all that another thread needs to take part. */
export type JobShape = {
  readonly count: number;
  readonly dimension: number;
  /** Results of one query, at most. */
  readonly limit: number;
  /** Length of the masks; 0: there is none. */
  readonly allowedWords: number;
  readonly waitingWords: number;
};

/** A query that nobody has taken yet, and one that is answered. Between: the lane of who took it, + 1. */
const OPEN = 0;
const ANSWERED = -1;

/**
 * Queries that several threads answer together, in memory that they share. Each takes one after the
 * other; a query is answered once, by whoever took it, unless that thread is gone.
 */
export class SearchJob {
  readonly shape: JobShape;
  readonly buffer: ArrayBufferLike;
  readonly queries: Float32Array;
  readonly allowed: Uint32Array | undefined;
  readonly waiting: Uint32Array | undefined;
  /** By query: OPEN, ANSWERED, or who took it. */
  readonly #states: Int32Array;
  readonly #counts: Uint32Array;
  readonly #rows: Uint32Array;
  readonly #distances: Float64Array;
  /** All queries before it are taken, seen from this thread. */
  #cursor = 0;

  /** The job in a memory of at least `jobBytes`; a new one is all zeros. */
  constructor(shape: JobShape, buffer: ArrayBufferLike) {
    assert(buffer.byteLength >= jobBytes(shape), 'the memory is as large as the job');
    this.shape = shape;
    this.buffer = buffer;
    let offset = 0;
    const next = (words: number): [ArrayBufferLike, number, number] => {
      const start = offset;
      offset += words * WORD_BYTES;
      return [buffer, start, words];
    };
    const { count, dimension, limit, allowedWords, waitingWords } = shape;
    this.#states = new Int32Array(...next(count));
    this.#counts = new Uint32Array(...next(count));
    // Behind an even number of words.
    const [, start] = next(2 * count * limit);
    this.#distances = new Float64Array(buffer, start, count * limit);
    this.queries = new Float32Array(...next(count * dimension));
    this.#rows = new Uint32Array(...next(count * limit));
    const allowed = new Uint32Array(...next(allowedWords));
    const waiting = new Uint32Array(...next(waitingWords));
    this.allowed = allowedWords > 0 ? allowed : undefined;
    this.waiting = waitingWords > 0 ? waiting : undefined;
  }

  /** Takes the next query that nobody has; undefined when there is none. */
  take(lane: number): number | undefined {
    for (; this.#cursor < this.shape.count; this.#cursor += 1) {
      const taken = Atomics.compareExchange(this.#states, this.#cursor, OPEN, lane + 1);
      if (taken === OPEN) return this.#cursor;
    }
    return undefined;
  }

  /** Takes over a query that `from` had taken and will not answer any more. */
  takeOver(from: number, lane: number): number | undefined {
    for (let query = 0; query < this.shape.count; query += 1) {
      const taken = Atomics.compareExchange(this.#states, query, from + 1, lane + 1);
      if (taken === from + 1) return query;
    }
    return undefined;
  }

  /** Stores the answer to a query that the caller has taken. */
  answer(query: number, hits: Hits): void {
    const count = hits.rows.length;
    assert(count <= this.shape.limit, 'a query has no more results than asked for');
    this.#rows.set(hits.rows, query * this.shape.limit);
    this.#distances.set(hits.distances, query * this.shape.limit);
    this.#counts[query] = count;
    // Last: whoever sees it sees the rest.
    Atomics.store(this.#states, query, ANSWERED);
  }

  /** Whether all queries are answered. */
  get isDone(): boolean {
    for (let query = 0; query < this.shape.count; query += 1) {
      if (Atomics.load(this.#states, query) !== ANSWERED) return false;
    }
    return true;
  }

  /** The answer to a query, in arrays of the caller's own. */
  hits(query: number): Hits {
    const start = query * this.shape.limit;
    const end = start + (this.#counts[query] as number);
    return { rows: this.#rows.slice(start, end), distances: this.#distances.slice(start, end) };
  }
}

const WORD_BYTES = 4;

/** How much memory a job takes. */
export function jobBytes(shape: JobShape): number {
  return shape.count * queryBytes(shape) + (shape.allowedWords + shape.waitingWords) * WORD_BYTES;
}

/** What each query of it takes. */
export function queryBytes(shape: Pick<JobShape, 'dimension' | 'limit'>): number {
  return (2 + shape.dimension + 3 * shape.limit) * WORD_BYTES;
}
