import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Embeddings, embeddingColumn } from '../../src/store/embedding-column.ts';

const values = Float32Array.of(1, 2, 3, 4, 5, 6);

describe('embeddingColumn', () => {
  it.each<[string, Embeddings]>([
    ['one array of 32-bit floats', values],
    ['one array of 64-bit floats', Float64Array.from(values)],
    ['one array of numbers', [...values]],
    [
      'arrays of numbers',
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    ['arrays of floats', [Float32Array.of(1, 2, 3), Float64Array.of(4, 5, 6)]],
  ])('takes %s', (_, embeddings) => {
    expect(embeddingColumn(embeddings, { count: 2 })).toEqual({ values, dimension: 3 });
    expect(embeddingColumn(embeddings, { dimension: 3 })).toEqual({ values, dimension: 3 });
    expect(embeddingColumn(embeddings, { count: 2, dimension: 3 })).toEqual({
      values,
      dimension: 3,
    });
  });

  it('copies nothing that is as it should be', () => {
    expect(embeddingColumn(values, { count: 2 }).values).toBe(values);
    expect(embeddingColumn([values], { count: 1 }).values).toBe(values);
  });

  it('takes no embeddings for no ids', () => {
    for (const nothing of [[], new Float32Array()]) {
      expect(embeddingColumn(nothing, { count: 0 })).toEqual({
        values: new Float32Array(),
        dimension: 0,
      });
    }
  });

  it.each<[string, unknown, { count?: number; dimension?: number }, string]>([
    ['fewer arrays than ids', [[1], [2]], { count: 3 }, 'COLUMN_LENGTH_MISMATCH'],
    ['more arrays than ids', [[1], [2]], { count: 1 }, 'COLUMN_LENGTH_MISMATCH'],
    ['no arrays for an id', [], { count: 1 }, 'COLUMN_LENGTH_MISMATCH'],
    ['values for no id', values, { count: 0 }, 'COLUMN_LENGTH_MISMATCH'],
    ['values that do not divide', values, { count: 4 }, 'COLUMN_LENGTH_MISMATCH'],
    [
      'too many embeddings in one array',
      values,
      { count: 2, dimension: 2 },
      'COLUMN_LENGTH_MISMATCH',
    ],
    [
      'embeddings of another length in one array',
      values,
      { count: 2, dimension: 4 },
      'DIMENSION_MISMATCH',
    ],
    ['one embedding of another length', values, { count: 1, dimension: 3 }, 'DIMENSION_MISMATCH'],
    ['a part of an embedding', values, { dimension: 4 }, 'DIMENSION_MISMATCH'],
    ['arrays of two lengths', [[1, 2], [3]], { count: 2 }, 'DIMENSION_MISMATCH'],
    ['arrays of another length', [[1, 2]], { count: 1, dimension: 3 }, 'DIMENSION_MISMATCH'],
    ['one array of nobody knows how many', values, {}, 'VECTOR_ARGUMENT_INVALID'],
    ['a text', '[1, 2]', { count: 1 }, 'VECTOR_ARGUMENT_INVALID'],
    ['nothing', undefined, { count: 1 }, 'VECTOR_ARGUMENT_INVALID'],
    ['whole numbers of 8 bits', Uint8Array.of(1), { count: 1 }, 'VECTOR_ARGUMENT_INVALID'],
    ['a text among numbers', [1, '2'], { count: 1 }, 'VECTOR_ARGUMENT_INVALID'],
    ['null among numbers', [[1, null]], { count: 1 }, 'VECTOR_ARGUMENT_INVALID'],
    // biome-ignore lint/suspicious/noSparseArray: it is what it is about
    ['a hole among numbers', [[1, , 2]], { count: 1 }, 'VECTOR_ARGUMENT_INVALID'],
    ['an object among arrays', [[1], { 0: 1, length: 1 }], { count: 2 }, 'VECTOR_ARGUMENT_INVALID'],
    ['a dimension of 0', values, { dimension: 0 }, 'VECTOR_ARGUMENT_INVALID'],
    ['half a dimension', values, { dimension: 1.5 }, 'VECTOR_ARGUMENT_INVALID'],
  ])('refuses %s', (_, embeddings, expected, code) => {
    expect(() => embeddingColumn(embeddings as Embeddings, expected)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('is the same for all forms of the same numbers', () => {
    const rows = fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 9 }))
      .chain(([count, dimension]) =>
        fc.array(fc.array(fc.double(), { minLength: dimension, maxLength: dimension }), {
          minLength: count,
          maxLength: count,
        }),
      );
    fc.assert(
      fc.property(rows, (list) => {
        const count = list.length;
        const expected = embeddingColumn(list, { count });
        expect(expected.values).toEqual(Float32Array.from(list.flat()));
        for (const form of [
          list.flat(),
          Float64Array.from(list.flat()),
          list.map((row) => Float32Array.from(row)),
        ]) {
          expect(embeddingColumn(form, { count })).toEqual(expected);
        }
      }),
    );
  });
});
