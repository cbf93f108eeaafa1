import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { seededRandom } from '@lucerna/base';
import type { Metadata, RecordBatch, StoredRecord } from '@lucerna/vector';
import {
  CompressionType,
  type CompressionType_,
  columnFromArray,
  type DataType,
  dictionary,
  fixedSizeList,
  float32,
  float64,
  int32,
  int64,
  list as listType,
  setCompressionCodec,
  TimeUnit,
  tableFromColumns,
  tableFromIPC,
  tableToIPC,
  timestamp,
  utf8,
} from '@uwdata/flechette';
import { parquetWriteFile } from 'hyparquet-writer';
import { afterAll, describe, expect, it, test } from 'vitest';
import { writeArrow } from '../src/vector/arrow-writer.ts';
import type { ExportRecord, ExportSource, RowWriter } from '../src/vector/export-records.ts';
import { writeJsonl } from '../src/vector/jsonl-writer.ts';
import { writeNpy } from '../src/vector/npy-writer.ts';
import { formatOf, openRows } from '../src/vector/open-rows.ts';
import { writeParquet } from '../src/vector/parquet-writer.ts';
import { type ColumnNames, recordsOf } from '../src/vector/row-records.ts';
import type { RowFormat } from '../src/vector/row-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'lucerna-formats-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const columns: ColumnNames = {
  id: 'id',
  embedding: 'embedding',
  document: 'document',
  uri: 'uri',
  metadata: 'metadata',
};

const metadata: Metadata = new Map<string, never>([
  ['whole', 9_007_199_254_740_993n],
  ['float', 3],
  ['text', 'a "quote", ümläut, 𝄞\n'],
  ['flag', false],
  ['list', [1n, 2n]],
  ['floats', [1, 2.5]],
  ['__proto__', 'own'],
] as unknown as [string, never][]);

function recordsWith(count: number, dimension: number): ExportRecord[] {
  const random = seededRandom(count);
  return Array.from({ length: count }, (_, index) => {
    const record: StoredRecord = {
      id: `id-${index}`,
      metadata: index % 3 === 0 ? metadata : undefined,
      document: index % 2 === 0 ? `document ${index}\nsecond line` : undefined,
      uri: index % 5 === 0 ? `file:///${index}` : undefined,
      payload: index % 4 === 0 ? '{ "kept" : 1.0 }' : undefined,
      provenance:
        index % 7 === 0
          ? { author: 'me', source: 'a book', timeMs: 1_700_000_000_000, supersedes: 'id-0' }
          : undefined,
    };
    const embedding = Float32Array.from(
      { length: dimension },
      () => random.below(2 ** 32) / 2 ** 31 - 1,
    );
    embedding[0] = -0;
    if (dimension > 1) embedding[1] = 1.1754943508222875e-38;
    return { record, embedding };
  });
}

function sourceOf(records: readonly ExportRecord[], pageRows: number): ExportSource {
  return {
    count: records.length,
    dimension: records[0]?.embedding.length ?? 0,
    pages: async function* () {
      for (let from = 0; from < records.length; from += pageRows) {
        yield records.slice(from, from + pageRows);
      }
    },
  };
}

async function writeTo(path: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'w');
  for await (const part of parts) await file.write(part);
  await file.close();
}

async function readAll(
  path: string,
  options: { readonly format?: RowFormat; readonly records?: string } = {},
  numberedIds?: string,
): Promise<readonly RecordBatch[]> {
  const source = await openRows(path, { embedding: 'embedding', ...options });
  try {
    const batches: RecordBatch[] = [];
    for await (const batch of source.batches(() => undefined)) {
      batches.push(recordsOf(batch, { columns, numberedIds }));
    }
    return batches;
  } finally {
    await source.close();
  }
}

/** What was read, record by record. */
function flattened(batches: readonly RecordBatch[]): ExportRecord[] {
  return batches.flatMap((batch) => {
    const { ids, embeddings = new Float32Array(), dimension = 0 } = batch;
    return ids.map((id, index) => ({
      record: {
        id,
        metadata: batch.metadatas?.[index] as Metadata | undefined,
        document: batch.documents?.[index] ?? undefined,
        uri: batch.uris?.[index] ?? undefined,
        payload: batch.payloads?.[index] ?? undefined,
        provenance: batch.provenances?.[index] ?? undefined,
      },
      embedding: embeddings.slice(index * dimension, (index + 1) * dimension),
    }));
  });
}

const writers: readonly (readonly [RowFormat, RowWriter])[] = [
  ['jsonl', (source) => writeJsonl(source)],
  ['parquet', writeParquet],
  ['arrow', writeArrow],
];

describe.each(writers)('%s', (format, write) => {
  it.each([
    [0, 1, 10],
    [1, 1, 10],
    [37, 7, 10],
    [2_500, 3, 1_000],
  ])('gives back %i records of %i values, written %i at a time', async (count, dimension, page) => {
    const records = recordsWith(count, dimension);
    const path = join(folder, `${count}.${format}`);
    await writeTo(path, write(sourceOf(records, page)));
    expect(flattened(await readAll(path))).toEqual(records);
  });

  it('says what is no such file', async () => {
    const path = join(folder, `wrong.${format}`);
    for (const text of [
      '{"id": 1',
      'PAR1',
      'ARROW1\0\0\xff\xff\xff\xff',
      '\xff\xff\xff\xff',
      'x',
    ]) {
      await writeFile(path, text, 'latin1');
      const code = format === 'jsonl' ? /ROW_INVALID|FILE_MALFORMED/ : /FILE_MALFORMED/;
      await expect(readAll(path)).rejects.toMatchObject({ code: expect.stringMatching(code) });
    }
  });
});

describe('npy', () => {
  it('gives back the embeddings, and with its records the rest', async () => {
    const records = recordsWith(2_345, 5);
    const [path, beside] = [join(folder, 'a.npy'), join(folder, 'a.jsonl')];
    await writeTo(path, writeNpy(sourceOf(records, 1_000)));
    await writeTo(beside, writeJsonl(sourceOf(records, 1_000), { withEmbeddings: false }));
    expect(flattened(await readAll(path, { records: beside }))).toEqual(records);
    const numbered = flattened(await readAll(path, {}, 'row-'));
    expect(numbered.map(({ record }) => record.id).slice(0, 2)).toEqual(['row-0', 'row-1']);
    expect(numbered.map(({ embedding }) => embedding)).toEqual(
      records.map(({ embedding }) => embedding),
    );
  });

  it.each([-1, 1])('refuses records that are %i more than the embeddings', async (more) => {
    const [path, beside] = [join(folder, 'b.npy'), join(folder, 'b.jsonl')];
    await writeTo(path, writeNpy(sourceOf(recordsWith(10, 2), 4)));
    const others = recordsWith(10 + more, 2);
    await writeTo(beside, writeJsonl(sourceOf(others, 4), { withEmbeddings: false }));
    const reading = readAll(path, { records: beside });
    await expect(reading).rejects.toMatchObject({ code: 'FILE_MALFORMED' });
  });

  // As numpy.save writes them; 1.5 and -2 have exact bytes in every type.
  const array = (descr: string, body: readonly number[], shape = '(1, 2)', order = 'False') => {
    const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
    const text = `${header.padEnd(117)}\n`;
    return Buffer.concat([
      Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length, 0]),
      Buffer.from(text, 'latin1'),
      Buffer.from(body),
    ]);
  };
  const floats4 = [0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0];

  it.each([
    ['<f4', floats4, [1.5, -2]],
    ['>f4', [0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0], [1.5, -2]],
    ['<f8', [0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0], [1.5, -2]],
    ['>f2', [0x3e, 0, 0xc0, 0], [1.5, -2]],
    ['|i1', [1, 0xfe], [1, -2]],
    ['|u1', [1, 0xfe], [1, 254]],
  ])('reads values of type %s', async (descr, body, values) => {
    const path = join(folder, 'typed.npy');
    writeFileSync(path, array(descr, body));
    const [first] = flattened(await readAll(path, {}, ''));
    expect(first?.embedding).toEqual(Float32Array.from(values));
  });

  it.each([
    ['one axis is one embedding', array('<f4', floats4, '(2,)'), 1],
    ['Fortran order of one row', array('<f4', floats4, '(1, 2)', 'True'), 1],
    ['no rows', array('<f4', [], '(0, 2)'), 0],
  ])('reads %s', async (_, bytes, rows) => {
    const path = join(folder, 'shape.npy');
    writeFileSync(path, bytes);
    expect(flattened(await readAll(path, {}, ''))).toHaveLength(rows);
  });

  it.each([
    ['columns first', array('<f4', [...floats4, ...floats4], '(2, 2)', 'True')],
    ['too short', array('<f4', floats4.slice(1))],
    ['too long', array('<f4', [...floats4, 0])],
    ['of objects', array('|O', floats4)],
    ['of three axes', array('<f4', floats4, '(1, 2, 1)')],
    ['a scalar', array('<f4', floats4.slice(4), '()')],
    ['of a negative shape', array('<f4', floats4, '(-1, 2)')],
    ['cut in its header', array('<f4', floats4).subarray(0, 40)],
    ['cut in its prefix', array('<f4', floats4).subarray(0, 8)],
    ['empty', Buffer.alloc(0)],
    ['of version 9', Buffer.from(array('<f4', floats4)).fill(9, 6, 7)],
  ])('refuses an array that is %s', async (_, bytes) => {
    const path = join(folder, 'bad.npy');
    writeFileSync(path, bytes);
    await expect(readAll(path, {}, '')).rejects.toMatchObject({ code: 'FILE_MALFORMED' });
  });
});

describe('jsonl', () => {
  const read = async (text: string | Uint8Array): Promise<ExportRecord[]> => {
    const path = join(folder, 'text.jsonl');
    writeFileSync(path, text);
    return flattened(await readAll(path));
  };

  it('takes other members as metadata, integers as integers and floats as floats', async () => {
    const line =
      '{"id": 7, "embedding": [1, 2.5], "year": 1984, "score": 1.0, "none": null, "metadata": {"big": 9007199254740993}}';
    const [{ record, embedding } = { record: undefined, embedding: undefined }] = await read(line);
    expect(record?.id).toBe('7');
    expect(embedding).toEqual(Float32Array.of(1, 2.5));
    expect([...(record?.metadata ?? [])]).toEqual([
      ['year', 1984n],
      ['score', 1],
      ['big', 9_007_199_254_740_993n],
    ]);
  });

  it('keeps what metadata cannot hold as a payload', async () => {
    const [first] = await read(
      '{"id": "a", "embedding": [1], "metadata": {"x": 1, "deep": {"y": [1, "z"]}}}',
    );
    expect([...(first?.record.metadata ?? [])]).toEqual([['x', 1n]]);
    expect(first?.record.payload).toBe('{"x":1,"deep":{"y":[1,"z"]}}');
  });

  it('reads a file that gzip has packed, a byte order mark, blank lines and no last newline', async () => {
    const text =
      '\ufeff{"id": "a", "embedding": [1]}\r\n\n  \n{"id": "b", "embedding": "AACAPw=="}';
    for (const bytes of [Buffer.from(text), gzipSync(text)]) {
      const records = await read(bytes);
      expect(records.map(({ record, embedding }) => [record.id, embedding[0]])).toEqual([
        ['a', 1],
        ['b', 1],
      ]);
    }
  });

  it.each([
    ['no JSON', '{"id": "a", "embedding": [1]}\n\n{"id": ', 'line 3'],
    ['no object', '[1]', 'line 1'],
    ['no id', '{"embedding": [1]}', 'no id'],
    ['no embedding', '{"id": "a"}', 'no embedding'],
    ['a text among the numbers', '{"id": "a", "embedding": [1, "2"]}', 'value 1'],
    ['another length', '{"id": "a", "embedding": [1]}\n{"id": "b", "embedding": [1, 2]}', 'line 2'],
    ['base64 of no floats', '{"id": "a", "embedding": "AAA="}', '2 bytes'],
    ['a document that is none', '{"id": "a", "embedding": [1], "document": 5}', 'document'],
    ['metadata that are none', '{"id": "a", "embedding": [1], "metadata": [1]}', 'metadata'],
    [
      'provenance that is none',
      '{"id": "a", "embedding": [1], "provenance": {"author": 1}}',
      'author',
    ],
  ])('refuses %s', async (_, text, told) => {
    const reading = read(text);
    await expect(reading).rejects.toMatchObject({ code: 'ROW_INVALID' });
    await expect(reading).rejects.toThrow(told);
  });

  it('refuses what is no UTF-8, and packed bytes that are cut', async () => {
    await expect(read(Uint8Array.of(0x22, 0xff, 0x22))).rejects.toMatchObject({
      code: 'FILE_MALFORMED',
    });
    const packed = gzipSync('{"id": "a", "embedding": [1]}\n'.repeat(100));
    await expect(read(packed.subarray(0, -9))).rejects.toMatchObject({ code: 'FILE_MALFORMED' });
  });
});

test('an Arrow file is one to readers that begin at its footer', async () => {
  const records = recordsWith(25, 4);
  const parts: Uint8Array[] = [];
  for await (const part of writeArrow(sourceOf(records, 10))) parts.push(part);
  // From one array the library reads the footer; of several it would read the stream.
  const table = tableFromIPC(new Uint8Array(Buffer.concat(parts)));
  expect(table.numRows).toBe(25);
  expect([...table.getChild('id')]).toEqual(records.map(({ record }) => record.id));
  expect(table.getChild('embedding').at(24)).toEqual(records[24]?.embedding);
});

test('an Arrow file that was cut behind a batch is not taken for a shorter one', async () => {
  const path = join(folder, 'cut.arrow');
  await writeTo(path, writeArrow(sourceOf(recordsWith(25, 3), 10)));
  const bytes = await readFile(path);
  const lastBatch = bytes.lastIndexOf(Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]));
  for (const end of [lastBatch, bytes.length - 1]) {
    await writeFile(path, bytes.subarray(0, end));
    await expect(readAll(path)).rejects.toMatchObject({ code: 'FILE_MALFORMED' });
  }
});

describe('Arrow files of others', () => {
  const random = seededRandom(5);
  const count = 2_100;
  const rows = Array.from({ length: count }, (_, row) => ({
    id: row,
    embedding: [random.below(100) / 7, row],
    title: row % 3 === 0 ? null : `title ${row}`,
    kind: ['fruit', 'car'][row % 2],
    when: new Date(row * 1_000),
    big: 2n ** 60n + BigInt(row),
    share: row / 2,
    tags: row % 2 === 0 ? ['a', 'b'] : ['c'],
  }));
  const column = (name: keyof (typeof rows)[number], type: DataType) =>
    columnFromArray(
      rows.map((row) => row[name]),
      type,
      { maxBatchRows: 900, useBigInt: true },
    );
  const table = (list: DataType) =>
    tableFromColumns({
      id: column('id', int32()),
      embedding: column('embedding', list),
      title: column('title', utf8()),
      kind: column('kind', dictionary(utf8(), int32())),
      when: column('when', timestamp(TimeUnit.MILLISECOND)),
      big: column('big', int64()),
      share: column('share', float64()),
      tags: column('tags', listType(utf8())),
    });

  /** As the format has it where packing saves nothing: one block that is not packed. */
  const storedFrame = (bytes: Uint8Array): Uint8Array => {
    const head = Buffer.from('04224d18604082', 'hex');
    const size = Buffer.alloc(4);
    size.writeUInt32LE((bytes.length | 0x8000_0000) >>> 0);
    return Buffer.concat([head, size, bytes, Buffer.alloc(4)]);
  };

  it.each<[string, 'file' | 'stream', DataType, CompressionType_ | null]>([
    ['a file of lists', 'file', listType(float32()), null],
    ['a stream of lists of doubles', 'stream', listType(float64()), null],
    ['a file packed by Zstandard', 'file', fixedSizeList(float32(), 2), CompressionType.ZSTD],
    ['a stream packed by LZ4', 'stream', fixedSizeList(float64(), 2), CompressionType.LZ4_FRAME],
  ])('are read: %s', async (_, format, list, codec) => {
    const encode = (bytes: Uint8Array): Uint8Array =>
      codec === CompressionType.ZSTD ? zstdCompressSync(bytes) : storedFrame(bytes);
    const decode = (): never => {
      throw new Error('it is the reader who unpacks');
    };
    if (codec !== null) setCompressionCodec(codec, { encode, decode });
    const path = join(folder, `other.${format}.arrow`);
    writeFileSync(path, tableToIPC(table(list), { format, codec }) ?? '');
    const read = flattened(await readAll(path));
    expect(read).toHaveLength(count);
    for (const row of [0, 1, 899, 900, 2_099]) {
      const { id, embedding, title, kind, when, big, share, tags } =
        rows[row] ?? (rows[0] as never);
      expect(read[row]?.embedding).toEqual(Float32Array.from(embedding));
      expect(read[row]?.record).toMatchObject({ id: String(id) });
      expect(read[row]?.record.metadata).toEqual(
        new Map<string, unknown>([
          ...(title === null ? [] : [['title', title] as const]),
          ['kind', kind],
          ['when', BigInt(when.getTime())],
          ['big', big],
          ['share', share],
          ['tags', tags],
        ]),
      );
    }
  });
});

describe('Parquet files of others', () => {
  it('are read with their types', async () => {
    const path = join(folder, 'other.parquet');
    const when = new Date(1_700_000_000_123);
    const bytes = Buffer.from(Float32Array.of(1, 2.5).buffer);
    parquetWriteFile({
      filename: path,
      columnData: [
        { name: 'id', data: [1, 2], type: 'INT32' },
        { name: 'embedding', data: [bytes, bytes], type: 'BYTE_ARRAY' },
        { name: 'whole', data: [1.0, 2.5], type: 'DOUBLE' },
        { name: 'big', data: [2n ** 60n, -1n], type: 'INT64' },
        { name: 'text', data: ['x', null], type: 'STRING' },
        { name: 'flag', data: [true, false], type: 'BOOLEAN' },
        { name: 'when', data: [when, when], type: 'TIMESTAMP' },
        { name: 'metadata', data: [{ n: 1, f: 0.5 }, null], type: 'JSON' },
      ],
    });
    const [first, second] = flattened(await readAll(path));
    expect(first?.embedding).toEqual(Float32Array.of(1, 2.5));
    expect([first?.record.id, second?.record.id]).toEqual(['1', '2']);
    expect([...(first?.record.metadata ?? [])]).toEqual([
      ['whole', 1],
      ['big', 2n ** 60n],
      ['text', 'x'],
      ['flag', true],
      ['when', 1_700_000_000_123n],
      ['n', 1n],
      ['f', 0.5],
    ]);
    expect([...(second?.record.metadata?.keys() ?? [])]).toEqual(['whole', 'big', 'flag', 'when']);
  });

  it('are refused when their row groups have columns that the schema has not', async () => {
    const path = join(folder, 'renamed.parquet');
    await writeTo(path, writeParquet(sourceOf(recordsWith(3, 2), 3)));
    const bytes = await readFile(path);
    // The path of the column in a row group: a list of one text.
    const place = bytes.lastIndexOf('\x19\x18\x08document', bytes.length, 'latin1');
    bytes.write('\x19\x18\x08documenX', place, 'latin1');
    await writeFile(path, bytes);
    await expect(readAll(path)).rejects.toMatchObject({ code: 'FILE_MALFORMED' });
  });

  it('are read in parts where a row group is large', async () => {
    const records = recordsWith(12_000, 768);
    const path = join(folder, 'large.parquet');
    await writeTo(path, writeParquet(sourceOf(records, records.length)));
    const batches = await readAll(path);
    expect(batches.length).toBeGreaterThan(1);
    let row = 0;
    for (const { record, embedding } of flattened(batches)) {
      expect(record.id).toBe(records[row]?.record.id);
      if (row % 97 === 0) expect(embedding).toEqual(records[row]?.embedding);
      row += 1;
    }
    expect(row).toBe(records.length);
  });
});

test('a format is told by the name or by the option', () => {
  expect(formatOf('A.JSONL', undefined)).toBe('jsonl');
  expect(formatOf('a.ndjson.gz', undefined)).toBe('jsonl');
  expect(formatOf('a.feather', undefined)).toBe('arrow');
  expect(formatOf('a.txt', 'parquet')).toBe('parquet');
  expect(() => formatOf('a.txt', undefined)).toThrow(
    expect.objectContaining({ code: 'FILE_FORMAT_UNKNOWN' }),
  );
  expect(() => formatOf('-', undefined)).toThrow(
    expect.objectContaining({ code: 'FILE_FORMAT_UNKNOWN' }),
  );
});

test('a file that is missing cannot be read', async () => {
  for (const name of ['a.jsonl', 'a.npy', 'a.parquet', 'a.arrow']) {
    const reading = readAll(join(folder, 'nowhere', name));
    await expect(reading).rejects.toMatchObject({ code: 'INPUT_UNREADABLE' });
  }
});
