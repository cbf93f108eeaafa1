import { resolve } from 'node:path';
import type { Progress } from '@lucerna/base';
import type { Collection, SalvageLoss, StoredRecord } from '@lucerna/vector';
import { type ArchiveOutput, openArchiveOutput } from '../db/archive-output.ts';
import { formatCount, formatLabelled, formatSize, toJsonLine } from '../db/format.ts';
import { type Work, withWork } from '../db/work.ts';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { writeNote, writeResult } from '../output.ts';
import type { ExportRecord, ExportSource } from '../vector/export-records.ts';
import { selectionOf } from '../vector/filters.ts';
import { writeJsonl } from '../vector/jsonl-writer.ts';
import { writeNpy } from '../vector/npy-writer.ts';
import { formatOf } from '../vector/open-rows.ts';
import type { RowFormat } from '../vector/row-source.ts';
import { exportIncomplete } from '../vector/salvage-losses.ts';
import { collectionNamed, withVectorDatabase } from '../vector/with-database.ts';
import type { ExportOptions } from './vector-options.ts';

/** What `vector export` has written. */
type ExportReport = {
  /** `-`: standard output. */
  readonly file: string;
  readonly format: RowFormat;
  readonly collection: string;
  readonly records: number;
  readonly dimension: number | null;
  readonly bytes: number;
};

/** An export, and what of the database it could not hold. */
type Exported = { readonly report: ExportReport; readonly losses: readonly SalvageLoss[] };

/** `lucerna vector export`. @throws `EXPORT_INCOMPLETE` when a salvage is done, and not all was saved */
export async function runVectorExport(file: string, options: ExportOptions): Promise<void> {
  const { json = false, force = false, salvage } = options;
  const format = formatOf(file, options.format);
  const beside = besideOf(file, format, options);
  const selection = selectionOf(options);
  const output = await openArchiveOutput(file, force);
  const besideOutput = beside === undefined ? undefined : await openArchiveOutput(beside, force);
  const { report, losses } = await withWork({ json, endsAtTurn: true }, (work) =>
    withVectorDatabase(
      options.path,
      { access: 'read', salvage },
      work,
      async (database): Promise<Exported> => {
        const collection = collectionNamed(database, options);
        const records = collection.get(selection);
        const source = sourceOf(collection, records, work);
        const onProgress = work.bar.step('Writing', 'rows');
        const bytes = await write(format, source(onProgress), output);
        if (besideOutput !== undefined) {
          const onRecords = work.bar.step('Writing the records', 'rows');
          await besideOutput.write(writeJsonl(source(onRecords), { withEmbeddings: false }));
        }
        const report = {
          file,
          format,
          collection: collection.name,
          records: records.length,
          dimension: collection.identity.dimension ?? null,
          bytes,
        };
        // Without its catalog, nobody knows what else there was.
        const losses = database
          .losses()
          .filter((loss) => loss.collection === undefined || loss.collection === collection.id);
        return { report, losses };
      },
    ),
  );
  const text = json ? toJsonLine(report) : formatReport(report);
  // Standard output has the records themselves.
  if (output.isStdout) writeNote(text);
  else writeResult(text);
  if (losses.length > 0) throw exportIncomplete(losses);
}

/** The file for what an array does not hold. @throws `OPTIONS_CONFLICT` where nothing is left out */
function besideOf(file: string, format: RowFormat, { records }: ExportOptions): string | undefined {
  if (records === undefined) return undefined;
  if (format !== 'npy') {
    throw cliErrors.create('OPTIONS_CONFLICT', '--records is for .npy; other formats hold all');
  }
  if (records === '-' || resolve(records) === resolve(file)) {
    throw cliErrors.create('OPTIONS_CONFLICT', '--records names a file of its own');
  }
  return records;
}

function sourceOf(
  collection: Collection,
  records: readonly StoredRecord[],
  { takeTurn }: Work,
): (onProgress: Progress) => ExportSource {
  const dimension = collection.identity.dimension ?? 0;
  const { importBatchBytes, importBatchRecords } = cliLimits.values;
  const fitting = Math.floor(importBatchBytes / Math.max(1, dimension * 4));
  const step = Math.max(1, Math.min(importBatchRecords, fitting));
  return (onProgress) => ({
    count: records.length,
    dimension,
    pages: async function* (): AsyncGenerator<readonly ExportRecord[], void, undefined> {
      for (let from = 0; from < records.length; from += step) {
        await takeTurn();
        yield records.slice(from, from + step).map((record) => ({
          record,
          embedding: collection.embedding(record.id) ?? new Float32Array(0),
        }));
        onProgress(Math.min(records.length, from + step), records.length);
      }
    },
  });
}

/** The libraries of the other formats are loaded only for them. */
async function write(
  format: RowFormat,
  source: ExportSource,
  output: ArchiveOutput,
): Promise<number> {
  switch (format) {
    case 'jsonl':
      return output.write(writeJsonl(source));
    case 'npy':
      return output.write(writeNpy(source));
    case 'parquet':
      return output.write((await import('../vector/parquet-writer.ts')).writeParquet(source));
    case 'arrow':
      return output.write((await import('../vector/arrow-writer.ts')).writeArrow(source));
  }
}

function formatReport(report: ExportReport): string {
  const { file, format, records, dimension, bytes } = report;
  const of = dimension === null ? '' : `, each of ${dimension} values`;
  return formatLabelled([
    ['File', file === '-' ? 'standard output' : file],
    ['Format', format],
    ['Collection', report.collection],
    ['Records', `${formatCount(records)}${of}`],
    ['Size', formatSize(bytes)],
  ]);
}
