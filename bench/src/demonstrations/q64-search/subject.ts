import { quantiseInt8 } from '@lucerna/q64';
import { wordEmbeddings } from '../../suites/vector/embeddings.ts';
import { bestRows, NEAREST } from './ranking.ts';

/** The embeddings of the demonstration, and what is true of them. */
export type Subject = {
  readonly name: string;
  /** Each row as bytes, 128 being 0. */
  readonly rows: readonly Uint8Array[];
  readonly queries: readonly Uint8Array[];
  /** The ten rows with the highest cosines for each query, by the values before they were quantised. */
  readonly nearest: readonly ReadonlySet<number>[];
};

export type SubjectOptions = {
  readonly quick: boolean;
  readonly rows: number;
  readonly queries: number;
};

export async function makeSubject(options: SubjectOptions): Promise<Subject> {
  const embeddings = await wordEmbeddings(options.rows, options.quick);
  const { dimension, name } = embeddings;
  const queries = embeddings.queries.subarray(0, options.queries * dimension);
  const nearest: ReadonlySet<number>[] = [];
  const scores = new Float32Array(embeddings.rows);
  for (let start = 0; start < queries.length; start += dimension) {
    writeProducts(embeddings.values, queries.subarray(start, start + dimension), scores);
    nearest.push(new Set(bestRows(scores, NEAREST)));
  }
  return {
    name,
    rows: quantised(embeddings.values, dimension),
    queries: quantised(queries, dimension),
    nearest,
  };
}

/** The dot product of a query and each row: of normalised ones the cosine. */
function writeProducts(rows: Float32Array, query: Float32Array, scores: Float32Array): void {
  for (let row = 0; row < scores.length; row += 1) {
    let sum = 0;
    const start = row * query.length;
    for (let place = 0; place < query.length; place += 1) {
      sum += (rows[start + place] as number) * (query[place] as number);
    }
    scores[row] = sum;
  }
}

function quantised(values: Float32Array, dimension: number): readonly Uint8Array[] {
  const rows: Uint8Array[] = [];
  for (let start = 0; start < values.length; start += dimension) {
    rows.push(quantiseInt8(values.subarray(start, start + dimension)).bytes);
  }
  return rows;
}
