import { describe, expect, it, vi } from 'vitest';
import { parseWhere } from '../../src/filter/parse-where.ts';
import { RecordIndex } from '../../src/filter/record-index.ts';
import type { Where } from '../../src/filter/where.ts';
import { vectorLimits } from '../../src/limits.ts';
import type { Metadata } from '../../src/metadata.ts';
import { metadataFrom } from '../../src/metadata-values.ts';
import type { StoredRecord } from '../../src/record.ts';
import { RowSet } from '../../src/row-set.ts';

function record(id: string, metadata: object, document?: string): StoredRecord {
  const known: Metadata | undefined = metadataFrom(metadata);
  return {
    id,
    metadata: known,
    document,
    uri: undefined,
    payload: undefined,
    provenance: undefined,
  };
}

function rowSet(...rows: readonly number[]): RowSet {
  const set = new RowSet();
  for (const row of rows) set.add(row);
  return set;
}

function rowsOf(index: RecordIndex, where: unknown, live: RowSet): number[] {
  return [...index.match(parseWhere(where), undefined, live).rows()];
}

function filled(...records: readonly StoredRecord[]): RecordIndex {
  const index = new RecordIndex();
  for (const [row, item] of records.entries()) index.add(row, item);
  return index;
}

describe('RecordIndex', () => {
  it('gives a set of the caller’s own, also without a filter', () => {
    const index = filled(record('a', { k: 1 }), record('b', { k: 1 }));
    const live = rowSet(0, 1);
    for (const where of [undefined, parseWhere({ k: 1 }), parseWhere({ k: 1 })]) {
      const found = index.match(where, undefined, live);
      expect([...found.rows()]).toEqual([0, 1]);
      found.clear();
    }
    expect(live.size).toBe(2);
  });

  it('finds among live rows only, of whatever sizes both are', () => {
    const index = filled(record('a', { k: 1 }), record('b', { k: 1 }), record('c', { k: 2 }));
    expect(rowsOf(index, { k: 1 }, rowSet())).toEqual([]);
    expect(rowsOf(index, { k: 1 }, rowSet(1, 2))).toEqual([1]);
    expect(rowsOf(index, { k: { $ne: 1 } }, rowSet(0, 2, 5_000))).toEqual([2]);
    index.add(100_000, record('far', { k: 1 }));
    expect(rowsOf(index, { k: 1 }, rowSet(0, 100_000))).toEqual([0, 100_000]);
  });

  it('forgets kept results when a record comes or goes', () => {
    const first = record('a', { k: 1 });
    const index = filled(first);
    const live = rowSet(0, 1);
    expect(rowsOf(index, { k: 1 }, live)).toEqual([0]);
    index.add(1, record('b', { k: 1 }));
    expect(rowsOf(index, { k: 1 }, live)).toEqual([0, 1]);
    index.remove(0, first);
    expect(rowsOf(index, { k: 1 }, live)).toEqual([1]);
    expect(rowsOf(index, { k: { $ne: 5 } }, live)).toEqual([1]);
  });

  it('tells kept filters apart that look alike', () => {
    const index = filled(
      record('a', { k: 2n ** 53n }),
      record('b', { k: 2n ** 53n + 1n }),
      record('c', { k: '1' }),
    );
    const live = rowSet(0, 1, 2);
    expect(rowsOf(index, { k: 2n ** 53n + 1n }, live)).toEqual([1]);
    expect(rowsOf(index, { k: 2n ** 53n }, live)).toEqual([0]);
    expect(rowsOf(index, { k: 2 ** 53 }, live)).toEqual([0]);
    expect(rowsOf(index, { k: 1n }, live)).toEqual([]);
    expect(rowsOf(index, { k: '1' }, live)).toEqual([2]);
  });

  it('looks ids up where it can', () => {
    const asked: string[] = [];
    const index = new RecordIndex({
      rowOf: (id) => {
        asked.push(id);
        return id === 'a' ? 0 : undefined;
      },
    });
    index.add(0, record('a', {}));
    index.add(1, record('b', {}));
    expect(rowsOf(index, { '#id': { $in: ['a', 'c'] } }, rowSet(0, 1))).toEqual([0]);
    expect(rowsOf(index, { '#id': { $nin: ['a', 'c'] } }, rowSet(0, 1))).toEqual([1]);
    expect(asked).toEqual(['a', 'c', 'a', 'c']);
  });

  it('evaluates long lists of values', () => {
    const index = new RecordIndex();
    const live = new RowSet();
    for (let row = 0; row < 2_000; row += 1) {
      index.add(row, record(`id${row}`, { k: `v${row}`, n: row }));
      live.add(row);
    }
    const values = Array.from({ length: 1_500 }, (_, place) => `v${place * 2}`);
    expect(rowsOf(index, { k: { $in: values } }, live).length).toBe(1_000);
    expect(rowsOf(index, { k: { $nin: values } }, live).length).toBe(1_000);
    expect(rowsOf(index, { $and: [{ n: { $lt: 4 } }, { k: { $in: values } }] }, live)).toEqual([
      0, 2,
    ]);
  });

  it('takes modest memory, and gives it back', () => {
    const index = new RecordIndex();
    const count = 5_000;
    const records = Array.from({ length: count }, (_, row) =>
      record(
        `id${row}`,
        {
          kind: `kind ${row % 10}`,
          score: row / 3,
          at: row,
          tags: [`t${row % 7}`, `u${row % 3}`],
          [`only${row % 50}`]: true,
        },
        `document ${row} `.repeat(10 + (row % 50)),
      ),
    );
    const live = new RowSet();
    for (const [row, item] of records.entries()) {
      index.add(row, item);
      live.add(row);
    }
    expect(index.bytes).toBeLessThan(count * 6 * 24);
    index.match({ kind: 'documentContains', text: 'nowhere' }, undefined, live);
    const documents = records.reduce((sum, { document }) => sum + (document?.length ?? 0), 0);
    const full = index.bytes;
    expect(full).toBeLessThan(count * 6 * 24 + documents / 2);
    // Churn: all but every tenth record go and come again, many times over.
    for (let round = 0; round < 10; round += 1) {
      const most = [...records.entries()].filter(([row]) => (row + round) % 10 !== 0);
      for (const [row, item] of most) index.remove(row, item);
      expect(index.bytes).toBeLessThan(full * 0.5);
      for (const [row, item] of most) index.add(row, item);
      index.match({ kind: 'documentContains', text: 'nowhere' }, undefined, live);
      expect(index.bytes).toBeLessThan(full * 1.5);
    }
    for (const [row, item] of records.entries()) index.remove(row, item);
    expect(index.bytes).toBe(0);
  });

  it('passes on what is wrong with an expression', () => {
    const index = filled(record('a', {}, 'text'));
    const broken: Where = { kind: 'documentMatches', pattern: '(' };
    expect(() => index.match(broken, undefined, rowSet(0))).toThrow(
      expect.objectContaining({ code: 'REGEX_INVALID' }),
    );
  });

  it('stops an expression that costs too much, and goes on afterwards', () => {
    let text = '';
    for (let seed = 3; text.length < 300_000; seed = (seed * 48_271) % 2_147_483_647) {
      text += seed % 2 === 0 ? 'a' : 'b';
    }
    const index = filled(record('a', { k: 1 }, text), record('b', { k: 2 }, 'ab'));
    const live = rowSet(0, 1);
    const costly: Where = { kind: 'documentMatches', pattern: 'a[ab]{900}[^ab]' };
    expect(() => index.match(costly, undefined, live)).toThrow(
      expect.objectContaining({ code: 'FILTER_TOO_COSTLY' }),
    );
    expect(index.match(parseWhere({ k: 2 }), costly, live).size).toBe(0);
    expect(rowsOf(index, { k: 1 }, live)).toEqual([0]);
  });

  it('stops looking for texts when that has cost too much', () => {
    // Too long for the index of documents; the texts are told to be missing at once.
    const index = filled(record('a', {}, 'x'.repeat(vectorLimits.values.documentIndexChars + 1)));
    const filter = (count: number): Where => ({
      kind: 'and',
      children: Array.from({ length: count }, () => ({
        kind: 'documentNotContains',
        text: '\u0416',
      })),
    });
    // Each takes a step for 8 characters.
    const most = (8 * vectorLimits.values.filterSteps) / vectorLimits.values.documentIndexChars;
    const some = Math.floor(most * 0.9);
    expect(index.match(filter(some), undefined, rowSet(0)).size).toBe(1);
    expect(() => index.match(filter(Math.ceil(most)), undefined, rowSet(0))).toThrow(
      expect.objectContaining({ code: 'FILTER_TOO_COSTLY' }),
    );
  });

  it('stops where there are too many conditions for so many records', () => {
    const index = new RecordIndex();
    const live = new RowSet();
    for (let row = 0; row < 20_000; row += 1) {
      index.add(row, record(`r${row}`, { k: row }, `the ${row}`));
      live.add(row);
    }
    const ranges = (count: number): Where => ({
      kind: 'and',
      children: Array.from({ length: count }, (_, bound) => ({
        kind: 'greater',
        key: 'k',
        value: -1 - bound,
      })),
    });
    expect(index.match(ranges(500), undefined, live).size).toBe(20_000);
    const texts = (count: number): Where => ({
      kind: 'or',
      children: Array.from({ length: count }, (_, index_) => ({
        kind: 'documentContains',
        text: `nowhere ${index_}`,
      })),
    });
    expect(index.match(texts(50), undefined, live).size).toBe(0);
    for (const costly of [ranges(4_000), texts(4_000)]) {
      expect(() => index.match(costly, undefined, live)).toThrow(
        expect.objectContaining({ code: 'FILTER_TOO_COSTLY' }),
      );
    }
  });

  it('compares a row with the value that has led to it, however many others are asked for', () => {
    // Integers that are no floats: each row has to be looked at. By all values, that were 4 × 10⁸ looks.
    const big = (index: number): bigint => 9_007_199_254_740_993n + 2n * BigInt(index);
    const index = new RecordIndex();
    const live = new RowSet();
    for (let row = 0; row < 20_000; row += 1) {
      index.add(row, { ...record(`r${row}`, {}), metadata: new Map([['k', big(row)]]) });
      live.add(row);
    }
    const values = Array.from({ length: 20_000 }, (_, place) => big(2 * place));
    const tested = vi.spyOn(values, 'some');
    expect(index.match({ kind: 'in', key: 'k', values }, undefined, live).size).toBe(10_000);
    expect(tested).not.toHaveBeenCalled();
  });

  it('holds one record a row', () => {
    const first = record('a', { k: 1 });
    const index = filled(first);
    expect(() => index.add(0, record('b', {}))).toThrow('assertion failed');
    expect(() => index.remove(0, record('a', { k: 1 }))).toThrow('assertion failed');
    expect(() => index.remove(1, first)).toThrow('assertion failed');
  });
});
