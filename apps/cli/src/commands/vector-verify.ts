import { seededRandom } from '@lucerna/base';
import { type Collection, type QueryHit, vectorLimits } from '@lucerna/vector';
import { printable } from '../contract/printable.ts';
import { formatCount, formatTable, toJsonLine } from '../db/format.ts';
import { type Work, withWork } from '../db/work.ts';
import { cliErrors } from '../errors.ts';
import { writeResult } from '../output.ts';
import { collectionsOf } from '../vector/collections.ts';
import { withVectorDatabase } from '../vector/with-database.ts';
import type { VerifyOptions } from './vector-options.ts';

/** Results of each search that is compared. */
const K = 10;
/** Records between two turns, and searches of one call. */
const RECORDS_AT_ONCE = 1_000;
const QUERIES_AT_ONCE = 10;

/** What `vector verify` has found of a collection. */
type VerifiedCollection = {
  readonly name: string;
  readonly records: number;
  readonly dimension: number | null;
  /** Searches that were compared with exact ones. */
  readonly queries: number;
  /** The part of the true nearest that they found; null where nothing was searched. */
  readonly recall: number | null;
};

/** `lucerna vector verify`. */
export async function runVectorVerify(options: VerifyOptions): Promise<void> {
  const { path, json = false } = options;
  const collections = await withWork({ json, endsAtTurn: true }, (work) =>
    // Opening reads every log and every snapshot, and checks what each frame says of itself.
    withVectorDatabase(path, { access: 'read' }, work, async (database) => {
      const verified: VerifiedCollection[] = [];
      for (const collection of collectionsOf(database)) {
        verified.push(await verifyCollection(collection, options, work));
      }
      return verified;
    }),
  );
  writeResult(json ? toJsonLine({ path, collections }) : formatReport(collections));
}

async function verifyCollection(
  collection: Collection,
  { queries }: VerifyOptions,
  work: Work,
): Promise<VerifiedCollection> {
  await checkRecords(collection, work);
  const { name, identity } = collection;
  const measured = await measureRecall(collection, queries, work);
  const dimension = identity.dimension ?? null;
  return { name, records: collection.count(), dimension, ...measured };
}

/** Each record with its embedding. @throws `RECORDS_DAMAGED` */
async function checkRecords(collection: Collection, { bar, takeTurn }: Work): Promise<void> {
  const { name, identity } = collection;
  const onProgress = bar.step(`Checking ${printable(name)}`, 'rows');
  const total = collection.count();
  let seen = 0;
  for (const id of collection.ids()) {
    const record = collection.record(id);
    const embedding = collection.embedding(id);
    if (record === undefined || record.id !== id || embedding === undefined) {
      throw damaged(name, id, 'has no record or no embedding');
    }
    if (embedding.length !== identity.dimension) {
      throw damaged(name, id, `has ${embedding.length} values, not ${identity.dimension}`);
    }
    if (!embedding.every(Number.isFinite))
      throw damaged(name, id, 'holds a value that is no number');
    const isUnit = Math.abs(lengthOf(embedding) - 1) <= vectorLimits.values.unitLengthTolerance;
    if (identity.isNormalised === true && !isUnit) {
      throw damaged(name, id, `has length ${lengthOf(embedding)}, not 1`);
    }
    seen += 1;
    if (seen % RECORDS_AT_ONCE > 0) continue;
    onProgress(seen, total);
    await takeTurn();
  }
  if (seen !== total) throw damaged(name, undefined, `${seen} of ${total} records are listed`);
}

function lengthOf(embedding: Float32Array): number {
  return Math.sqrt(embedding.reduce((sum, value) => sum + value * value, 0));
}

/** Searches for embeddings that are there, as the collection does it and exactly. */
async function measureRecall(
  collection: Collection,
  queries: number,
  { bar, takeTurn }: Work,
): Promise<Pick<VerifiedCollection, 'queries' | 'recall'>> {
  const ids = [...collection.ids()];
  const dimension = collection.identity.dimension;
  const count = Math.min(queries, ids.length);
  if (count === 0 || dimension === undefined) return { queries: 0, recall: null };
  const onProgress = bar.step(`Searching ${printable(collection.name)}`, 'rows');
  // The same queries each time: who verifies twice compares.
  const random = seededRandom(ids.length);
  let [found, wanted] = [0, 0];
  for (let from = 0; from < count; from += QUERIES_AT_ONCE) {
    const step = Math.min(QUERIES_AT_ONCE, count - from);
    const embeddings = new Float32Array(step * dimension);
    for (let query = 0; query < step; query += 1) {
      const embedding = collection.embedding(ids[random.below(ids.length)] ?? '');
      if (embedding !== undefined) embeddings.set(embedding, query * dimension);
    }
    const usual = await collection.query({ embeddings, limit: K });
    const exact = await collection.query({ embeddings, limit: K, mode: 'exact' });
    for (const [query, hits] of exact.entries()) {
      wanted += hits.length;
      found += countFound(usual[query] ?? [], hits);
    }
    onProgress(from + step, count);
    await takeTurn();
  }
  return { queries: count, recall: wanted === 0 ? null : found / wanted };
}

/** How many are no farther than the last of the true ones: of equal ones any will do. */
function countFound(hits: readonly QueryHit[], exact: readonly QueryHit[]): number {
  const farthest = exact.at(-1)?.distance ?? Number.NEGATIVE_INFINITY;
  return hits.filter(({ distance }) => distance <= farthest).length;
}

function damaged(collection: string, id: string | undefined, detail: string): Error {
  const what = id === undefined ? collection : `${collection}, ${JSON.stringify(id)}`;
  return cliErrors.create('RECORDS_DAMAGED', `${what} ${detail}`, { collection, id });
}

function formatReport(collections: readonly VerifiedCollection[]): string {
  const intact = 'Intact: every log and snapshot was read and is what was written.';
  if (collections.length === 0) return `There are no collections.\n\n${intact}`;
  const table = formatTable([
    ['collection', 'records', 'dimension', 'queries', `recall@${K}`],
    ...collections.map(({ name, records, dimension, queries, recall }) => [
      printable(name),
      formatCount(records),
      dimension === null ? '-' : String(dimension),
      formatCount(queries),
      recall === null ? '-' : recall.toFixed(4),
    ]),
  ]);
  return `${table}\n\n${intact}`;
}
