import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { RowSet } from '../src/row-set.ts';

/** Around the borders of words. */
const row = fc.nat({ max: 200 });
const rowList = fc.array(row, { maxLength: 60 });

function setOf(rows: readonly number[]): RowSet {
  const set = new RowSet();
  for (const one of rows) set.add(one);
  return set;
}

function expectRows(set: RowSet, model: Set<number>): void {
  expect([...set.rows()]).toEqual([...model].sort((a, b) => a - b));
  expect(set.size).toBe(model.size);
  for (const one of [0, 31, 32, 63, 64, 199, 200, 5000]) expect(set.has(one)).toBe(model.has(one));
}

describe('a set of rows', () => {
  it('agrees with a Set under additions and deletions', () => {
    const action = fc.tuple(fc.boolean(), row);
    fc.assert(
      fc.property(fc.nat({ max: 100 }), fc.array(action, { maxLength: 120 }), (room, actions) => {
        const set = new RowSet(room);
        const model = new Set<number>();
        for (const [isAdded, one] of actions) {
          if (isAdded) {
            set.add(one);
            model.add(one);
          } else {
            set.delete(one);
            model.delete(one);
          }
        }
        expectRows(set, model);
        const copy = set.clone();
        set.clear();
        expectRows(set, new Set());
        expectRows(copy, model);
      }),
      runs(300),
    );
  });

  it('intersects, unites and subtracts sets of any lengths', () => {
    fc.assert(
      fc.property(rowList, rowList, (left, right) => {
        const [a, b] = [new Set(left), new Set(right)];
        const intersected = setOf(left);
        intersected.intersect(setOf(right));
        expectRows(intersected, a.intersection(b));
        const united = setOf(left);
        united.unite(setOf(right));
        expectRows(united, a.union(b));
        const subtracted = setOf(left);
        subtracted.subtract(setOf(right));
        expectRows(subtracted, a.difference(b));
      }),
      runs(300),
    );
  });

  it('has row r at bit r mod 32 of word r / 32', () => {
    const set = setOf([0, 31, 33, 64]);
    expect([...set.words].slice(0, 3)).toEqual([0x80000001, 2, 1]);
  });
});
