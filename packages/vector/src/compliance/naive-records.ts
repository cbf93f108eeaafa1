import { type SeededRandom, seededRandom } from '@lucerna/base';
import type { Metric } from '../metric.ts';
import type { RecordBatch } from '../record.ts';

/** Records in a map, searched one by one: what a collection has to agree with. */
export class NaiveRecords {
  readonly #metric: Metric;
  readonly #records = new Map<string, { embedding: Float32Array; document: string | undefined }>();

  constructor(metric: Metric) {
    this.#metric = metric;
  }

  ids(): string[] {
    return [...this.#records.keys()];
  }

  embedding(id: string): Float32Array | undefined {
    return this.#records.get(id)?.embedding;
  }

  document(id: string): string | undefined {
    return this.#records.get(id)?.document;
  }

  /** @returns how many were new; those that are there stay as they are */
  add(batch: RecordBatch): number {
    return this.#put(batch, (id) => !this.#records.has(id));
  }

  /** @returns how many were new */
  upsert(batch: RecordBatch): number {
    return this.#put(batch, () => true);
  }

  /** @returns how many there were */
  delete(ids: readonly string[]): number {
    return ids.filter((id) => this.#records.delete(id)).length;
  }

  /** The nearest records, best first. */
  nearest(
    query: Float32Array,
    limit: number,
  ): { readonly id: string; readonly distance: number }[] {
    return [...this.#records]
      .map(([id, { embedding }]) => ({ id, distance: distance(this.#metric, query, embedding) }))
      .sort((left, right) => left.distance - right.distance)
      .slice(0, limit);
  }

  #put(
    { ids, embeddings, dimension = 0, documents }: RecordBatch,
    wanted: (id: string) => boolean,
  ) {
    let added = 0;
    ids.forEach((id, index) => {
      if (!wanted(id)) return;
      const old = this.#records.get(id);
      if (old === undefined) added += 1;
      this.#records.set(id, {
        embedding: (embeddings as Float32Array).slice(index * dimension, (index + 1) * dimension),
        document: documents?.[index] ?? old?.document,
      });
    });
    return added;
  }
}

function distance(metric: Metric, left: Float32Array, right: Float32Array): number {
  let dot = 0;
  let squares = 0;
  let lengths = [0, 0] as [number, number];
  for (let index = 0; index < left.length; index += 1) {
    const [one, other] = [left[index] as number, right[index] as number];
    dot += one * other;
    squares += (one - other) ** 2;
    lengths = [lengths[0] + one * one, lengths[1] + other * other];
  }
  if (metric === 'l2') return squares;
  if (metric === 'ip') return 1 - dot;
  const product = Math.sqrt(lengths[0]) * Math.sqrt(lengths[1]);
  return product === 0 ? 1 : 1 - dot / product;
}

/** Values between −1 and 1, the same for the same seed. */
export function randomValues(count: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => random.below(2 ** 24) / 2 ** 23 - 1);
}

/** Up to `most` records with ids of a small set, embeddings of four values, and some documents. */
export function randomBatch(random: SeededRandom, most: number): RecordBatch {
  const ids = new Set<string>();
  const count = 1 + random.below(most);
  while (ids.size < count) ids.add(`id-${random.below(3 * most)}`);
  return {
    ids: [...ids],
    embeddings: randomValues(4 * ids.size, random.below(1_000_000)),
    dimension: 4,
    documents: [...ids].map((id) =>
      random.below(2) === 0 ? `${id} ${random.below(99)}` : undefined,
    ),
  };
}

/** Which part of the expected results was found. */
export function recall(
  found: readonly (readonly string[])[],
  expected: readonly (readonly string[])[],
): number {
  let hits = 0;
  let total = 0;
  expected.forEach((ids, index) => {
    hits += ids.filter((id) => found[index]?.includes(id)).length;
    total += ids.length;
  });
  return hits / total;
}
