import { describe, expect, it } from 'vitest';
import { compareNumbers } from '../../src/filter/compare.ts';
import { matches } from '../../src/filter/matches.ts';
import { parseWhere, parseWhereDocument } from '../../src/filter/parse-where.ts';
import { parseExactJson } from '../../src/json.ts';
import { metadataFrom } from '../../src/metadata-values.ts';
import type { StoredRecord } from '../../src/record.ts';

function record(id: string, metadata: string, document?: string): StoredRecord {
  return {
    id,
    metadata: metadataFrom(parseExactJson(metadata), 'exact'),
    document,
    uri: undefined,
    payload: undefined,
    provenance: undefined,
  };
}

const records: readonly StoredRecord[] = [
  record('int', '{"a":1}', 'Hello World'),
  record('float', '{"a":1.0}', 'hello'),
  record('half', '{"a":1.5}'),
  record('text', '{"a":"1"}'),
  record('truth', '{"a":true}'),
  record('ints', '{"a":[1,2]}'),
  record('floats', '{"a":[1.0,2.5]}'),
  record('texts', '{"a":["1","x"]}'),
  record('sparse', '{"a":{"indices":[1],"values":[1]}}'),
  record('big', '{"a":9007199254740993}'),
  record('other', '{"z":1}', ''),
  record('none', '{}'),
];
const all = records.map(({ id }) => id);

function found(where: string): string[] {
  const condition = parseWhere(parseExactJson(where));
  if (condition === undefined) throw new Error('no condition');
  return records.filter((item) => matches(item, condition)).map(({ id }) => id);
}

function foundDocuments(where: unknown): string[] {
  const condition = parseWhereDocument(where);
  if (condition === undefined) throw new Error('no condition');
  return records.filter((item) => matches(item, condition)).map(({ id }) => id);
}

function without(...ids: readonly string[]): string[] {
  return all.filter((id) => !ids.includes(id));
}

describe('matches', () => {
  it('compares numbers by value, and nothing else across types', () => {
    expect(found('{"a":1}')).toEqual(['int', 'float']);
    expect(found('{"a":1.0}')).toEqual(['int', 'float']);
    expect(found('{"a":"1"}')).toEqual(['text']);
    expect(found('{"a":true}')).toEqual(['truth']);
    expect(found('{"a":{"$in":[1,1.5]}}')).toEqual(['int', 'float', 'half']);
    expect(found('{"a":{"$in":["1","x"]}}')).toEqual(['text']);
  });

  it('compares integers with floats exactly', () => {
    expect(found('{"a":{"$gt":0.5}}')).toEqual(['int', 'float', 'half', 'big']);
    expect(found('{"a":{"$gte":1}}')).toEqual(['int', 'float', 'half', 'big']);
    expect(found('{"a":{"$gt":1.2}}')).toEqual(['half', 'big']);
    expect(found('{"a":{"$lt":1.5}}')).toEqual(['int', 'float']);
    expect(found('{"a":{"$lte":1.5}}')).toEqual(['int', 'float', 'half']);
    expect(found('{"a":{"$gt":9007199254740992.0}}')).toEqual(['big']);
    expect(found('{"a":{"$gte":9007199254740994}}')).toEqual([]);
    expect(found('{"a":9007199254740992}')).toEqual([]);
    expect(found('{"a":9007199254740993}')).toEqual(['big']);
  });

  it('holds for records without the key where it is negated', () => {
    expect(found('{"a":{"$ne":1}}')).toEqual(without('int', 'float'));
    expect(found('{"a":{"$nin":["1"]}}')).toEqual(without('text'));
    expect(found('{"a":{"$not_contains":1}}')).toEqual(without('ints', 'floats'));
    expect(found('{"b":{"$ne":1}}')).toEqual(all);
  });

  it('finds items of lists, of lists only', () => {
    expect(found('{"a":{"$contains":1}}')).toEqual(['ints', 'floats']);
    expect(found('{"a":{"$contains":2.5}}')).toEqual(['floats']);
    expect(found('{"a":{"$contains":"1"}}')).toEqual(['texts']);
    expect(found('{"a":{"$contains":true}}')).toEqual([]);
  });

  it('joins conditions', () => {
    expect(found('{"$and":[]}')).toEqual(all);
    expect(found('{"$or":[]}')).toEqual([]);
    expect(found('{"$and":[{"a":{"$gte":1}},{"a":{"$lt":1.2}}]}')).toEqual(['int', 'float']);
    expect(found('{"$or":[{"z":1},{"a":"1"}]}')).toEqual(['text', 'other']);
  });

  it('selects ids', () => {
    expect(found('{"#id":{"$in":["half","none","missing"]}}')).toEqual(['half', 'none']);
    expect(found('{"#id":{"$ne":"half"}}')).toEqual(without('half'));
  });

  it('looks through documents, case-sensitively', () => {
    expect(foundDocuments({ $contains: 'ell' })).toEqual(['int', 'float']);
    expect(foundDocuments({ $contains: 'ELL' })).toEqual([]);
    expect(foundDocuments({ $contains: '' })).toEqual(['int', 'float', 'other']);
    expect(foundDocuments({ $contains: 'h_llo' })).toEqual([]);
    expect(foundDocuments({ $not_contains: 'ell' })).toEqual(without('int', 'float'));
    expect(foundDocuments({ $not_contains: '' })).toEqual(without('int', 'float', 'other'));
    expect(foundDocuments({ $regex: '^[Hh]ello' })).toEqual(['int', 'float']);
    expect(foundDocuments({ $regex: 'World$' })).toEqual(['int']);
    expect(foundDocuments({ $not_regex: 'o' })).toEqual(without('int', 'float'));
    expect(found('{"#document":{"$contains":"World"}}')).toEqual(['int']);
  });
});

describe('compareNumbers', () => {
  it('rounds nothing', () => {
    const ascending = [
      -(2 ** 63),
      -(2n ** 53n) - 1n,
      -(2 ** 53),
      -1.5,
      -1n,
      0,
      0.5,
      1n,
      2 ** 53,
      2n ** 53n + 1n,
      2n ** 63n - 1n,
      2 ** 63,
    ];
    for (const [left, one] of ascending.entries()) {
      for (const [right, other] of ascending.entries()) {
        expect([one, other, compareNumbers(one, other)]).toEqual([
          one,
          other,
          Math.sign(left - right),
        ]);
      }
    }
    expect(compareNumbers(1n, 1)).toBe(0);
    expect(compareNumbers(-0, 0n)).toBe(0);
  });
});
