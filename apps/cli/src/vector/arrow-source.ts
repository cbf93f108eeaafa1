import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Progress } from '@lucerna/base';
import {
  type Column,
  CompressionType,
  type DataType,
  type Field,
  setCompressionCodec,
  type Table,
  Type,
  tableFromIPC,
} from '@uwdata/flechette';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { type ArrowMessage, arrowMessages } from './arrow-messages.ts';
import { type FileInput, openFileInput } from './file-input.ts';
import { unpackLz4Frame } from './lz4-frame.ts';
import { plainToExact } from './plain-to-exact.ts';
import type { RowBatch, RowSource, SourceRow } from './row-source.ts';

/**
 * A file or stream of Arrow's interprocess format (also Feather 2), read one batch at a time.
 *
 * @throws `INPUT_UNREADABLE`, `FILE_MALFORMED`
 */
export async function openArrowSource(path: string): Promise<RowSource> {
  registerCodecs();
  const input = await openFileInput(path);
  try {
    const first = await arrowMessages(input).next();
    if (first.done === true || first.value.kind !== 'schema') {
      throw malformed(input, 'it does not begin with a schema');
    }
    const { names } = tableOf(input, [first.value.bytes]);
    return {
      unit: 'bytes',
      columns: names.map(String),
      batches: (onProgress) => readBatches(input, onProgress),
      close: () => input.close(),
    };
  } catch (error) {
    await input.close();
    throw error;
  }
}

/** The library unpacks nothing itself, and is one for the whole process. */
function registerCodecs(): void {
  setCompressionCodec(CompressionType.ZSTD, {
    decode: (bytes, length) =>
      zstdDecompressSync(bytes, { maxOutputLength: checkUnpacked(Number(length)) }),
    encode: (bytes) => zstdCompressSync(bytes),
  });
  setCompressionCodec(CompressionType.LZ4_FRAME, {
    decode: (bytes, length) => unpackLz4Frame(bytes, checkUnpacked(Number(length))),
    encode: () => {
      throw new Error('nothing is written in LZ4');
    },
  });
}

/** How long a buffer says that it is unpacked, which takes that much memory. */
function checkUnpacked(bytes: number): number {
  if (bytes >= 1 && bytes <= cliLimits.values.rowGroupBytes) return bytes;
  throw new RangeError(`a buffer would have ${bytes} bytes when it is unpacked`);
}

async function* readBatches(
  input: FileInput,
  onProgress: Progress,
): AsyncGenerator<RowBatch, void, undefined> {
  /** The schema, and all dictionaries so far: later ones may add to earlier ones. */
  const before: Uint8Array[] = [];
  let beforeBytes = 0;
  let first = 0;
  for await (const message of arrowMessages(input)) {
    if (message.kind !== 'records') {
      beforeBytes += message.bytes.length;
      if (beforeBytes > cliLimits.values.rowGroupBytes) {
        throw malformed(input, 'its dictionaries are too large');
      }
      before.push(message.bytes);
      continue;
    }
    for (const rows of rowsOf(input, before, message)) {
      const start = first;
      yield { first, rows, placeOf: (index) => `row ${start + index}` };
      first += rows.length;
    }
    onProgress(message.end, input.size);
  }
}

function* rowsOf(
  input: FileInput,
  before: readonly Uint8Array[],
  message: ArrowMessage,
): Generator<readonly SourceRow[], void, undefined> {
  const table = tableOf(input, [...before, message.bytes]);
  const readers = table.schema.fields.map((field, index) =>
    readerOf(field, table.getChildAt(index)),
  );
  const step = cliLimits.values.importBatchRecords;
  for (let from = 0; from < table.numRows; from += step) {
    const to = Math.min(table.numRows, from + step);
    const rows: SourceRow[] = [];
    for (let row = from; row < to; row += 1) {
      rows.push(Object.fromEntries(readers.map(([name, read]) => [name, read(row)])));
    }
    yield rows;
  }
}

type ReadValue = (row: number) => unknown;

function readerOf({ name, type }: Field, column: Column<unknown>): readonly [string, ReadValue] {
  if (isFloat(type)) return [name, (row) => column.at(row) ?? null];
  return [name, (row) => plainToExact(column.at(row))];
}

/** Floats, and lists of them: their whole numbers are floats, too. */
function isFloat(type: DataType): boolean {
  if (type.typeId === Type.Float || type.typeId === Type.Decimal) return true;
  const [child, ...more] = 'children' in type ? type.children : [];
  const isList = LISTS.has(type.typeId);
  return isList && child !== undefined && more.length === 0 && isFloat(child.type);
}

const LISTS: ReadonlySet<number> = new Set([
  Type.List,
  Type.LargeList,
  Type.FixedSizeList,
  Type.ListView,
  Type.LargeListView,
]);

/** What the library says of a file, as a coded error. */
function tableOf(input: FileInput, messages: Uint8Array[]): Table {
  try {
    return tableFromIPC(messages, { useBigInt: true });
  } catch (error) {
    throw malformed(input, error instanceof Error ? error.message : String(error), error);
  }
}

function malformed({ path }: FileInput, detail: string, cause?: unknown): Error {
  return cliErrors.create('FILE_MALFORMED', `${path}: ${detail}`, { path }, cause);
}
