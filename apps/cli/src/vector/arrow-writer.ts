import { concatBytes } from '@lucerna/base';
import {
  Column,
  columnFromValues,
  fixedSizeList,
  float32,
  Table,
  tableFromColumns,
  tableToIPC,
  utf8,
} from '@uwdata/flechette';
import { ARROW_MAGIC } from './arrow-messages.ts';
import {
  checkPage,
  type ExportRecord,
  type ExportSource,
  TEXT_COLUMNS,
  textOf,
} from './export-records.ts';
import { fieldOf, rootTable, vectorAt } from './flatbuffer.ts';

/** The mark of the end of the batches. */
const END_OF_STREAM = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);
/** The footer's length and the magic bytes that end a file. */
const TAIL_BYTES = 10;
/** Number of the field of a footer that says where the batches are. */
const FOOTER_RECORDS = 3;
const BLOCK_BYTES = 24;

/** Where a batch is in a file. */
type Block = { readonly offset: number; readonly headBytes: number; readonly bodyBytes: number };

/**
 * An Arrow file (Feather 2, not packed) with a batch a page. Embeddings are lists of a fixed length.
 *
 * The library makes a file from a table that is in memory as a whole. Here it makes a stream of each
 * page, of which the batch is taken, and at the end the footer of a table of as many batches of one
 * row; where the batches really are is then put into the footer.
 */
export async function* writeArrow({
  dimension,
  pages,
}: ExportSource): AsyncGenerator<Uint8Array, void, undefined> {
  const blocks: Block[] = [];
  let offset = 0;
  let first: Table | undefined;
  for await (const page of pages()) {
    checkPage(page, dimension);
    const stream = bytesOf(tableOf(page, dimension), 'stream');
    const schemaEnd = endOf(stream, 0);
    if (first === undefined) {
      first = tableOf(page.slice(0, 1), dimension);
      yield concatBytes(ARROW_MAGIC, stream.subarray(0, schemaEnd.end));
      offset = ARROW_MAGIC.length + schemaEnd.end;
    }
    const batch = endOf(stream, schemaEnd.end);
    blocks.push({ offset, headBytes: batch.headBytes, bodyBytes: batch.bodyBytes });
    yield stream.subarray(schemaEnd.end, batch.end);
    offset += batch.end - schemaEnd.end;
  }
  if (first === undefined) {
    yield bytesOf(tableOf([], dimension), 'file');
    return;
  }
  yield concatBytes(END_OF_STREAM, footerOf(first, blocks));
}

function tableOf(page: readonly ExportRecord[], dimension: number): Table {
  const id = columnFromValues(
    page.map(({ record }) => record.id),
    utf8(),
  );
  const type = fixedSizeList(float32(), dimension);
  const embedding = columnFromValues(
    page.map((record) => record.embedding),
    type,
  );
  const texts = TEXT_COLUMNS.map((name) => {
    const column = columnFromValues(
      page.map(({ record }) => textOf(record, name) ?? null),
      utf8(),
    );
    return [name, column] as const;
  });
  return tableFromColumns({ id, embedding, ...Object.fromEntries(texts) });
}

function bytesOf(table: Table, format: 'stream' | 'file'): Uint8Array {
  // A sink that keeps what it gets gives it back.
  return tableToIPC(table, { format }) ?? new Uint8Array(0);
}

/** Where the message at `start` ends, and of what it is made. */
function endOf(stream: Uint8Array, start: number): Omit<Block, 'offset'> & { end: number } {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const headBytes = 8 + view.getInt32(start + 4, true);
  const bodyLength = fieldOf(view, rootTable(view, start + 8), 3);
  const bodyBytes = bodyLength === undefined ? 0 : Number(view.getBigInt64(bodyLength, true));
  return { headBytes, bodyBytes, end: start + headBytes + bodyBytes };
}

/** The footer with its length and the magic bytes. */
function footerOf(first: Table, blocks: readonly Block[]): Uint8Array {
  const columns = first.children.map(
    ({ data, type }) =>
      new Column(
        blocks.map(() => data[0] as (typeof data)[number]),
        type,
      ),
  );
  const file = bytesOf(new Table(first.schema, columns), 'file');
  const tail = file.length - TAIL_BYTES;
  const length = new DataView(file.buffer, file.byteOffset + tail).getInt32(0, true);
  const footer = file.slice(tail - length);
  const view = new DataView(footer.buffer);
  const place = fieldOf(view, rootTable(view, 0), FOOTER_RECORDS);
  if (place === undefined) throw new Error('the library writes another footer');
  const { start } = vectorAt(view, place);
  for (const [index, { offset, headBytes, bodyBytes }] of blocks.entries()) {
    const block = start + index * BLOCK_BYTES;
    view.setBigInt64(block, BigInt(offset), true);
    view.setInt32(block + 8, headBytes, true);
    view.setBigInt64(block + 16, BigInt(bodyBytes), true);
  }
  return footer;
}
