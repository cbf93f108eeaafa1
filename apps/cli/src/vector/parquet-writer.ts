import type { SchemaElement } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import {
  checkPage,
  type ExportRecord,
  type ExportSource,
  TEXT_COLUMNS,
  textOf,
} from './export-records.ts';

/** A Parquet file with a row group a page. Embeddings are lists of floats of 32 bits. */
export async function* writeParquet({
  dimension,
  pages,
}: ExportSource): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({ writer: bytes, schema: SCHEMA, createdBy: 'lucerna' });
  for await (const page of pages()) {
    checkPage(page, dimension);
    await writer.write({ columnData: columnsOf(page), rowGroupSize: page.length });
    yield take(bytes);
  }
  await writer.finish();
  yield take(bytes);
}

/** What has been written since the last time; the writer goes on counting. */
function take(bytes: ByteWriter): Uint8Array {
  const taken = bytes.getBytes().slice();
  bytes.index = 0;
  return taken;
}

function columnsOf(page: readonly ExportRecord[]): ColumnSource[] {
  return [
    { name: 'id', data: page.map(({ record }) => record.id) },
    {
      name: 'embedding',
      // The library takes nothing but arrays for lists.
      data: page.map(({ embedding }) => Array.from(embedding)),
      // Values that hardly ever repeat: looking for repetitions takes long and saves nothing.
      encoding: 'PLAIN',
      codec: 'UNCOMPRESSED',
      statistics: false,
    },
    ...TEXT_COLUMNS.map((name) => ({
      name,
      data: page.map(({ record }) => textOf(record, name)),
    })),
  ];
}

const text = (name: string, isJson: boolean): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: isJson ? 'JSON' : 'UTF8',
  repetition_type: 'OPTIONAL',
});

const SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: 2 + TEXT_COLUMNS.length },
  { ...text('id', false), repetition_type: 'REQUIRED' },
  { name: 'embedding', repetition_type: 'REQUIRED', converted_type: 'LIST', num_children: 1 },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' },
  ...TEXT_COLUMNS.map((name) => text(name, name === 'metadata' || name === 'provenance')),
];
