import type { MetadataPatch } from '@lucerna/vector';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RecordColumns, withUniqueIds } from '../../src/chroma/unique-records.ts';

type Row = {
  readonly id: string;
  readonly value: number | undefined;
  readonly document: string | undefined;
  readonly patch: readonly (readonly [string, bigint | null])[] | undefined;
};

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const anyRow: fc.Arbitrary<Row> = fc.record({
  id: fc.constantFrom('a', 'b', 'c'),
  value: optional(fc.integer({ min: 1, max: 99 })),
  document: optional(fc.constantFrom('x', 'y', 'z')),
  patch: optional(
    fc.array(
      fc.tuple(
        fc.constantFrom('k', 'l'),
        fc.option(
          fc.integer().map((value) => BigInt(value)),
          { nil: null },
        ),
      ),
      { minLength: 1, maxLength: 2 },
    ),
  ),
});

function columnsOf(rows: readonly Row[]): RecordColumns {
  const given = Uint8Array.from(rows, ({ value }) => (value === undefined ? 0 : 1));
  return {
    ids: rows.map(({ id }) => id),
    embeddings: {
      count: rows.length,
      dimension: 2,
      values: Float32Array.from(rows.flatMap(({ value = 0 }) => [value, -value])),
      given: given.includes(0) ? given : undefined,
    },
    documents: rows.map(({ document }) => document),
    uris: undefined,
    metadatas: rows.map(({ patch }) => patch && (new Map(patch) as MetadataPatch)),
  };
}

type Model = { value?: number; document?: string; patch: Map<string, bigint | null> };

/** The rows one by one, each over what the earlier ones of its id have left. */
function applied(rows: readonly Row[], counts: 'first' | 'last'): Map<string, Model> {
  const records = new Map<string, Model>();
  for (const { id, value, document, patch } of rows) {
    const found = records.get(id);
    if (found !== undefined && counts === 'first') continue;
    const record: Model = found ?? { patch: new Map() };
    if (value !== undefined) record.value = value;
    if (document !== undefined) record.document = document;
    for (const [key, item] of patch ?? []) record.patch.set(key, item);
    records.set(id, record);
  }
  return records;
}

describe('records whose ids are given several times', () => {
  it('come to what they would one by one', () => {
    fc.assert(
      fc.property(
        fc.array(anyRow, { maxLength: 8 }),
        fc.constantFrom('first' as const, 'last' as const),
        (rows, counts) => {
          const unique = withUniqueIds(columnsOf(rows), counts);
          const model = applied(rows, counts);
          expect(unique.ids).toEqual([...model.keys()]);
          for (const [index, record] of [...model.values()].entries()) {
            const isGiven = unique.embeddings?.given?.[index] !== 0;
            expect(isGiven).toBe(record.value !== undefined);
            if (isGiven) expect(unique.embeddings?.values[index * 2]).toBe(record.value);
            expect(unique.documents?.[index]).toBe(record.document);
            expect([...(unique.metadatas?.[index] ?? [])]).toEqual([...record.patch]);
          }
        },
      ),
    );
  });
});
