import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Durability, SILENT_LOG } from '@lucerna/base';
import { systemClock } from '@lucerna/platform-node/clock';
import { systemRandom } from '@lucerna/platform-node/random';
import { openVectorFolder } from '@lucerna/platform-node/vector-folder';
import {
  type Collection,
  type CreateCollection,
  createMemoryVectorFolder,
  DEFAULT_DATABASE,
  openVectorDatabase,
  type RecordBatch,
  type VectorDatabase,
  type VectorFolder,
} from '@lucerna/vector';
import { type Embeddings, madeFolder } from './embeddings.ts';
import { EF_CONSTRUCTION, M } from './hnswlib.ts';

/** Records of one call in every case. */
export const BATCH = 1000;

const sources = fileURLToPath(new URL('../../../../packages/vector/src', import.meta.url));

/** A collection and the database that it is in. */
export type Opened = { readonly collection: Collection; readonly database: VectorDatabase };

/** Everything on one thread, as the peers are measured. */
export function openBenchDatabase(
  folder: VectorFolder = createMemoryVectorFolder(),
  durability: Durability = 'process',
): Promise<VectorDatabase> {
  const ports = { folder, clock: systemClock, random: systemRandom, log: SILENT_LOG };
  return openVectorDatabase(ports, { durability });
}

/** A new folder for a database that is to be on a disk, and how it is taken away. */
export async function diskFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(process.env['LUCERNA_BENCH_DIR'] ?? tmpdir(), 'lucerna-bench-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** The rows as batches; ids are the numbers of the rows. */
export function* batchesOf(
  data: Pick<Embeddings, 'values' | 'dimension' | 'rows'>,
  metadata?: MetadataOf,
): Generator<RecordBatch> {
  const { values, dimension, rows } = data;
  for (let start = 0; start < rows; start += BATCH) {
    const end = Math.min(start + BATCH, rows);
    const ids = Array.from({ length: end - start }, (_, index) => String(start + index));
    yield {
      ids,
      dimension,
      embeddings: values.subarray(start * dimension, end * dimension),
      ...(metadata === undefined
        ? {}
        : { metadatas: ids.map((_, index) => metadata(start + index)) }),
    };
  }
}

/** The metadata of a row. */
export type MetadataOf = (row: number) => ReadonlyMap<string, bigint>;

/** A collection whose graph is made as the peers' are. */
function graphOptions({ metric }: Embeddings): CreateCollection {
  return {
    name: 'bench',
    index: { metric, mode: 'hnsw', maxNeighbors: M, efConstruction: EF_CONSTRUCTION },
  };
}

/** Adds all rows and waits until they are in the graph. */
export async function fillGraph(
  database: VectorDatabase,
  data: Embeddings,
  metadata?: MetadataOf,
): Promise<Collection> {
  return fillCollection(database, data, graphOptions(data), metadata);
}

/** As {@link fillGraph}, with an index of any sort. */
export async function fillCollection(
  database: VectorDatabase,
  data: Pick<Embeddings, 'values' | 'dimension' | 'rows'>,
  options: CreateCollection,
  metadata?: MetadataOf,
): Promise<Collection> {
  const collection = await database.createCollection(DEFAULT_DATABASE, options);
  for (const batch of batchesOf(data, metadata)) await collection.add(batch);
  await collection.settled();
  return collection;
}

/**
 * A collection with all rows in its graph. It is kept for the next run, under a name that changes with
 * the rows and with any source of the database, in place of what was kept for other sources; a quick run
 * makes it in memory.
 *
 * @param parts what its rows have besides, and under which name such a collection is kept
 */
export async function graphCollection(
  data: Embeddings,
  quick: boolean,
  parts?: { readonly name: string; readonly metadata: MetadataOf },
): Promise<Opened> {
  if (quick) {
    const database = await openBenchDatabase();
    return { database, collection: await fillGraph(database, data, parts?.metadata) };
  }
  const rows = `collection-${data.hash.slice(0, 16)}${parts === undefined ? '' : `-${parts.name}`}`;
  const name = `${rows}-${sourcesHash()}`;
  const path = join(madeFolder, name);
  if (!existsSync(path)) {
    await keepCollection(path, data, parts?.metadata);
    await removeOthers(rows, name);
  }
  const database = await openBenchDatabase(await openVectorFolder(path, { access: 'write' }));
  const [collection] = database.collections(DEFAULT_DATABASE);
  if (collection === undefined) throw new Error(`${path} has no collection: delete it`);
  await collection.settled();
  return { database, collection };
}

/** Under another name until it is whole. */
async function keepCollection(
  path: string,
  data: Embeddings,
  metadata: MetadataOf | undefined,
): Promise<void> {
  const unfinished = `${path}.new`;
  await rm(unfinished, { recursive: true, force: true });
  const folder = await openVectorFolder(unfinished, { access: 'write' });
  const database = await openBenchDatabase(folder);
  const collection = await fillGraph(database, data, metadata);
  await collection.compact();
  await database.close();
  await rename(unfinished, path);
}

/** The same rows as other sources have made a collection of them. */
async function removeOthers(rows: string, name: string): Promise<void> {
  for (const other of readdirSync(madeFolder)) {
    if (other === name || !/^-[0-9a-f]{16}$/.test(other.replace(rows, ''))) continue;
    await rm(join(madeFolder, other), { recursive: true, force: true });
  }
}

function sourcesHash(): string {
  const hash = createHash('sha256');
  const names = readdirSync(sources, { recursive: true, encoding: 'utf8' }).sort();
  for (const name of names.filter((path) => path.endsWith('.ts'))) {
    hash.update(name).update(readFileSync(join(sources, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Each query of the data as an embedding of its own. */
export function queriesOf({ queries, dimension }: Embeddings): readonly Float32Array[] {
  return Array.from({ length: queries.length / dimension }, (_, index) =>
    queries.slice(index * dimension, (index + 1) * dimension),
  );
}
