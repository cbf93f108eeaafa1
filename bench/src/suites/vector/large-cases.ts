import { type Durability, seededRandom } from '@lucerna/base';
import { openVectorFolder } from '@lucerna/platform-node/vector-folder';
import { DEFAULT_DATABASE } from '@lucerna/vector';
import { collectGarbage, timeCpu, timeWall } from '../../clock.ts';
import type { Case } from '../../harness.ts';
import { BATCH, batchesOf, diskFolder, fillCollection, openBenchDatabase } from './collections.ts';

const DIMENSION = 1536;

/** What SvDB's authors published: microseconds of a search in 10,000 × 1536, on all cores, of signs. */
const SEED_SEARCH_US = 960;
/** Their figure for additions a second. */
const SEED_INGEST = 100_000;

/** Values of −0.5 to 0.5, evenly spread and independent: the worst case for every index. */
function randomValues(rows: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from(
    { length: rows * DIMENSION },
    () => random.below(2 ** 24) / 2 ** 24 - 0.5,
  );
}

const exactCase: Case = {
  id: 'exact-10k-1536',
  unit: 'µs',
  better: 'lower',
  target: 1.9,
  rounds: 9,
  cpuTime: true,
  note: 'bound by the multiplications of 16 bits that one core makes',
  prepare: async (quick) => {
    const rows = quick ? 500 : 10_000;
    const data = {
      name: '',
      hash: '',
      rows,
      dimension: DIMENSION,
      values: randomValues(rows, 7),
      queries: new Float32Array(),
    };
    const database = await openBenchDatabase();
    const collection = await fillCollection(database, data, {
      name: 'bench',
      index: { mode: 'exact', metric: 'cosine' },
    });
    const queries = Array.from({ length: quick ? 5 : 100 }, (_, index) =>
      randomValues(1, 100 + index),
    );
    const searchAll = async (): Promise<void> => {
      for (const embeddings of queries) await collection.query({ embeddings, limit: 10 });
    };
    await searchAll();
    return {
      detail: `${rows.toLocaleString('en')} × ${DIMENSION}, exact by proof: recall 1`,
      ours: async () => ({ value: (1000 * (await timeCpu(searchAll))) / queries.length }),
      peer: { kind: 'figure', name: 'seed:svdb', value: SEED_SEARCH_US },
      close: () => database.close(),
    };
  },
};

/** Additions a second to a collection on the disk that is searched exactly. */
function ingestCase(
  id: string,
  options: { readonly level: Durability; readonly asArrays?: true; readonly target?: number },
): Case {
  const { level, asArrays, target } = options;
  return {
    id,
    unit: 'vectors/s',
    better: 'higher',
    target,
    rounds: 3,
    level,
    note: 'bound by the bytes: each is checked, written to the log, encoded and kept',
    prepare: async (quick) => {
      const rows = quick ? 2000 : 20_000;
      const values = randomValues(rows, 7);
      return {
        detail: `${rows.toLocaleString('en')} × ${DIMENSION} in batches of ${BATCH.toLocaleString('en')}${asArrays ? ', number[][]' : ''}`,
        ours: async () => {
          const { path, remove } = await diskFolder();
          const folder = await openVectorFolder(path, { access: 'write' });
          const database = await openBenchDatabase(folder, level);
          const collection = await database.createCollection(DEFAULT_DATABASE, {
            name: 'bench',
            index: { mode: 'exact', metric: 'cosine' },
          });
          const batches = [...batchesOf({ values, dimension: DIMENSION, rows })];
          const lists = asArrays
            ? batches.map(({ embeddings = values }) => rowsOf(embeddings))
            : [];
          await collectGarbage();
          const elapsedMs = await timeWall(async () => {
            for (const [index, batch] of batches.entries()) {
              const list = lists[index];
              await collection.add(
                list === undefined ? batch : { ...batch, embeddings: flatten(list) },
              );
            }
          });
          await database.close();
          await remove();
          return { value: (1000 * rows) / elapsedMs };
        },
        peer: { kind: 'figure', name: 'seed:svdb', value: SEED_INGEST },
        close: async () => {},
      };
    },
  };
}

function rowsOf(values: Float32Array): number[][] {
  return Array.from({ length: values.length / DIMENSION }, (_, row) =>
    Array.from(values.subarray(row * DIMENSION, (row + 1) * DIMENSION)),
  );
}

/** What `VectorStore.add` does with arrays before the collection has them. */
function flatten(rows: readonly (readonly number[])[]): Float32Array {
  const values = new Float32Array(rows.length * DIMENSION);
  for (const [index, row] of rows.entries()) values.set(row, index * DIMENSION);
  return values;
}

export const largeCases: readonly Case[] = [
  exactCase,
  ingestCase('ingest-1536', { level: 'process', target: 1 }),
  ingestCase('ingest-1536-power', { level: 'power' }),
  ingestCase('ingest-1536-arrays', { level: 'process', asArrays: true }),
];
