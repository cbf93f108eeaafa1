import { describe, expect, it } from 'vitest';
import { Q64Stats } from '../../src/q64-stats.ts';
import { Q64StreamDecoder } from '../../src/stream/stream-decoder.ts';
import { allCuts, countingBytes, decodedInParts, errorOf, naiveText, partsOf } from './parts.ts';

const utf8 = new TextEncoder();

describe('a stream decoder', () => {
  it('gives the whole for every way to cut it, whatever the chunks', () => {
    for (const length of [0, 1, 4, 5]) {
      const bytes = countingBytes(length);
      const text = naiveText(bytes);
      for (const ends of allCuts(text.length)) {
        for (const chunkSize of [1, 2, 3, 4, 100]) {
          const parts = partsOf(text, ends);
          expect(decodedInParts(parts, { chunkSize })).toEqual(bytes);
          const inBytes = parts.map((part) => utf8.encode(part));
          expect(decodedInParts(inBytes, { chunkSize })).toEqual(bytes);
        }
      }
    }
  });

  it('gives whole pieces, and the rest at the end', () => {
    const decoder = new Q64StreamDecoder({ chunkSize: 3 });
    expect(decoder.chunkSize).toBe(3);
    const text = naiveText(countingBytes(11));
    const lengths = partsOf(text, [5, 5, 6, 7, 20]).map((part) => decoder.decodeChunk(part).length);
    expect(lengths).toEqual([0, 0, 3, 0, 6, 0]);
    expect(decoder.finish()).toHaveLength(2);
  });

  it('says where a wrong character is in the whole stream', () => {
    const text = naiveText(countingBytes(5));
    for (let position = 0; position < text.length; position += 1) {
      // A character beyond ASCII, whose low byte is one of the alphabet; one from no alphabet; a shift.
      const wrongs = [
        ['\u0441', undefined],
        ['.', undefined],
        ['\n', undefined],
        [text[(position + 1) % 4], (position + 1) % 4],
      ] as const;
      for (const [wrong, found] of wrongs) {
        const bad = text.slice(0, position) + wrong + text.slice(position + 1);
        const code = found === undefined ? 'Q64_CHARACTER_INVALID' : 'Q64_CHARACTER_MISPLACED';
        const fields = { position, found, expected: position % 4 };
        for (const ends of allCuts(text.length)) {
          const parts = partsOf(bad, ends);
          const error = errorOf(() => decodedInParts(parts, { chunkSize: 2 }));
          expect(error).toMatchObject({ code, fields });
        }
        const inBytes = errorOf(() => decodedInParts([utf8.encode(bad)]));
        expect(inBytes).toMatchObject({ code, fields });
      }
    }
  });

  it('says so where the text ends in the middle of a byte', () => {
    for (const length of [1, 3, 9]) {
      const text = naiveText(countingBytes(5)).slice(0, length);
      for (const ends of allCuts(length)) {
        expect(errorOf(() => decodedInParts(partsOf(text, ends)))).toMatchObject({
          code: 'Q64_LENGTH_ODD',
          fields: { position: length },
        });
      }
    }
  });

  it('passes over whitespace where it is asked to, and counts it', () => {
    const bytes = countingBytes(4);
    const text = ` ${naiveText(bytes).split('').join('\n\t')}\r\n\f`;
    for (const source of [text, utf8.encode(text)]) {
      for (const step of [1, 2, 3, 7, 100]) {
        const ends = Array.from({ length: Math.floor(text.length / step) }, (_, i) => i * step);
        const parts = partsOf(source, ends);
        const options = { ignoreWhitespace: true, chunkSize: 3 };
        expect(decodedInParts(parts, options)).toEqual(bytes);
        expect(errorOf(() => decodedInParts(parts))).toMatchObject({
          code: 'Q64_CHARACTER_INVALID',
          fields: { position: 0, found: undefined, expected: 0 },
        });
        const cut = [...partsOf(text.slice(0, 10), [2, 5]), '\n'];
        expect(errorOf(() => decodedInParts(cut, options))).toMatchObject({
          code: 'Q64_LENGTH_ODD',
          fields: { position: 11 },
        });
        expect(errorOf(() => decodedInParts([...parts, ' ', '\v'], options))).toMatchObject({
          code: 'Q64_CHARACTER_INVALID',
          fields: { position: text.length + 1, expected: 0 },
        });
        expect(errorOf(() => decodedInParts([...parts, 'A\n', '  A'], options))).toMatchObject({
          code: 'Q64_CHARACTER_MISPLACED',
          fields: { position: text.length + 4, found: 0, expected: 1 },
        });
      }
    }
  });

  it('finds a wrong character among whitespace', () => {
    const text = ' A Q\ng  w AQ!w';
    const position = text.indexOf('!');
    for (const ends of [[], [3], [5, 9], [position], [position + 1]]) {
      for (const source of [text, utf8.encode(text)]) {
        const parts = partsOf(source, ends);
        const error = errorOf(() => decodedInParts(parts, { ignoreWhitespace: true }));
        expect(error).toMatchObject({
          code: 'Q64_CHARACTER_INVALID',
          fields: { position, expected: 2 },
        });
      }
    }
  });

  it('uses one piece of memory for all results where it is asked to', () => {
    const stats = new Q64Stats();
    const decoder = new Q64StreamDecoder({ chunkSize: 4, reuseBuffers: true, stats });
    const text = naiveText(countingBytes(14));
    const first = decoder.decodeChunk(text.slice(0, 10));
    const second = decoder.decodeChunk(text.slice(10, 16));
    expect(second.buffer).toBe(first.buffer);
    expect(second).toEqual(countingBytes(8).subarray(4));
    expect(decoder.decodeChunk(text.slice(16))).toEqual(countingBytes(12).subarray(8));
    const last = decoder.finish();
    expect(last.buffer).toBe(first.buffer);
    expect(last).toEqual(countingBytes(14).subarray(12));
    expect(stats.snapshot()).toMatchObject({ allocations: 1, reuses: 3, operations: 4 });
  });

  it('counts no result that it has not given', () => {
    const stats = new Q64Stats();
    const decoder = new Q64StreamDecoder({ chunkSize: 1, stats });
    expect(errorOf(() => decoder.decodeChunk('AQgwA!'))).toBeDefined();
    expect(stats.snapshot()).toMatchObject({ operations: 0, bytesDecoded: 0, allocations: 0 });
  });

  it('counts what it gives', () => {
    const stats = new Q64Stats();
    const decoder = new Q64StreamDecoder({ chunkSize: 2, ignoreWhitespace: true, stats });
    decoder.decodeChunk('AQ g');
    expect(stats.snapshot()).toMatchObject({ operations: 0, allocations: 0 });
    decoder.decodeChunk('wAQ');
    decoder.finish();
    expect(stats.snapshot()).toMatchObject({
      operations: 2,
      charactersDecoded: 6,
      bytesDecoded: 3,
      bytesPerOperation: 1.5,
      allocations: 2,
    });
  });

  it('is over after its end and after an error', () => {
    const finished = new Q64StreamDecoder();
    finished.decodeChunk('AQgw');
    expect(finished.finish()).toEqual(new Uint8Array(2));
    const wrong = new Q64StreamDecoder();
    expect(errorOf(() => wrong.decodeChunk('Q'))).toMatchObject({
      code: 'Q64_CHARACTER_MISPLACED',
    });
    const foreign = new Q64StreamDecoder();
    expect(errorOf(() => foreign.decodeChunk(7 as never))).toMatchObject({
      code: 'Q64_ARGUMENT_INVALID',
    });
    const cut = new Q64StreamDecoder();
    cut.decodeChunk('A');
    expect(errorOf(() => cut.finish())).toMatchObject({ code: 'Q64_LENGTH_ODD' });
    for (const decoder of [finished, wrong, foreign, cut]) {
      for (const call of [() => decoder.decodeChunk('AQ'), () => decoder.finish()]) {
        expect(errorOf(call)).toMatchObject({ code: 'Q64_STREAM_FINISHED' });
      }
    }
  });
});
