import { expect } from 'vitest';
import { vectorSuite } from '../../../../tools/src/vectors.ts';
import { decodedInParts, encodedInParts, partsOf } from './parts.ts';

type StreamCase = {
  readonly chunks: readonly number[];
  readonly stateless_concat: string;
  readonly equals_whole: boolean;
};
type StreamDocument = { readonly whole: string; readonly cases: readonly StreamCase[] };
type Case = StreamCase & { readonly whole: string };

const bytes = Uint8Array.from({ length: 12 }, (_, index) => index);

vectorSuite<StreamDocument, Case>('q64/stream.json', {
  cases: ({ whole, cases }) =>
    cases.map((value) => [value.chunks.join(','), { ...value, whole }] as const),
  check: ({ whole, chunks, stateless_concat, equals_whole }) => {
    let end = 0;
    const ends = chunks.map((length) => {
      end += length;
      return end;
    });
    expect(end).toBe(bytes.length);
    const parts = partsOf(bytes, ends);
    for (const chunkSize of [1, 2, 3, 12, 65_536]) {
      expect(encodedInParts(parts, { chunkSize })).toBe(whole);
      const texts = partsOf(whole, ends);
      expect(decodedInParts(texts, { chunkSize })).toEqual(bytes);
    }
    // What a stream without memory gives is what it must not give.
    const stateless = parts.map((part) => encodedInParts([part])).join('');
    expect(stateless).toBe(stateless_concat);
    expect(stateless === whole).toBe(equals_whole);
  },
});
