import type { Collection, VectorDatabase } from '@lucerna/vector';
import { printable } from '../contract/printable.ts';
import { formatCount, formatTable, toJsonLine } from '../db/format.ts';
import { withWork } from '../db/work.ts';
import { writeResult } from '../output.ts';
import { formatBytes } from '../progress-bar.ts';
import { collectionsOf } from '../vector/collections.ts';
import { withVectorDatabase } from '../vector/with-database.ts';
import type { VectorOptions } from './vector-options.ts';

/** What `vector stats` says of a collection. */
type CollectionReport = {
  readonly tenant: string;
  readonly database: string;
  readonly name: string;
  readonly id: string;
  readonly records: number;
  readonly dimension: number | null;
  readonly metric: string;
  readonly mode: string;
  readonly model: string | null;
  /** Rows in the graph, rows that are to be put into it, and deleted ones that still hold a place. */
  readonly indexed: number;
  readonly waiting: number;
  readonly dead: number;
  readonly memoryBytes: number;
  readonly logBytes: number;
  readonly snapshotBytes: number;
};

/** `lucerna vector stats`. */
export async function runVectorStats({ path, json = false }: VectorOptions): Promise<void> {
  const collections = await withWork({ json, endsAtTurn: false }, (work) =>
    withVectorDatabase(path, { access: 'read' }, work, async (database) => reportOn(database)),
  );
  writeResult(json ? toJsonLine({ path, collections }) : formatReport(collections));
}

function reportOn(database: VectorDatabase): readonly CollectionReport[] {
  return collectionsOf(database).map((collection) => figuresOf(collection));
}

function figuresOf(collection: Collection): CollectionReport {
  const { tenant, database, name, id, index, identity } = collection;
  const { indexed, waiting, dead, memoryBytes, logBytes, snapshotBytes } = collection.statistics();
  return {
    tenant,
    database,
    name,
    id,
    records: collection.count(),
    dimension: identity.dimension ?? null,
    metric: index.metric,
    mode: index.mode,
    model: identity.model ?? null,
    indexed,
    waiting,
    dead,
    memoryBytes,
    logBytes,
    snapshotBytes,
  };
}

function formatReport(collections: readonly CollectionReport[]): string {
  if (collections.length === 0) return 'There are no collections.';
  const isOneSpace = collections.every(
    ({ tenant, database }) => tenant === 'default_tenant' && database === 'default_database',
  );
  return formatTable([
    ['collection', 'records', 'dimension', 'metric', 'mode', 'in graph', 'memory', 'disk'],
    ...collections.map((found) => [
      printable(isOneSpace ? found.name : `${found.tenant}/${found.database}/${found.name}`),
      formatCount(found.records),
      found.dimension === null ? '-' : String(found.dimension),
      found.metric,
      found.mode,
      formatCount(found.indexed),
      formatBytes(found.memoryBytes),
      formatBytes(found.logBytes + found.snapshotBytes),
    ]),
  ]);
}
