import { text as textOf } from 'node:stream/consumers';
import {
  type Collection,
  formatExactJson,
  metadataToJson,
  parseExactJson,
  type QueryHit,
  scoreOf,
  vectorErrors,
} from '@lucerna/vector';
import { printable } from '../contract/printable.ts';
import { formatTable } from '../db/format.ts';
import { type Work, withWork } from '../db/work.ts';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { writeResult } from '../output.ts';
import { selectionOf } from '../vector/filters.ts';
import { openRows } from '../vector/open-rows.ts';
import { embeddingOf, rowEmbeddings } from '../vector/row-records.ts';
import { collectionNamed, withVectorDatabase } from '../vector/with-database.ts';
import type { QueryOptions } from './vector-options.ts';

/** Queries that lie one after the other. */
type Queries = { readonly values: Float32Array; readonly dimension: number };

/** `lucerna vector query`. */
export async function runVectorQuery(
  embedding: string | undefined,
  options: QueryOptions,
): Promise<void> {
  const { json = false } = options;
  checkSource(embedding, options);
  const selection = selectionOf(options);
  await withWork({ json, endsAtTurn: true }, (work) =>
    withVectorDatabase(options.path, { access: 'read' }, work, async (database) => {
      const collection = collectionNamed(database, options);
      for await (const { values, dimension } of queriesOf(embedding, options, collection, work)) {
        if (dimension !== (collection.identity.dimension ?? dimension)) {
          const detail = `${dimension} values; ${collection.name} has ${collection.identity.dimension}`;
          throw vectorErrors.create('DIMENSION_MISMATCH', detail, { dimension });
        }
        const { limit, efSearch, mode, model } = options;
        const request = { embeddings: values, limit, efSearch, mode, model, ...selection };
        const answers = collection.count() === 0 ? [] : await collection.query(request);
        for (const hits of answers.length === 0 ? [[]] : answers) {
          work.bar.clear();
          writeResult(json ? toJson(collection, hits) : toText(collection, hits));
        }
      }
    }),
  );
}

/** One of them says what to search for. @throws `OPTIONS_CONFLICT` */
function checkSource(embedding: string | undefined, { file, id }: QueryOptions): void {
  const given = [embedding, file, id].filter((source) => source !== undefined);
  if (given.length === 1) return;
  const detail = 'give one of an embedding, --file and --id';
  throw cliErrors.create('OPTIONS_CONFLICT', detail);
}

async function* queriesOf(
  embedding: string | undefined,
  { file, format, embeddingColumn, id }: QueryOptions,
  collection: Collection,
  { bar, takeTurn }: Work,
): AsyncGenerator<Queries, void, undefined> {
  if (id !== undefined) {
    const values = collection.embedding(id);
    if (values === undefined) throw vectorErrors.create('RECORD_UNKNOWN', id, { id });
    yield { values, dimension: values.length };
    return;
  }
  if (file === undefined) {
    yield parseQuery(embedding === '-' ? await textOf(process.stdin) : (embedding ?? ''));
    return;
  }
  const rows = await openRows(file, { format, embedding: embeddingColumn });
  try {
    for await (const batch of rows.batches(bar.step('Searching', rows.unit))) {
      await takeTurn();
      yield rowEmbeddings(batch, embeddingColumn);
    }
  } finally {
    await rows.close();
  }
}

/** @throws `JSON_INVALID`, `ARGUMENT_INVALID` */
function parseQuery(text: string): Queries {
  const list = parseExactJson(text);
  const isNumbers =
    Array.isArray(list) && list.every((item) => ['number', 'bigint'].includes(typeof item));
  if (!isNumbers) {
    const shown = text.slice(0, cliLimits.values.argumentCharacters);
    throw cliErrors.create('ARGUMENT_INVALID', `an embedding is a list of numbers, not ${shown}`);
  }
  const values = embeddingOf(list, 'embedding');
  return { values, dimension: values.length };
}

/** One line a query. Integers are written as they are, and floats with a point. */
function toJson({ index }: Collection, hits: readonly QueryHit[]): string {
  const results = hits.map(({ record, distance }) => {
    const { id, document, uri, metadata, payload } = record;
    const told = metadata === undefined ? undefined : metadataToJson(metadata);
    const score = scoreOf(index.metric, distance);
    return { id, score, distance, document, uri, metadata: told, payload };
  });
  return formatExactJson({ results });
}

function toText({ index }: Collection, hits: readonly QueryHit[]): string {
  if (hits.length === 0) return 'No record fits.';
  const rows = hits.map(({ record, distance }) => {
    const { metadata, document } = record;
    const told = [
      ...(document === undefined ? [] : [shown(document)]),
      ...(metadata === undefined ? [] : [shown(formatExactJson(metadataToJson(metadata)))]),
    ];
    const score = scoreOf(index.metric, distance).toFixed(4);
    return [`${shown(record.id)}  `, score, distance.toFixed(4), `  ${told.join('  ')}`];
  });
  const table = formatTable([['id', 'score', 'distance'], ...rows.map((row) => row.slice(0, 3))]);
  return table
    .split('\n')
    .map((line, index) => `${line}${index === 0 ? '' : (rows[index - 1]?.[3] ?? '')}`.trimEnd())
    .join('\n');
}

/** In one line, and not too long. */
function shown(text: string): string {
  const line = printable(text).replace(/\s+/g, ' ');
  const most = cliLimits.values.argumentCharacters;
  return line.length <= most ? line : `${line.slice(0, most)}…`;
}
