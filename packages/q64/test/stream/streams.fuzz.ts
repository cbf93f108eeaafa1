import { isErrorOf } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { q64Errors } from '../../src/errors.ts';
import { decodeQ64, encodeQ64 } from '../../src/q64.ts';
import { decodedInParts, encodedInParts, errorOf, naiveText, partsOf } from './parts.ts';

/** Long enough for every path of the engines. */
const bytes = fc.uint8Array({ maxLength: 3_000 });
const chunkSize = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 4_000 }));
const cuts = fc.array(fc.nat({ max: 6_000 }), { maxLength: 40 });
const sorted = (ends: readonly number[], length: number): number[] =>
  ends.map((end) => Math.min(end, length)).sort((a, b) => a - b);

describe('streams', () => {
  it('encode as the whole does', () => {
    fc.assert(
      fc.property(bytes, cuts, chunkSize, fc.boolean(), (source, ends, size, reuseBuffers) => {
        const parts = partsOf(source, sorted(ends, source.length));
        const text = encodedInParts(parts, { chunkSize: size, reuseBuffers });
        expect(text).toBe(naiveText(source));
      }),
      runs(300),
    );
  });

  it('decode as the whole does, with whitespace anywhere', () => {
    const space = fc.array(fc.constantFrom('', '', ' ', '\n', '\r\n\t'), { maxLength: 40 });
    fc.assert(
      fc.property(bytes, cuts, chunkSize, space, (source, ends, size, spaces) => {
        const text = encodeQ64(source);
        const parts = partsOf(text, sorted(ends, text.length));
        expect(decodedInParts(parts, { chunkSize: size })).toEqual(source);
        const spaced = parts.map((part, index) => (spaces[index] ?? '') + part);
        const options = { chunkSize: size, ignoreWhitespace: true };
        expect(decodedInParts(spaced, options)).toEqual(source);
        const inBytes = spaced.map((part) => new TextEncoder().encode(part));
        expect(decodedInParts(inBytes, options)).toEqual(source);
      }),
      runs(200),
    );
  });

  it('refuse what the whole refuses, at one place whatever the cuts, with their own codes only', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 60 });
    const damaged = fc.tuple(bytes, fc.nat(), anything).map(([source, at, damage]) => {
      const text = encodeQ64(source);
      const place = at % (text.length + 1);
      return text.slice(0, place) + damage + text.slice(place + damage.length);
    });
    fc.assert(
      fc.property(fc.oneof(anything, damaged), cuts, chunkSize, (text, ends, size) => {
        const whole = errorOf(() => decodeQ64(text));
        const parts = partsOf(text, sorted(ends, text.length));
        const inParts = errorOf(() => decodedInParts(parts, { chunkSize: size }));
        const inOne = errorOf(() => decodedInParts([text], { chunkSize: size }));
        expect(inParts === undefined).toBe(whole === undefined);
        if (inParts === undefined) return;
        expect(isErrorOf(inParts, q64Errors)).toBe(true);
        expect(inParts).toMatchObject({ code: (inOne as { code: string }).code });
        expect(inParts).toMatchObject({ fields: (inOne as { fields: object }).fields });
        // The whole looks at its length first.
        if (text.length % 2 === 0) expect(inParts).toMatchObject({ ...(whole as object) });
      }),
      runs(300),
    );
  });
});
