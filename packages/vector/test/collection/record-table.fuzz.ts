import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { RecordTable } from '../../src/collection/record-table.ts';
import type { StoredRecord } from '../../src/record.ts';
import { RowSet } from '../../src/row-set.ts';

function recordOf(id: string, document: string): StoredRecord {
  return {
    id,
    document,
    metadata: undefined,
    uri: undefined,
    payload: undefined,
    provenance: undefined,
  };
}

/** What the table must say, with rows by id in a map, which keeps the order of insertion. */
type Model = Map<string, { record: StoredRecord; row: number }>;

function check(table: RecordTable, model: Model, unknown: readonly string[]): void {
  const all = [...model.values()];
  expect(table.size).toBe(model.size);
  expect([...table.ids()]).toEqual([...model.keys()]);
  for (const { record, row } of all) {
    expect(table.record(record.id)).toBe(record);
    expect(table.row(record.id)).toBe(row);
    expect(table.at(row)).toBe(record);
  }
  for (const id of unknown.filter((each) => !model.has(each))) {
    expect([table.has(id), table.record(id), table.row(id)]).toEqual([false, undefined, undefined]);
  }
  const records = all.map(({ record }) => record);
  const moment = table.moment();
  expect(moment.records).toEqual(records);
  expect([...moment.rows]).toEqual(all.map(({ row }) => row));
  for (const [offset, limit] of [
    [0, Infinity],
    [1, 2],
    [model.size, 3],
    [3, 0],
  ] as const) {
    expect(table.slice(offset, limit)).toEqual(records.slice(offset, offset + limit));
  }
  const odd = all.filter((_, index) => index % 2 === 1);
  expect(table.ordered(odd.map(({ row }) => row).reverse(), odd.length)).toEqual(
    odd.map(({ record }) => record),
  );
  const rows = new RowSet();
  for (const { row } of all) rows.add(row);
  expect(table.covers(rows)).toBe(true);
  rows.add(5_000);
  expect(table.covers(rows)).toBe(false);
}

describe('RecordTable', () => {
  it('agrees with a map over random changes', () => {
    const ids = Array.from({ length: 30 }, (_, index) => `id-${index}`);
    const step = fc.record({
      id: fc.constantFrom(...ids),
      what: fc.constantFrom('put', 'put', 'replace', 'delete'),
      document: fc.string({ maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const table = new RecordTable();
        const model: Model = new Map();
        let nextRow = 0;
        const free: number[] = [];
        const takeRow = (): number => free.pop() ?? nextRow++;
        for (const { id, what, document } of steps) {
          const record = recordOf(id, document);
          const old = model.get(id);
          if (old === undefined) {
            if (what === 'delete') continue;
            const row = takeRow();
            table.add(record, row);
            model.set(id, { record, row });
          } else if (what === 'delete') {
            table.delete(id);
            model.delete(id);
            free.push(old.row);
          } else {
            const row = what === 'replace' ? takeRow() : old.row;
            if (row !== old.row) free.push(old.row);
            table.replace(record, row);
            model.set(id, { record, row });
          }
        }
        check(table, model, ids);
      }),
      runs(200),
    );
  });

  it('closes the gaps of deleted records, in order', () => {
    const table = new RecordTable();
    const model: Model = new Map();
    for (let row = 0; row < 4_000; row += 1) {
      const record = recordOf(`id-${row}`, '');
      table.add(record, row);
      model.set(record.id, { record, row });
    }
    for (let row = 0; row < 4_000; row += 1) {
      if (row % 5 === 3) continue;
      table.delete(`id-${row}`);
      model.delete(`id-${row}`);
    }
    check(table, model, ['id-0', 'id-3999']);
    for (let row = 0; row < 2_000; row += 2) {
      const record = recordOf(`new-${row}`, '');
      if (row % 5 === 3) continue;
      table.add(record, row);
      model.set(record.id, { record, row });
    }
    check(table, model, ['id-0']);
  });
});
