import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matches } from '../../src/filter/matches.ts';
import { RecordIndex } from '../../src/filter/record-index.ts';
import { compileRegex, type Regex } from '../../src/filter/regex.ts';
import type { Where, WhereDocument } from '../../src/filter/where.ts';
import type { MetadataScalar, MetadataValue } from '../../src/metadata.ts';
import type { StoredRecord } from '../../src/record.ts';
import { RowSet } from '../../src/row-set.ts';

// Values that come near one another on purpose: few of each kind, and numbers around 2^53 and 2^63.
const scalar: fc.Arbitrary<MetadataScalar> = fc.oneof(
  fc.constantFrom<MetadataScalar>(true, false, '', 'a', 'b', 'true', '1'),
  fc.constantFrom<MetadataScalar>(0n, 1n, 2n, -1n, 0, -0, 1, 1.5, -1, 2),
  fc.constantFrom<MetadataScalar>(
    2n ** 53n,
    2n ** 53n + 1n,
    2n ** 53n - 1n,
    2 ** 53,
    2 ** 53 + 2,
    2n ** 63n - 1n,
    2n ** 63n - 2n,
    2 ** 63,
    -(2n ** 63n),
    -(2 ** 63),
    1e300,
    -1e300,
    5e-324,
  ),
);
const value: fc.Arbitrary<MetadataValue> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom('a', 'b', '1'), { minLength: 1, maxLength: 3 }),
  },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom(1n, 2n, 2n ** 53n, 2n ** 53n + 1n), {
      minLength: 1,
      maxLength: 3,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom(1, 1.5, 2 ** 53), { minLength: 1, maxLength: 3 }),
  },
  { weight: 1, arbitrary: fc.array(fc.boolean(), { minLength: 1, maxLength: 2 }) },
  { weight: 1, arbitrary: fc.constant({ indices: [1], values: [0.5] }) },
);
const key = fc.constantFrom('k', 'l', 'm');
const word = fc.constantFrom('the', 'fox', 'Fox', 'foxes', '東京', '京都', 'é', '😀', '\n', '42');
const document = fc.option(
  fc.array(word, { maxLength: 6 }).map((words) => words.join(' ')),
  { nil: undefined },
);
const id = fc.nat({ max: 30 }).map((number) => `id${number}`);
const record: fc.Arbitrary<StoredRecord> = fc.record({
  id,
  metadata: fc.option(
    fc
      .uniqueArray(fc.tuple(key, value), { selector: ([name]) => name })
      .map((entries) => new Map(entries)),
    {
      nil: undefined,
    },
  ),
  document,
  uri: fc.constant(undefined),
  payload: fc.constant(undefined),
  provenance: fc.constant(undefined),
});

const number = scalar.filter(
  (item): item is bigint | number => typeof item === 'bigint' || typeof item === 'number',
);
const pattern = fc.constantFrom(
  'fox',
  '^the',
  '(?i)FOX',
  'f.x',
  '\\d+',
  '東.',
  'fox|東京',
  '[^a-z]$',
  '',
  'zzz',
  '(fox|the) .*42',
  '\\bfox\\b',
);
const { where, whereDocument } = fc.letrec<{ where: Where; whereDocument: WhereDocument }>(
  (tie) => ({
    whereDocument: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.record({
        kind: fc.constantFrom('documentContains' as const, 'documentNotContains' as const),
        text: fc.oneof(word, fc.constantFrom('', 'fo', 'the fox', 'x 東', '京 ', 'none of it')),
      }),
      fc.record({
        kind: fc.constantFrom('documentMatches' as const, 'documentNotMatches' as const),
        pattern,
      }),
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        children: fc.array(tie('whereDocument'), { maxLength: 3 }),
      }),
    ),
    where: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.record({
        kind: fc.constantFrom(
          'equal' as const,
          'notEqual' as const,
          'contains' as const,
          'notContains' as const,
        ),
        key,
        value: scalar,
      }),
      fc.record({
        kind: fc.constantFrom(
          'greater' as const,
          'greaterOrEqual' as const,
          'less' as const,
          'lessOrEqual' as const,
        ),
        key,
        value: number,
      }),
      fc.record({
        kind: fc.constantFrom('in' as const, 'notIn' as const),
        key,
        values: fc.array(scalar, { maxLength: 4 }),
      }),
      fc.record({
        kind: fc.constant('id' as const),
        values: fc.array(id, { maxLength: 5 }),
        isNegated: fc.boolean(),
      }),
      tie('whereDocument'),
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        children: fc.array(tie('where'), { maxLength: 4 }),
      }),
    ),
  }),
);

type Step =
  | { readonly kind: 'add'; readonly row: number; readonly record: StoredRecord }
  | { readonly kind: 'remove'; readonly row: number }
  | {
      readonly kind: 'match';
      readonly where: Where | undefined;
      readonly whereDocument: WhereDocument | undefined;
      readonly isRepeated: boolean;
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('add' as const), row: fc.nat({ max: 150 }), record }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), row: fc.nat({ max: 150 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('match' as const),
      where: fc.option(where, { nil: undefined }),
      whereDocument: fc.option(whereDocument, { nil: undefined }),
      isRepeated: fc.boolean(),
    }),
  },
);

const regexes = new Map<string, Regex>();

function regexOf(pattern: string): Regex {
  const regex = regexes.get(pattern) ?? compileRegex(pattern);
  regexes.set(pattern, regex);
  return regex;
}

function naive(
  records: ReadonlyMap<number, StoredRecord>,
  filter: Extract<Step, { kind: 'match' }>,
): number[] {
  const rows: number[] = [];
  for (const [row, candidate] of records) {
    const conditions = [filter.where, filter.whereDocument];
    const isFound = conditions.every(
      (condition) => condition === undefined || matches(candidate, condition, regexOf),
    );
    if (!isFound) continue;
    rows.push(row);
  }
  return rows.sort((left, right) => left - right);
}

/** Runs the steps on an index and on a map; many records of few kinds. */
function run(steps: readonly Step[], withRowOf: boolean): void {
  const records = new Map<number, StoredRecord>();
  const live = new RowSet();
  const rowOf = (wanted: string): number | undefined => {
    for (const [row, candidate] of records) if (candidate.id === wanted) return row;
    return undefined;
  };
  const index = new RecordIndex(withRowOf ? { rowOf } : {});
  for (const step of steps) {
    if (step.kind === 'add') {
      if (records.has(step.row)) continue;
      // With a lookup of ids, ids are unique as in a collection.
      const added = withRowOf ? { ...step.record, id: `id${step.row}` } : step.record;
      records.set(step.row, added);
      live.add(step.row);
      index.add(step.row, added);
    } else if (step.kind === 'remove') {
      const removed = records.get(step.row);
      if (removed === undefined) continue;
      records.delete(step.row);
      live.delete(step.row);
      index.remove(step.row, removed);
    } else {
      for (let repeat = step.isRepeated ? 2 : 1; repeat > 0; repeat -= 1) {
        const found = index.match(step.where, step.whereDocument, live);
        expect([...found.rows()]).toEqual(naive(records, step));
        expect(found.size).toBe([...found.rows()].length);
        found.clear();
      }
    }
  }
}

describe('RecordIndex', () => {
  it('finds what the evaluation of every record finds, after any changes', () => {
    fc.assert(fc.property(fc.array(step, { size: 'large', maxLength: 300 }), fc.boolean(), run), {
      numRuns: 60,
    });
  });

  it('finds the same among many records, whatever the order of the conditions', () => {
    const additions = fc
      .sample(record, { numRuns: 2_500, seed: 7 })
      .map((added, row): Step => ({ kind: 'add', row, record: added }));
    const filters = fc.array(
      fc.record({
        kind: fc.constant('match' as const),
        where: fc.option(where, { nil: undefined }),
        whereDocument: fc.option(whereDocument, { nil: undefined }),
        isRepeated: fc.boolean(),
      }),
      { minLength: 10, maxLength: 20 },
    );
    fc.assert(
      fc.property(filters, (some) => run([...additions, ...some], false)),
      { numRuns: 6 },
    );
  });
});
