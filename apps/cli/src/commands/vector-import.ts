import { setTimeout as delay } from 'node:timers/promises';
import { isLucernaError, type Log } from '@lucerna/base';
import {
  type Collection,
  type CreateCollection,
  type RecordBatch,
  type VectorDatabase,
  vectorErrors,
} from '@lucerna/vector';
import { formatCount, formatLabelled, toJsonLine } from '../db/format.ts';
import { type Work, withWork } from '../db/work.ts';
import { cliErrors } from '../errors.ts';
import { writeResult } from '../output.ts';
import { formatOf, openRows } from '../vector/open-rows.ts';
import { type ColumnNames, type RowMapping, recordsOf } from '../vector/row-records.ts';
import type { RowSource } from '../vector/row-source.ts';
import { withVectorDatabase } from '../vector/with-database.ts';
import type { ImportOptions } from './vector-options.ts';

/** Between two looks at how far the graph is. */
const INDEX_LOOK_MS = 100;

/** What `vector import` has done. */
type ImportReport = {
  readonly path: string;
  readonly collection: string;
  readonly rows: number;
  readonly added: number;
  /** Rows whose id was there, and what became of them. */
  readonly updated: number;
  readonly skipped: number;
  /** Of the collection, now. */
  readonly records: number;
  readonly dimension: number | null;
};

/** `lucerna vector import`. */
export async function runVectorImport(file: string, options: ImportOptions): Promise<void> {
  const { json = false } = options;
  const format = formatOf(file, options.format);
  if (options.records !== undefined && format !== 'npy') {
    throw cliErrors.create('OPTIONS_CONFLICT', '--records is for .npy; other formats hold all');
  }
  const mapping = mappingOf(options, format === 'npy' && options.records === undefined);
  const report = await withWork({ json, endsAtTurn: true }, async (work) => {
    const rows = await openRows(file, {
      format,
      embedding: mapping.columns.embedding,
      records: options.records,
    });
    try {
      checkColumns(rows, mapping);
      return await withVectorDatabase(options.path, { access: 'write' }, work, (database) =>
        importRows(rows, mapping, database, options, work),
      );
    } finally {
      await rows.close();
    }
  });
  writeResult(json ? toJsonLine(report) : formatReport(report));
}

function mappingOf(options: ImportOptions, hasNoIds: boolean): RowMapping {
  const columns: ColumnNames = {
    id: options.idColumn,
    embedding: options.embeddingColumn,
    document: options.documentColumn,
    uri: options.uriColumn,
    metadata: options.metadataColumn,
  };
  const { rowIds } = options;
  if (rowIds === undefined) return hasNoIds ? { columns, numberedIds: '' } : { columns };
  return { columns, numberedIds: rowIds === true ? '' : rowIds };
}

/** Of a file that names its columns, before anything is made. @throws `COLUMN_UNKNOWN` */
function checkColumns({ columns: there }: RowSource, { columns, numberedIds }: RowMapping): void {
  if (there === undefined) return;
  const needed = [columns.embedding, ...(numberedIds === undefined ? [columns.id] : [])];
  const missing = needed.find((name) => !there.includes(name));
  if (missing === undefined) return;
  const detail = `${missing}; there are ${there.join(', ')}`;
  throw cliErrors.create('COLUMN_UNKNOWN', detail, { column: missing });
}

async function importRows(
  source: RowSource,
  mapping: RowMapping,
  database: VectorDatabase,
  options: ImportOptions,
  work: Work,
): Promise<ImportReport> {
  const found = findCollection(database, options);
  let made: Collection | undefined;
  let [rows, added] = [0, 0];
  const onProgress = work.bar.step('Importing', source.unit);
  try {
    for await (const batch of source.batches(onProgress)) {
      await work.takeTurn();
      const records = recordsOf(batch, mapping);
      // Only now: rows that cannot be taken leave no collection behind that is of the wrong metric.
      made ??= found ?? (await makeCollection(database, options));
      added += await writeBatch(made, records, options);
      rows += batch.rows.length;
    }
  } catch (error) {
    sayWhatStays(work.log, rows);
    throw resumable(error, rows, options);
  }
  const collection = made ?? found ?? (await makeCollection(database, options));
  try {
    await index(collection, work);
  } catch (error) {
    throw resumable(error, rows, options);
  }
  await database.persist();
  const isUpdate = options.existing === 'update';
  return {
    path: options.path,
    collection: collection.name,
    rows,
    added,
    updated: isUpdate ? rows - added : 0,
    skipped: isUpdate ? 0 : rows - added,
    records: collection.count(),
    dimension: collection.identity.dimension ?? null,
  };
}

/** Whoever repairs the file must know that a part of it is there. */
function sayWhatStays(log: Log, rows: number): void {
  if (rows > 0) log.warn(`the ${formatCount(rows)} rows before are imported`, { rows });
}

/** The same command again would be refused: the rows that are there have to be passed over. */
function resumable(error: unknown, rows: number, { existing }: ImportOptions): unknown {
  const isRefused = rows > 0 && existing === 'refuse';
  if (!isRefused || !isLucernaError(error, 'INTERRUPTED')) return error;
  return cliErrors.create('IMPORT_INTERRUPTED', undefined, { rows });
}

function writeBatch(
  collection: Collection,
  batch: RecordBatch,
  { existing, model }: ImportOptions,
): Promise<number> {
  if (existing === 'update') return collection.upsert(batch, { model });
  return collection.add(batch, { model, onExisting: existing === 'skip' ? 'ignore' : 'refuse' });
}

async function makeCollection(
  database: VectorDatabase,
  options: ImportOptions,
): Promise<Collection> {
  const space = { tenant: options.tenant, database: options.database };
  if (database.findDatabase(space) === undefined) await database.createDatabase(space);
  return database.createCollection(space, newCollection(options));
}

/** The collection if it is there. @throws `STORE_OPTION_DIFFERS` when it is another than wanted */
function findCollection(database: VectorDatabase, options: ImportOptions): Collection | undefined {
  const space = { tenant: options.tenant, database: options.database };
  const found = database.findCollection(space, options.collection);
  if (found === undefined) return undefined;
  // What a collection refuses is kept with it: who asks for more later would not get it.
  if (options.normalised === true && found.identity.isNormalised !== true) {
    const detail = `${found.name} takes embeddings of any length, not only of length 1`;
    throw vectorErrors.create('STORE_OPTION_DIFFERS', detail, { option: 'normalised' });
  }
  for (const key of ['metric', 'mode', 'maxNeighbors', 'efConstruction'] as const) {
    const wanted = options[key];
    if (wanted === undefined || wanted === found.index[key]) continue;
    const detail = `${found.name} was made with ${key} ${found.index[key]}, not ${wanted}`;
    throw vectorErrors.create('STORE_OPTION_DIFFERS', detail, { option: key });
  }
  return found;
}

function newCollection(options: ImportOptions): CreateCollection {
  const { collection: name, metric, mode, maxNeighbors, efConstruction, model } = options;
  const said = Object.entries({ metric, mode, maxNeighbors, efConstruction });
  return {
    name,
    index: Object.fromEntries(said.filter(([, value]) => value !== undefined)),
    identity: { model, isNormalised: options.normalised },
  };
}

/** Puts the rows into the graph and writes both down, so that the next opening has them at once. */
async function index(collection: Collection, { bar, takeTurn }: Work): Promise<void> {
  const onProgress = bar.step('Indexing', 'rows');
  const settled = collection.settled().then(() => true);
  const isDone = (): Promise<boolean> =>
    Promise.race([settled, delay(INDEX_LOOK_MS, false, { ref: false })]);
  while (!(await isDone())) {
    const { indexed, waiting } = collection.statistics();
    onProgress(indexed, indexed + waiting);
    await takeTurn();
  }
  await collection.compact();
}

function formatReport(report: ImportReport): string {
  const { rows, added, updated, skipped, records, dimension } = report;
  const lines: (readonly [string, string])[] = [
    ['Database', report.path],
    ['Collection', report.collection],
    ['Rows read', formatCount(rows)],
    ['Added', formatCount(added)],
  ];
  if (updated > 0) lines.push(['Updated', formatCount(updated)]);
  if (skipped > 0) lines.push(['Skipped', `${formatCount(skipped)}, whose ids were there`]);
  const of = dimension === null ? '' : `, each of ${dimension} values`;
  lines.push(['Records now', `${formatCount(records)}${of}`]);
  return formatLabelled(lines);
}
