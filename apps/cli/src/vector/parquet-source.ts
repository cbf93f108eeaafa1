import type { Progress } from '@lucerna/base';
import { parseExactJson } from '@lucerna/vector';
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type RowGroup,
  type SchemaTree,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { type FileInput, openFileInput } from './file-input.ts';
import { plainToExact } from './plain-to-exact.ts';
import type { RowBatch, RowSource, SourceRow } from './row-source.ts';

/**
 * A Parquet file, read a part of a row group at a time where the group is large and the file has an
 * index of its pages, and otherwise a row group at a time.
 *
 * @throws `INPUT_UNREADABLE`, `FILE_MALFORMED`
 */
export async function openParquetSource(path: string): Promise<RowSource> {
  const input = await openFileInput(path);
  try {
    const file = asyncBufferOf(input);
    const metadata = await readOrFail(input, () => parquetMetadataAsync(file));
    const columns = parquetSchema(metadata).children;
    checkChunks(input, metadata, columns);
    return {
      unit: 'rows',
      columns: columns.map(({ element }) => element.name),
      batches: (onProgress) => readBatches({ input, file, metadata, columns }, onProgress),
      close: () => input.close(),
    };
  } catch (error) {
    await input.close();
    throw error;
  }
}

/**
 * What every row group has must be a column of the schema, and once: the library reads others as well,
 * and nobody would hear of it when that fails. @throws `FILE_MALFORMED`
 */
function checkChunks(
  { path }: FileInput,
  { row_groups: groups }: FileMetaData,
  columns: readonly SchemaTree[],
): void {
  const known = new Set(columns.flatMap(leafPaths));
  for (const group of groups) {
    const found = group.columns.map(({ meta_data }) => JSON.stringify(meta_data?.path_in_schema));
    const isWhole = found.every((column) => known.has(column));
    if (isWhole && new Set(found).size === found.length) continue;
    const detail = `${path}: a row group has other columns than the schema`;
    throw cliErrors.create('FILE_MALFORMED', detail, { path });
  }
}

function leafPaths({ children, path }: SchemaTree): readonly string[] {
  return children.length === 0 ? [JSON.stringify(path)] : children.flatMap(leafPaths);
}

type ParquetFile = {
  readonly input: FileInput;
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly columns: readonly SchemaTree[];
};

async function* readBatches(
  parquet: ParquetFile,
  onProgress: Progress,
): AsyncGenerator<RowBatch, void, undefined> {
  const total = Number(parquet.metadata.num_rows);
  let groupStart = 0;
  for (const group of parquet.metadata.row_groups) {
    const groupEnd = groupStart + Number(group.num_rows);
    const step = rowsAtOnce(parquet.input, group);
    for (let first = groupStart; first < groupEnd; first += step) {
      const rows = await readRows(parquet, first, Math.min(groupEnd, first + step));
      yield { first, rows, placeOf: (index) => `row ${first + index}` };
      onProgress(Math.min(groupEnd, first + step), total);
    }
    groupStart = groupEnd;
  }
}

/** Without an index of the pages, each part would be found by decoding all that is before it. */
function rowsAtOnce({ path }: FileInput, group: RowGroup): number {
  const rows = Math.max(1, Number(group.num_rows));
  const bytes = group.columns.reduce(
    (sum, { meta_data }) => sum + Number(meta_data?.total_uncompressed_size ?? 0n),
    0,
  );
  const { rowPartBytes, rowGroupBytes } = cliLimits.values;
  if (bytes <= rowPartBytes) return rows;
  const isIndexed = group.columns.every(
    ({ offset_index_offset, meta_data }) =>
      offset_index_offset !== undefined ||
      Number(meta_data?.total_uncompressed_size ?? 0n) <= rowPartBytes / 16,
  );
  if (isIndexed) return Math.max(1, Math.floor((rows * rowPartBytes) / bytes));
  if (bytes <= rowGroupBytes) return rows;
  const detail = `${path}: a row group has ${bytes} bytes; write it with smaller ones, or with an index of its pages`;
  throw cliErrors.create('FILE_MALFORMED', detail, { path });
}

async function readRows(
  { input, file, metadata, columns }: ParquetFile,
  rowStart: number,
  rowEnd: number,
): Promise<readonly SourceRow[]> {
  const rows = await readOrFail(input, () =>
    parquetReadObjects({
      file,
      metadata,
      rowStart,
      rowEnd,
      compressors,
      useOffsetIndex: true,
      // Bytes that are not said to be text may be an embedding.
      utf8: false,
      geoparquet: false,
      parsers: { jsonFromBytes: (bytes: Uint8Array) => parseExactJson(utf8Of(bytes)) },
    }),
  );
  const converters = columns.map((column) => [column.element.name, converterOf(column)] as const);
  return rows.map((row) =>
    Object.fromEntries(converters.map(([name, convert]) => [name, convert(row[name])])),
  );
}

type Convert = (value: unknown) => unknown;

/** How values of a column become those of a `SourceRow`: by the type of its only leaf, if it has one. */
function converterOf(column: SchemaTree): Convert {
  let leaf = column;
  while (leaf.children.length === 1) leaf = leaf.children[0] as SchemaTree;
  if (leaf.children.length > 0) return plainToExact;
  const { type, logical_type, converted_type } = leaf.element;
  const isFloat = type === 'FLOAT' || type === 'DOUBLE' || logical_type?.type === 'FLOAT16';
  if (isFloat || converted_type === 'DECIMAL') return floatsOf;
  return plainToExact;
}

/** Numbers stay floats, also whole ones. */
function floatsOf(value: unknown): unknown {
  return value ?? null;
}

function utf8Of(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

function asyncBufferOf(input: FileInput): AsyncBuffer {
  return {
    byteLength: input.size,
    slice: async (start, end = input.size): Promise<ArrayBuffer> => {
      const bytes = await input.read(start, end - start);
      const { buffer, byteOffset, byteLength } = bytes;
      const isWhole = byteOffset === 0 && byteLength === buffer.byteLength;
      return (isWhole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)) as ArrayBuffer;
    },
  };
}

/** What the library says of a file, as a coded error. */
async function readOrFail<T>({ path }: FileInput, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw cliErrors.create('FILE_MALFORMED', `${path}: ${why}`, { path }, error);
  }
}
