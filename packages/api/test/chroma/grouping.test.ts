import type { MetadataValue, StoredRecord } from '@lucerna/vector';
import { describe, expect, it } from 'vitest';
import { grouped, grouping } from '../../src/chroma/grouping.ts';

function record(id: string, metadata: Record<string, MetadataValue>): StoredRecord {
  return {
    id,
    metadata: new Map(Object.entries(metadata)),
    document: undefined,
    uri: undefined,
    payload: undefined,
    provenance: undefined,
  };
}

const RECORDS = [
  { record: record('a', { kind: 'x', year: 3n }), score: 1 },
  { record: record('b', { kind: 'y', year: 1n }), score: 2 },
  { record: record('c', { kind: 'x', year: 1.5 }), score: 3 },
  { record: record('d', { kind: 1n }), score: 4 },
  { record: record('e', { kind: 'x' }), score: 5 },
  { record: record('f', {}), score: 6 },
];

function idsOf(groupBy: object): string {
  const read = grouping.read(groupBy, 'group_by');
  const found = read === undefined ? RECORDS : grouped(RECORDS, read);
  return found.map(({ record: { id } }) => id).join('');
}

describe('groups', () => {
  it('keep the best of each, in the order of the scores', () => {
    const best = (k: number): object => ({ $min_k: { keys: ['#score'], k } });
    expect(idsOf({ keys: ['kind'], aggregate: best(1) })).toBe('abdf');
    expect(idsOf({ keys: ['kind'], aggregate: best(2) })).toBe('abcdf');
    expect(idsOf({ keys: ['kind', 'year'], aggregate: best(1) })).toBe('abcdef');
  });

  it('are ordered by values, where nothing comes first', () => {
    expect(idsOf({ keys: ['kind'], aggregate: { $min_k: { keys: ['year'], k: 1 } } })).toBe('bdef');
    expect(idsOf({ keys: ['kind'], aggregate: { $max_k: { keys: ['year'], k: 1 } } })).toBe('abdf');
    const worst = { $max_k: { keys: ['#score'], k: 1 } };
    expect(idsOf({ keys: ['kind'], aggregate: worst })).toBe('bdef');
  });

  it.each([
    [{ keys: ['#document'], aggregate: { $min_k: { keys: ['#score'], k: 1 } } }],
    [{ keys: ['kind'], aggregate: { $min_k: { keys: [], k: 1 } } }],
    [{ keys: ['kind'], aggregate: { $min_k: { keys: ['#id'], k: 1 } } }],
    [{ keys: ['kind'], aggregate: { $min_k: { keys: ['#score'], k: 0 } } }],
  ])('are refused: %j', (groupBy) => {
    expect(() => grouping.read(groupBy, 'group_by')).toThrow(
      expect.objectContaining({ code: 'CHROMA_ARGUMENT_INVALID' }),
    );
  });

  it('are none without keys or an aggregate', () => {
    const aggregate = { $min_k: { keys: ['#score'], k: 1 } };
    for (const groupBy of [{}, { keys: [], aggregate }, { keys: ['kind'] }]) {
      expect(idsOf(groupBy)).toBe('abcdef');
    }
  });

  it('need one aggregate', () => {
    const k = { keys: ['#score'], k: 1 };
    for (const aggregate of [{}, { $min_k: k, $max_k: k }]) {
      expect(() => grouping.read({ keys: ['kind'], aggregate }, 'group_by')).toThrow(
        expect.objectContaining({ code: 'CHROMA_BODY_INVALID' }),
      );
    }
  });
});
