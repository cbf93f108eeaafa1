import { vectorErrors } from '../errors.ts';
import { vectorLimits } from '../limits.ts';
import type { Metadata, MetadataPatch } from '../metadata.ts';
import { mergeMetadata, metadataPatchFrom } from '../metadata-values.ts';
import type { Provenance, RecordBatch } from '../record.ts';
import type { Column, RecordColumns } from './record-columns.ts';

/**
 * The columns of a batch, checked whatever their static types say. Metadata and provenance are copies,
 * which the caller cannot change any more.
 *
 * @throws `COLUMN_LENGTH_MISMATCH`, `METADATA_INVALID`, `VECTOR_ARGUMENT_INVALID`
 */
export function checkedColumns(batch: RecordBatch): RecordColumns {
  const count = batch.ids.length;
  return {
    documents: checkedTexts('documents', batch.documents, count),
    uris: checkedTexts('uris', batch.uris, count),
    metadatas: mapColumn('metadatas', batch.metadatas, count, (patch) =>
      metadataPatchFrom(patch, 'exact'),
    ),
    payloads: checkedTexts('payloads', batch.payloads, count),
    provenances: mapColumn('provenances', batch.provenances, count, checkedProvenance),
  };
}

/** @throws `COLUMN_LENGTH_MISMATCH` */
export function checkLength(column: string, actual: number, expected: number): void {
  if (actual === expected) return;
  const detail = `${actual} ${column} for ${expected} ids`;
  throw vectorErrors.create('COLUMN_LENGTH_MISMATCH', detail, { column, actual, expected });
}

/**
 * Checks what the metadata of a record come to when a change is merged into them: they could be too
 * many for one record.
 *
 * @throws `METADATA_INVALID`
 */
export function checkMerged(old: Metadata | undefined, patch: MetadataPatch): void {
  if ((old?.size ?? 0) + patch.size > vectorLimits.values.metadataKeys) mergeMetadata(old, patch);
}

function checkedTexts(name: string, column: Column<string>, count: number): Column<string> {
  if (column === undefined) return undefined;
  checkLength(name, column.length, count);
  for (const text of column) {
    if (text !== undefined && text !== null) checkText(name, text);
  }
  return column;
}

function mapColumn<T, U>(
  name: string,
  column: Column<T>,
  count: number,
  check: (value: T) => U | undefined,
): Column<U> {
  if (column === undefined) return undefined;
  checkLength(name, column.length, count);
  return column.map((value) => (value === undefined || value === null ? undefined : check(value)));
}

/** UTF-8 cannot hold half a character. */
function checkText(name: string, text: string): void {
  if (typeof text !== 'string') throw invalid(name, 'a text');
  if (!text.isWellFormed()) throw invalid(name, 'well-formed Unicode');
}

function checkedProvenance(provenance: Provenance): Provenance {
  if (typeof provenance !== 'object') throw invalid('provenances', 'an object');
  const { author, source, timeMs, supersedes } = provenance;
  for (const text of [author, source, supersedes]) {
    if (text !== undefined) checkText('provenances', text);
  }
  if (timeMs !== undefined && !Number.isSafeInteger(timeMs)) {
    throw invalid('provenances', 'a whole number of milliseconds');
  }
  return {
    ...(author === undefined ? {} : { author }),
    ...(source === undefined ? {} : { source }),
    ...(timeMs === undefined ? {} : { timeMs }),
    ...(supersedes === undefined ? {} : { supersedes }),
  };
}

function invalid(column: string, expected: string): Error {
  return vectorErrors.create('VECTOR_ARGUMENT_INVALID', `${column}: it is not ${expected}`, {
    column,
  });
}
