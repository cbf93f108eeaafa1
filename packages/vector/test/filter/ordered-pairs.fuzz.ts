import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KeyRange, OrderedPairs } from '../../src/filter/ordered-pairs.ts';
import { eachRow } from '../../src/filter/words.ts';

const ROWS = 4_096;

function isWithin(key: number, range: KeyRange): boolean {
  const isFrom = range.isBehindFrom ? key > range.from : key >= range.from;
  return isFrom && (range.isBehindTo ? key <= range.to : key < range.to);
}

/** Changes of every `stride`-th pair from `start` on: blocks fill, split, get thin, join and go. */
const run = fc.record({
  isAddition: fc.boolean(),
  isDescending: fc.boolean(),
  start: fc.nat({ max: ROWS }),
  count: fc.integer({ min: 1, max: ROWS }),
  stride: fc.constantFrom(1, 1, 2, 5, 1_021),
});
const bound = fc.oneof(
  fc.integer({ min: -2, max: 102 }),
  fc.constantFrom(-Infinity, Infinity, -0, 500_000),
);

describe('OrderedPairs', () => {
  it('is a set of pairs, in order', () => {
    fc.assert(
      fc.property(
        fc.array(run, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(1, 3, 100, 1_000_000),
        fc.array(fc.tuple(bound, fc.boolean(), bound, fc.boolean()), {
          minLength: 1,
          maxLength: 10,
        }),
        (runs, keys, ranges) => {
          const pairs = new OrderedPairs();
          const model = new Map<number, readonly [number, number]>();
          for (const { isAddition, isDescending, start, count, stride } of runs) {
            for (let index = 0; index < count; index += 1) {
              const place = isDescending ? count - index : index;
              const row = (start + place * stride) % ROWS;
              const key = keys === 1_000_000 ? row : Math.imul(row, 0x9e3779b1) % keys;
              if (isAddition) {
                if (pairs.add(key, row) === model.has(row)) expect.fail('a pair is added once');
                model.set(row, [key, row]);
              } else if (pairs.delete(key, row) !== model.delete(row)) {
                expect.fail('a pair is deleted once');
              }
            }
          }
          expect(pairs.size).toBe(model.size);
          for (const [from, isBehindFrom, to, isBehindTo] of ranges) {
            if (from > to) continue;
            const range = { from, isBehindFrom, to, isBehindTo };
            const within = [...model.values()].filter(([key]) => isWithin(key, range));
            expect(pairs.count(range)).toBe(within.length);
            const words = new Uint32Array(ROWS / 32);
            pairs.mark(words, range);
            const marked: number[] = [];
            eachRow(words, (row) => marked.push(row));
            const rows = [...new Set(within.map(([, row]) => row))].sort((a, b) => a - b);
            expect(marked).toEqual(rows);
            const visited: number[] = [];
            pairs.visit(range, (row) => visited.push(row));
            expect(visited.length).toBe(within.length);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
