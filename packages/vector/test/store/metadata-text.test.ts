import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Metadata, MetadataPatch, MetadataValue } from '../../src/metadata.ts';
import { mergeMetadata } from '../../src/metadata-values.ts';
import type { StoredRecord } from '../../src/record.ts';
import {
  type MetadataInput,
  metadataColumns,
  metadataObject,
  metadataText,
  replacingColumns,
} from '../../src/store/metadata-text.ts';

/** The record that a new one becomes. */
function stored(input: MetadataInput): StoredRecord {
  const columns = metadataColumns(1, [input]);
  return recordWith(columns?.metadatas[0], columns?.payloads[0]);
}

function recordWith(metadata: Metadata | undefined, payload: string | undefined): StoredRecord {
  const isEmpty = metadata === undefined || metadata.size === 0;
  return {
    id: 'a',
    metadata: isEmpty ? undefined : metadata,
    document: undefined,
    uri: undefined,
    payload,
    provenance: undefined,
  };
}

/** What the engine makes of an upsert. */
function replaced(old: StoredRecord, input: MetadataInput): StoredRecord {
  const { metadatas, payloads } = replacingColumns([old], metadataColumns(1, [input]));
  const patch = metadatas?.[0] as MetadataPatch | undefined;
  return recordWith(mergeMetadata(old.metadata, patch), payloads?.[0] ?? old.payload);
}

// Integers that a number may have rounded are a matter of their own.
const json = fc
  .jsonValue()
  .map((value) =>
    JSON.parse(JSON.stringify(value), (_, part: unknown) =>
      Number.isInteger(part) && !Number.isSafeInteger(part) ? 0 : part,
    ),
  );
const object = fc.dictionary(fc.string({ unit: 'binary' }), json);

describe('metadata as texts', () => {
  it('come back character by character', () => {
    const text = ' { "b" : 1.0, "a":\n[1, "x"], "big": 12345678901234567890, "b": 2 } ';
    const record = stored(text);
    expect(metadataText(record)).toBe(text);
    expect(metadataObject(record)).toEqual({ a: [1, 'x'], b: 2, big: 12345678901234567000 });
  });

  it('can be searched by their members that a collection can hold', () => {
    const record = stored(
      '{"int": 9007199254740993, "float": 2.0, "text": "x", "flag": true, "list": ["a", "b"], "mixed": [1, 2.5], "null": null, "deep": {"x": 1}, "both": [1, "x"], "none": []}',
    );
    expect([...(record.metadata ?? [])]).toEqual([
      ['int', 9_007_199_254_740_993n],
      ['float', 2],
      ['text', 'x'],
      ['flag', true],
      ['list', ['a', 'b']],
      ['mixed', [1, 2.5]],
    ]);
  });

  it.each([
    ['no JSON', '{"a": 1', 'JSON_INVALID'],
    ['nothing', '', 'JSON_INVALID'],
    ['JSON of Python', "{'a': None}", 'JSON_INVALID'],
    ['NaN', '{"a": NaN}', 'JSON_INVALID'],
    ['a number beyond the floats', '{"a": 1e999}', 'JSON_INVALID'],
    ['too deep', `${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`, 'JSON_INVALID'],
    ['an array', '[1]', 'METADATA_INVALID'],
    ['a text', '"a"', 'METADATA_INVALID'],
    ['null', 'null', 'METADATA_INVALID'],
    ['half a character', '{"a": "\ud800"}', 'METADATA_INVALID'],
  ])('are refused when they are %s', (_, text, code) => {
    expect(() => stored(text)).toThrow(expect.objectContaining({ code }));
  });
});

describe('metadata as objects', () => {
  it('come back as JSON would bring them', () => {
    const when = new Date(0);
    const input = {
      a: 1,
      gone: undefined,
      when,
      deep: { list: [undefined, 1.5, null] },
      big: 2n ** 60n,
    };
    expect(metadataObject(stored(input))).toEqual({
      a: 1,
      when: '1970-01-01T00:00:00.000Z',
      deep: { list: [null, 1.5, null] },
      big: 2n ** 60n,
    });
    expect(metadataText(stored({ a: 1, b: 0.5 }))).toBe('{"a":1,"b":0.5}');
    expect(metadataText(stored({}))).toBe('{}');
  });

  it.each<[string, unknown]>([
    ['an array', [1]],
    ['a number', 7],
    ['a map', new Map()],
    ['a set inside', { a: new Set() }],
    ['bytes inside', { a: new Uint8Array(1) }],
    ['not a number', { a: Number.NaN }],
    ['infinite', { a: [Number.POSITIVE_INFINITY] }],
    ['an integer of more than 64 bits', { a: 2n ** 63n }],
    [
      'a circle',
      Object.assign(
        {},
        {
          get self() {
            return this;
          },
        },
      ),
    ],
  ])('are refused when they are %s', (_, input) => {
    expect(() => stored(input as MetadataInput)).toThrow(
      expect.objectContaining({ code: 'METADATA_INVALID' }),
    );
  });

  it('are as many as the ids', () => {
    expect(() => metadataColumns(2, [{}])).toThrow(
      expect.objectContaining({ code: 'COLUMN_LENGTH_MISMATCH' }),
    );
    expect(() => metadataColumns(2, '{}' as never)).toThrow(
      expect.objectContaining({ code: 'METADATA_INVALID' }),
    );
  });

  it('are nothing where nothing is given', () => {
    const record = stored(undefined);
    expect(record).toEqual(recordWith(undefined, undefined));
    expect(metadataObject(record)).toEqual({});
    expect(metadataText(record)).toBe('{}');
  });
});

it('gives back every JSON object, given as text or as itself', () => {
  fc.assert(
    fc.property(object, (value) => {
      const text = JSON.stringify(value);
      const expected = JSON.parse(text);
      expect(metadataObject(stored(text))).toEqual(expected);
      expect(metadataText(stored(text))).toBe(text);
      expect(metadataObject(stored(expected))).toEqual(expected);
      expect(JSON.parse(metadataText(stored(expected)))).toEqual(expected);
    }),
  );
});

it('replaces all that was there', () => {
  const input = fc.oneof(
    object,
    object.map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(input, input, (before, after) => {
      const record = replaced(stored(before), after);
      expect(metadataObject(record)).toEqual(metadataObject(stored(after)));
      if (typeof after === 'string') expect(metadataText(record)).toBe(after);
    }),
  );
});

it('leaves metadata alone where none are given', () => {
  const before = stored('{"a": 1, "deep": {}}');
  expect(replaced(before, undefined)).toEqual(before);
  expect(replacingColumns([before], undefined)).toEqual({});
});

it('tells what somebody else has changed, and keeps what they could not see', () => {
  const before = stored('{"a": 1, "b": 2, "deep": {"x": [1.0]}}');
  const patch: MetadataPatch = new Map<string, MetadataValue | null>([
    ['a', null],
    ['b', 3n],
    ['c', 'new'],
  ]);
  const changed = recordWith(mergeMetadata(before.metadata, patch), before.payload);
  expect(metadataObject(changed)).toEqual({ deep: { x: [1] }, b: 3, c: 'new' });
  expect(metadataText(changed)).toBe('{"deep":{"x":[1.0]},"b":3,"c":"new"}');
  // A payload that is none of a store's.
  expect(metadataObject(recordWith(new Map([['a', 1n]]), 'plain text'))).toEqual({ a: 1 });
  expect(metadataObject(recordWith(new Map([['a', 1n]]), '[1]'))).toEqual({ a: 1 });
});
