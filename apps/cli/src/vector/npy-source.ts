import type { Progress } from '@lucerna/base';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { type FileInput, openFileInput } from './file-input.ts';
import { type NpyHeader, readNpyHeader, readNpyRows } from './npy.ts';
import type { RowBatch, RowSource, SourceRow } from './row-source.ts';

/** The name under which a row has its embedding, and what the array itself does not say. */
export type NpySourceOptions = {
  readonly embedding: string;
  /** Rows without embeddings that belong to those of the array, in the same order. */
  readonly records?: RowSource | undefined;
};

/**
 * An array of NumPy with an embedding a row. It has no ids: the rows of `records` have them, or the
 * place in the array is the id.
 *
 * @throws `INPUT_UNREADABLE`, `FILE_MALFORMED`; while it is read also `FILE_MALFORMED` when there are
 *   more or fewer `records`, and what they throw
 */
export async function openNpySource(path: string, options: NpySourceOptions): Promise<RowSource> {
  const input = await openFileInput(path);
  try {
    const header = await readNpyHeader(input);
    return {
      unit: 'rows',
      columns: options.records === undefined ? [options.embedding] : undefined,
      batches: (onProgress) => readBatches(input, header, options, onProgress),
      close: () => input.close(),
    };
  } catch (error) {
    await input.close();
    throw error;
  }
}

async function* readBatches(
  input: FileInput,
  header: NpyHeader,
  { embedding, records }: NpySourceOptions,
  onProgress: Progress,
): AsyncGenerator<RowBatch, void, undefined> {
  const beside = records === undefined ? undefined : rowsOf(records);
  const { importBatchBytes, importBatchRecords } = cliLimits.values;
  const fitting = Math.floor(importBatchBytes / Math.max(1, header.rowBytes));
  const step = Math.max(1, Math.min(importBatchRecords, fitting));
  for (let first = 0; first < header.rows; first += step) {
    const to = Math.min(header.rows, first + step);
    const values = await readNpyRows(input, header, first, to);
    const rows: SourceRow[] = [];
    for (let row = 0; row < to - first; row += 1) {
      const start = row * header.dimension;
      const own = { [embedding]: values.subarray(start, start + header.dimension) };
      rows.push(beside === undefined ? own : { ...(await nextOf(beside, input, header)), ...own });
    }
    yield { first, rows, placeOf: (index) => `row ${first + index}` };
    onProgress(to, header.rows);
  }
  if (beside !== undefined && (await beside.next()).done !== true) {
    throw unequal(input, header, 'more');
  }
}

async function* rowsOf(source: RowSource): AsyncGenerator<SourceRow, void, undefined> {
  for await (const { rows } of source.batches(() => undefined)) yield* rows;
}

async function nextOf(
  rows: AsyncGenerator<SourceRow, void, undefined>,
  input: FileInput,
  header: NpyHeader,
): Promise<SourceRow> {
  const next = await rows.next();
  if (next.done === true) throw unequal(input, header, 'fewer');
  return next.value;
}

function unequal({ path }: FileInput, { rows }: NpyHeader, how: string): Error {
  const detail = `${path} has ${rows} embeddings, and there are ${how} records beside it`;
  return cliErrors.create('FILE_MALFORMED', detail, { path });
}
