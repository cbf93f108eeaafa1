import { describe, expect, it } from 'vitest';
import { parseWhere, parseWhereDocument } from '../../src/filter/parse-where.ts';
import { parseExactJson } from '../../src/json.ts';
import { vectorLimits } from '../../src/limits.ts';

/** Code and path of the fault. */
function faultOf(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    const { code, fields } = error as { code?: unknown; fields?: { path?: unknown } };
    return fields?.path === undefined ? code : [code, fields.path];
  }
}

describe('parseWhere', () => {
  it('reads every operator', () => {
    const cases: readonly (readonly [string, unknown])[] = [
      ['{"k":1}', { kind: 'equal', key: 'k', value: 1n }],
      ['{"k":1.0}', { kind: 'equal', key: 'k', value: 1 }],
      ['{"k":"x"}', { kind: 'equal', key: 'k', value: 'x' }],
      ['{"k":true}', { kind: 'equal', key: 'k', value: true }],
      ['{"k":{"$eq":"x"}}', { kind: 'equal', key: 'k', value: 'x' }],
      ['{"k":{"$ne":false}}', { kind: 'notEqual', key: 'k', value: false }],
      ['{"k":{"$gt":1}}', { kind: 'greater', key: 'k', value: 1n }],
      ['{"k":{"$gte":1.5}}', { kind: 'greaterOrEqual', key: 'k', value: 1.5 }],
      ['{"k":{"$lt":-1}}', { kind: 'less', key: 'k', value: -1n }],
      ['{"k":{"$lte":0}}', { kind: 'lessOrEqual', key: 'k', value: 0n }],
      ['{"k":{"$in":["a","b"]}}', { kind: 'in', key: 'k', values: ['a', 'b'] }],
      ['{"k":{"$nin":[1,2.5]}}', { kind: 'notIn', key: 'k', values: [1n, 2.5] }],
      ['{"k":{"$contains":"a"}}', { kind: 'contains', key: 'k', value: 'a' }],
      ['{"k":{"$not_contains":1}}', { kind: 'notContains', key: 'k', value: 1n }],
      ['{"#document":{"$contains":"a"}}', { kind: 'documentContains', text: 'a' }],
      ['{"#document":{"$not_contains":""}}', { kind: 'documentNotContains', text: '' }],
      ['{"#document":{"$regex":"a+"}}', { kind: 'documentMatches', pattern: 'a+' }],
      ['{"#document":{"$not_regex":"a+"}}', { kind: 'documentNotMatches', pattern: 'a+' }],
      ['{"#id":"x"}', { kind: 'id', values: ['x'], isNegated: false }],
      ['{"#id":{"$eq":"x"}}', { kind: 'id', values: ['x'], isNegated: false }],
      ['{"#id":{"$ne":"x"}}', { kind: 'id', values: ['x'], isNegated: true }],
      ['{"#id":{"$in":["x","y"]}}', { kind: 'id', values: ['x', 'y'], isNegated: false }],
      ['{"#id":{"$nin":["x"]}}', { kind: 'id', values: ['x'], isNegated: true }],
      ['{"$and":[]}', { kind: 'and', children: [] }],
      ['{"$or":[{"k":1}]}', { kind: 'or', children: [{ kind: 'equal', key: 'k', value: 1n }] }],
      ['{"#other":1}', { kind: 'equal', key: '#other', value: 1n }],
      ['{"__proto__":1}', { kind: 'equal', key: '__proto__', value: 1n }],
    ];
    for (const [text, expected] of cases)
      expect(parseWhere(parseExactJson(text))).toEqual(expected);
  });

  it('takes a value of a list once, however often it is there', () => {
    const same = Array.from({ length: 1_000 }, () => 1n);
    expect(parseWhere({ k: { $in: same } })).toEqual({ kind: 'in', key: 'k', values: [1n] });
    expect(parseWhere({ k: { $nin: ['a', 'b', 'a'] } })).toMatchObject({ values: ['a', 'b'] });
    expect(parseWhere({ '#id': { $in: ['a', 'b', 'a'] } })).toMatchObject({ values: ['a', 'b'] });
  });

  it('refuses more regular expressions than may be compiled', () => {
    const most = vectorLimits.values.filterRegexes;
    const filter = (count: number) => ({
      $or: Array.from({ length: count }, (_, index) => ({ '#document': { $regex: `x${index}` } })),
    });
    expect(parseWhere(filter(most))).toMatchObject({ kind: 'or' });
    expect(faultOf(() => parseWhere(filter(most + 1)))).toEqual([
      'FILTER_INVALID',
      `where.$or[${most}].#document.$regex`,
    ]);
  });

  it('refuses regular expressions that are too large together', () => {
    const filter = (count: number) => ({
      $or: Array.from({ length: count }, (_, index) => ({
        '#document': { $regex: `a{500}${index}` },
      })),
    });
    expect(parseWhere(filter(3))).toMatchObject({ kind: 'or' });
    expect(faultOf(() => parseWhere(filter(4)))).toEqual([
      'FILTER_INVALID',
      'where.$or[3].#document.$regex',
    ]);
  });

  it('reads conditions inside one another', () => {
    const where = {
      $and: [{ a: 1.5 }, { $or: [{ b: { $in: ['x'] } }, { '#document': { $contains: 'y' } }] }],
    };
    expect(parseWhere(where)).toEqual({
      kind: 'and',
      children: [
        { kind: 'equal', key: 'a', value: 1.5 },
        {
          kind: 'or',
          children: [
            { kind: 'in', key: 'b', values: ['x'] },
            { kind: 'documentContains', text: 'y' },
          ],
        },
      ],
    });
  });

  it('is undefined where there is no filter', () => {
    expect(parseWhere(null)).toBeUndefined();
    expect(parseWhere(undefined)).toBeUndefined();
  });

  it('refuses malformed filters with the path of the fault', () => {
    const cases: readonly (readonly [unknown, string])[] = [
      [{}, 'where'],
      [[], 'where'],
      ['k', 'where'],
      [1, 'where'],
      [{ a: 1, b: 2 }, 'where'],
      [{ a: null }, 'where.a'],
      [{ a: [1] }, 'where.a'],
      [{ a: {} }, 'where.a'],
      [{ a: { $eq: 1, $ne: 2 } }, 'where.a'],
      [{ a: { eq: 1 } }, 'where.a.eq'],
      [{ a: { $eq: [1] } }, 'where.a.$eq'],
      [{ a: { $eq: null } }, 'where.a.$eq'],
      [{ a: { $gt: 'x' } }, 'where.a.$gt'],
      [{ a: { $lte: true } }, 'where.a.$lte'],
      [{ a: { $gt: Number.NaN } }, 'where.a.$gt'],
      [{ a: 2n ** 63n }, 'where.a'],
      [{ a: { $in: [] } }, 'where.a.$in'],
      [{ a: { $in: 'x' } }, 'where.a.$in'],
      [{ a: { $in: [1, 'x'] } }, 'where.a.$in'],
      [{ a: { $nin: [null] } }, 'where.a.$nin'],
      [{ a: { $contains: ['x'] } }, 'where.a.$contains'],
      [{ a: { $regex: 'x' } }, 'where.a.$regex'],
      [{ $and: { a: 1 } }, 'where.$and'],
      [{ $or: [{ a: 1 }, { b: {} }] }, 'where.$or[1].b'],
      [{ $and: [null] }, 'where.$and[0]'],
      [{ $not: [{ a: 1 }] }, 'where.$not'],
      [{ $gt: 1 }, 'where.$gt'],
      [{ '': 1 }, 'where.'],
      [{ '#document': 'x' }, 'where.#document'],
      [{ '#document': { $eq: 'x' } }, 'where.#document.$eq'],
      [{ '#document': { $contains: 1 } }, 'where.#document.$contains'],
      [{ '#document': { $and: [] } }, 'where.#document'],
      [{ '#id': 1 }, 'where.#id'],
      [{ '#id': { $in: [] } }, 'where.#id.$in'],
      [{ '#id': { $in: [1] } }, 'where.#id.$in'],
      [{ '#id': { $ne: 1 } }, 'where.#id.$ne'],
      [{ '#id': { $gt: 'x' } }, 'where.#id.$gt'],
    ];
    for (const [where, path] of cases) {
      expect([where, faultOf(() => parseWhere(where))]).toEqual([where, ['FILTER_INVALID', path]]);
    }
    expect(faultOf(() => parseWhere({ '#document': { $regex: '(' } }))).toBe('REGEX_INVALID');
  });

  it('holds its limits', () => {
    const { filterConditions, filterDepth, filterValues } = vectorLimits.values;
    const nested = (levels: number): unknown => {
      let where: unknown = { a: 1 };
      for (let level = 0; level < levels; level += 1) where = { $and: [where] };
      return where;
    };
    expect(faultOf(() => parseWhere(nested(filterDepth)))).toBeUndefined();
    expect(faultOf(() => parseWhere(nested(filterDepth + 1)))).toMatchObject([
      'FILTER_INVALID',
      expect.anything(),
    ]);
    const cyclic: { $or: unknown[] } = { $or: [] };
    cyclic.$or.push(cyclic);
    expect(faultOf(() => parseWhere(cyclic))).toMatchObject(['FILTER_INVALID', expect.anything()]);
    const wide = (count: number): unknown => ({ $or: new Array(count).fill({ a: 1 }) });
    expect(faultOf(() => parseWhere(wide(filterConditions - 1)))).toBeUndefined();
    expect(faultOf(() => parseWhere(wide(filterConditions)))).toMatchObject([
      'FILTER_INVALID',
      expect.anything(),
    ]);
    const values = (count: number): unknown => ({ a: { $in: new Array(count).fill(1) } });
    expect(faultOf(() => parseWhere(values(filterValues)))).toBeUndefined();
    expect(faultOf(() => parseWhere(values(filterValues + 1)))).toEqual([
      'FILTER_INVALID',
      'where.a.$in',
    ]);
  });
});

describe('parseWhereDocument', () => {
  it('reads every operator', () => {
    expect(parseWhereDocument({ $contains: 'a' })).toEqual({ kind: 'documentContains', text: 'a' });
    expect(parseWhereDocument({ $not_contains: 'a' })).toEqual({
      kind: 'documentNotContains',
      text: 'a',
    });
    expect(parseWhereDocument({ $or: [{ $regex: 'a' }, { $and: [{ $not_regex: 'b' }] }] })).toEqual(
      {
        kind: 'or',
        children: [
          { kind: 'documentMatches', pattern: 'a' },
          { kind: 'and', children: [{ kind: 'documentNotMatches', pattern: 'b' }] },
        ],
      },
    );
    expect(parseWhereDocument(null)).toBeUndefined();
    expect(parseWhereDocument(undefined)).toBeUndefined();
  });

  it('refuses malformed filters with the path of the fault', () => {
    const cases: readonly (readonly [unknown, string])[] = [
      [{}, 'where_document'],
      ['x', 'where_document'],
      [{ $contains: 1 }, 'where_document.$contains'],
      [{ $contains: 'a', $regex: 'b' }, 'where_document'],
      [{ $eq: 'a' }, 'where_document.$eq'],
      [{ key: { $eq: 'a' } }, 'where_document.key'],
      [{ $and: 'a' }, 'where_document.$and'],
      [{ $or: [{ $contains: 'a' }, {}] }, 'where_document.$or[1]'],
    ];
    for (const [where, path] of cases) {
      expect([where, faultOf(() => parseWhereDocument(where))]).toEqual([
        where,
        ['FILTER_INVALID', path],
      ]);
    }
    for (const pattern of ['(', '(?=a)', '(?<!a)b', '(a)\\1', '(?-u)\\xff', '\\C', '*']) {
      expect([pattern, faultOf(() => parseWhereDocument({ $regex: pattern }))]).toEqual([
        pattern,
        'REGEX_INVALID',
      ]);
    }
  });
});
