import { describe, expect, it } from 'vitest';
import { formatExactJson, parseExactJson } from '../src/json.ts';
import { vectorLimits } from '../src/limits.ts';
import type { MetadataPatch } from '../src/metadata.ts';
import {
  collectionMetadataFrom,
  isSparseVector,
  mergeMetadata,
  metadataFrom,
  metadataPatchFrom,
  metadataToJson,
} from '../src/metadata-values.ts';

function codeOf(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe('metadataFrom', () => {
  it('takes safe integers of plain objects for integers, and other numbers for floats', () => {
    const metadata = metadataFrom({ a: 1, b: 1.5, c: -0, d: 2 ** 53, e: 7n, f: 'x', g: true });
    expect([...(metadata ?? [])]).toEqual([
      ['a', 1n],
      ['b', 1.5],
      ['c', 0n],
      ['d', 2 ** 53],
      ['e', 7n],
      ['f', 'x'],
      ['g', true],
    ]);
  });

  it('takes every number for a float where integers are bigints', () => {
    const metadata = metadataFrom(
      parseExactJson('{"a":1,"b":1.0,"c":[1.0,2.0],"d":[1,2]}'),
      'exact',
    );
    expect(metadata).toEqual(
      new Map<string, unknown>([
        ['a', 1n],
        ['b', 1],
        ['c', [1, 2]],
        ['d', [1n, 2n]],
      ]),
    );
  });

  it('is undefined where there is nothing', () => {
    for (const nothing of [undefined, null, {}, { a: undefined }, new Map()]) {
      expect(metadataFrom(nothing)).toBeUndefined();
    }
  });

  it('makes floats of integers beside floats, unless that would change them', () => {
    expect(metadataFrom({ a: [1, 2.5] })?.get('a')).toEqual([1, 2.5]);
    expect(metadataFrom({ a: [2n ** 60n, 0.5] })?.get('a')).toEqual([2 ** 60, 0.5]);
    expect(codeOf(() => metadataFrom({ a: [2n ** 53n + 1n, 0.5] }))).toBe('METADATA_INVALID');
  });

  it('reads sparse embeddings, with and without their type', () => {
    const sparse = { indices: [1, 5], values: [0.5, 2] };
    expect(metadataFrom({ a: { '#type': 'sparse_vector', ...sparse } })?.get('a')).toEqual(sparse);
    expect(metadataFrom({ a: sparse })?.get('a')).toEqual(sparse);
    const text =
      '{"a":{"#type":"sparse_vector","indices":[1,5],"values":[0.5,2],"tokens":["x","y"]}}';
    const metadata = metadataFrom(parseExactJson(text), 'exact');
    expect(metadata?.get('a')).toEqual({ ...sparse, tokens: ['x', 'y'] });
    expect(metadataFrom({ a: { indices: [], values: [] } })?.get('a')).toEqual({
      indices: [],
      values: [],
    });
    expect(metadataFrom({ a: { ...sparse, tokens: null } })?.get('a')).toEqual(sparse);
  });

  it('refuses what is no metadata', () => {
    const wrong: unknown[] = [
      'text',
      1,
      [],
      [['a', 1]],
      new Date(),
      new Set(['a']),
      { a: null },
      { '': 1 },
      { a: Number.NaN },
      { a: Infinity },
      { a: 2n ** 63n },
      { a: -(2n ** 63n) - 1n },
      { a: [] },
      { a: [1, 'x'] },
      { a: [true, 1] },
      { a: [[1]] },
      { a: [null] },
      { a: ['\ud800'] },
      { a: '\udc00 alone' },
      { '\ud800': 1 },
      { a: { b: 1 } },
      { a: {} },
      { a: new Map() },
      { a: Symbol.iterator },
      { a: () => 1 },
      { a: { '#type': 'other', indices: [], values: [] } },
      { a: { indices: [1], values: [] } },
      { a: { indices: [2, 1], values: [1, 1] } },
      { a: { indices: [1, 1], values: [1, 1] } },
      { a: { indices: [-1], values: [1] } },
      { a: { indices: [0.5], values: [1] } },
      { a: { indices: [2 ** 32], values: [1] } },
      { a: { indices: [1], values: ['1'] } },
      { a: { indices: [1], values: [Number.NaN] } },
      { a: { indices: [1], values: [1], tokens: [] } },
      { a: { indices: [1], values: [1], tokens: [1] } },
      { a: { indices: [1], values: [1], more: 1 } },
      new Map([[1, 'not a text']]),
    ];
    for (const value of wrong)
      expect([value, codeOf(() => metadataFrom(value))]).toEqual([value, 'METADATA_INVALID']);
  });

  it('holds its limits', () => {
    const { metadataKeys, metadataKeyChars, metadataItems } = vectorLimits.values;
    const keys = (count: number): object =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));
    const ones = (count: number): number[] => new Array<number>(count).fill(1);
    const sparse = (count: number): object => ({
      indices: ones(count).map((_, index) => index),
      values: ones(count),
    });
    expect(metadataFrom(keys(metadataKeys))?.size).toBe(metadataKeys);
    expect(codeOf(() => metadataFrom(keys(metadataKeys + 1)))).toBe('METADATA_INVALID');
    expect(codeOf(() => metadataPatchFrom(keys(metadataKeys + 1)))).toBe('METADATA_INVALID');
    expect(metadataFrom({ ['k'.repeat(metadataKeyChars)]: 1 })?.size).toBe(1);
    expect(codeOf(() => metadataFrom({ ['k'.repeat(metadataKeyChars + 1)]: 1 }))).toBe(
      'METADATA_INVALID',
    );
    expect(metadataFrom({ a: ones(metadataItems), b: sparse(metadataItems) })?.size).toBe(2);
    expect(codeOf(() => metadataFrom({ a: ones(metadataItems + 1) }))).toBe('METADATA_INVALID');
    expect(codeOf(() => metadataFrom({ a: sparse(metadataItems + 1) }))).toBe('METADATA_INVALID');
  });

  it('names the key', () => {
    expect(() => metadataFrom({ good: 1, bad: null })).toThrow(
      expect.objectContaining({ fields: { key: 'bad' } }),
    );
  });
});

describe('metadataPatchFrom', () => {
  it('keeps null, which takes a key away', () => {
    expect([...(metadataPatchFrom({ a: null, b: 1, c: undefined }) ?? [])]).toEqual([
      ['a', null],
      ['b', 1n],
    ]);
    expect(metadataPatchFrom({})).toBeUndefined();
    expect(metadataPatchFrom(null)).toBeUndefined();
    expect(codeOf(() => metadataPatchFrom({ a: [null] }))).toBe('METADATA_INVALID');
    expect(codeOf(() => metadataPatchFrom({ '': null }))).toBe('METADATA_INVALID');
  });
});

describe('collectionMetadataFrom', () => {
  it('refuses empty metadata and keys that begin with # or $', () => {
    expect(collectionMetadataFrom({ a: 1 })).toEqual(new Map([['a', 1n]]));
    expect(collectionMetadataFrom(null)).toBeUndefined();
    for (const wrong of [{}, { a: undefined }, { '#a': 1 }, { $a: 1 }, { a: 1, '': 2 }]) {
      expect(codeOf(() => collectionMetadataFrom(wrong))).toBe('METADATA_INVALID');
    }
    expect(metadataFrom({ '#a': 1, $a: 2 })?.size).toBe(2);
  });
});

describe('mergeMetadata', () => {
  const old = new Map<string, bigint>([
    ['a', 1n],
    ['b', 2n],
  ]);

  it('keeps the keys that the patch does not name, and their order', () => {
    const patch: MetadataPatch = new Map<string, bigint | string | null>([
      ['c', 'new'],
      ['a', 'changed'],
      ['b', null],
      ['d', null],
    ]);
    expect([...(mergeMetadata(old, patch) ?? [])]).toEqual([
      ['a', 'changed'],
      ['c', 'new'],
    ]);
    expect(old.size).toBe(2);
  });

  it('is undefined where nothing is left, and the old one where nothing changes', () => {
    const all: MetadataPatch = new Map([
      ['a', null],
      ['b', null],
    ]);
    expect(mergeMetadata(old, all)).toBeUndefined();
    expect(mergeMetadata(undefined, all)).toBeUndefined();
    expect(mergeMetadata(old, undefined)).toBe(old);
    expect(mergeMetadata(undefined, undefined)).toBeUndefined();
  });

  it('holds the limit of keys', () => {
    const many = (prefix: string): Map<string, bigint> =>
      new Map(
        Array.from({ length: vectorLimits.values.metadataKeys }, (_, index) => [
          `${prefix}${index}`,
          1n,
        ]),
      );
    expect(codeOf(() => mergeMetadata(many('a'), many('b')))).toBe('METADATA_INVALID');
  });
});

describe('metadataToJson', () => {
  it('comes back from its JSON text', () => {
    const metadata = metadataFrom({
      int: 2n ** 63n - 1n,
      float: 1.5,
      whole: 2 ** 53,
      text: 'é',
      truth: false,
      ints: [1, 2],
      floats: [0.5, 2],
      sparse: { indices: [3], values: [1], tokens: ['t'] },
      __proto__kind: 1,
    });
    const text = formatExactJson(metadataToJson(metadata ?? new Map()));
    expect(metadataFrom(parseExactJson(text), 'exact')).toEqual(metadata);
    expect(JSON.parse(text)['sparse']['#type']).toBe('sparse_vector');
  });

  it('writes __proto__ as a key like any other', () => {
    const json = metadataToJson(new Map([['__proto__', 'x']]));
    expect(formatExactJson(json)).toBe('{"__proto__":"x"}');
  });

  it('tells sparse embeddings from lists', () => {
    expect(isSparseVector({ indices: [], values: [] })).toBe(true);
    for (const other of [null, ['a'], 'a', 1n, 1, true]) expect(isSparseVector(other)).toBe(false);
  });
});
