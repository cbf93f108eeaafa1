import { isErrorOf } from '@lucerna/base';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { q64Errors } from '../src/errors.ts';
import {
  ALPHABETS,
  decodeEq64,
  decodeMq64,
  decodeMq64Levels,
  decodeQ64,
  decodeT8q64,
  decodeZoq64,
  encodeBuffer,
  encodeEq64,
  encodeMq64,
  encodeQ64,
  encodeT8q64,
  encodeZoq64,
  validateEq64,
  validateMq64,
  validateQ64,
  validateT8q64,
  validateZoq64,
} from '../src/index.ts';

const group = fc.constantFrom(undefined, 4 as const, 8 as const);

it('gives back what was encoded', () => {
  const same = (bytes: Uint8Array, by: 4 | 8 | undefined, levels: readonly number[]): void => {
    const text = encodeQ64(bytes);
    expect(text).toHaveLength(2 * bytes.length);
    expect(decodeQ64(text)).toEqual(bytes);
    expect(decodeQ64(encodeBuffer(bytes))).toEqual(bytes);
    expect(decodeEq64(encodeEq64(bytes, { group: by }), { group: by })).toEqual(bytes);
    expect(decodeMq64(encodeMq64(bytes))).toEqual(bytes);
    const growing = [...new Set([...levels, bytes.length])].sort((a, b) => a - b);
    if (bytes.length === 0) return;
    const all = decodeMq64Levels(encodeMq64(bytes, { levels: growing }));
    expect(all.at(-1)).toEqual(bytes);
    expect(all.map((level) => level.length)).toEqual(
      growing.filter((level) => level <= bytes.length),
    );
  };
  const levels = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 9 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), group, levels, same), runs(300));
});

it('gives a part that stands alone wherever it begins at a multiple of 4, and only there', () => {
  const holds = (bytes: Uint8Array, place: number): void => {
    const text = encodeQ64(bytes);
    const start = place % (text.length - 1);
    const end = text.length - (start % 2);
    const wrong = validateQ64(text.slice(start, end));
    expect(wrong === undefined).toBe(start % 4 === 0);
  };
  const bytes = fc.uint8Array({ minLength: 2, maxLength: 80 });
  fc.assert(fc.property(bytes, fc.nat(), holds), runs(300));
});

it('names the largest bytes', () => {
  const holds = (bytes: Uint8Array, count: number): void => {
    const k = 1 + (count % bytes.length);
    const indices = decodeT8q64(encodeT8q64(bytes, { k, indexBits: 16 }), { indexBits: 16 });
    expect(indices).toHaveLength(k);
    const order = Array.from(bytes, (_, index) => index);
    order.sort((a, b) => (bytes[b] as number) - (bytes[a] as number) || a - b);
    expect([...indices]).toEqual(order.slice(0, k).sort((a, b) => a - b));
  };
  const small = fc.uint8Array({ minLength: 1, maxLength: 600, max: 4 });
  const any = fc.uint8Array({ minLength: 1, maxLength: 600 });
  fc.assert(fc.property(fc.oneof(small, any), fc.nat(), holds), runs(300));
});

it('keeps the highest bits of the first bytes', () => {
  const holds = (bytes: Uint8Array): void => {
    const at = (index: number): number => bytes[index] ?? 0;
    const packed = decodeZoq64(encodeZoq64(bytes));
    packed.forEach((number, index) => {
      expect(number).toBe(at(index) >> 6);
    });
    const interleaved = { form: 'interleaved' } as const;
    decodeZoq64(encodeZoq64(bytes, interleaved), interleaved).forEach((number, index) => {
      expect(number).toBe(at(index) >> 4);
    });
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), holds), runs(300));
});

/** Throws unless the call succeeds where nothing was found, and throws what was found otherwise. */
function checkDecoding(
  found: { readonly code: string; readonly position: number } | undefined,
  decode: () => unknown,
): void {
  try {
    decode();
  } catch (error) {
    if (!isErrorOf(error, q64Errors)) throw error;
    expect({ code: error.code, position: error.fields['position'] }).toEqual({
      code: found?.code,
      position: found?.position,
    });
    return;
  }
  expect(found).toBeUndefined();
}

it('refuses any text with a code and the position that validating finds', () => {
  const character = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...ALPHABETS.join('')) },
    { weight: 3, arbitrary: fc.constantFrom('.', ':') },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  );
  const anyText = fc.string({ unit: character, maxLength: 60 });
  const damaged = fc
    .tuple(fc.uint8Array({ maxLength: 90 }), group, fc.nat(), character, fc.nat(3))
    .map(([bytes, by, place, unit, kind]) => {
      const text = kind === 0 ? encodeMq64(bytes) : encodeEq64(bytes, { group: by });
      const at = place % (text.length + 1);
      const skipped = kind === 1 ? 0 : 1;
      return `${text.slice(0, at)}${kind === 2 ? '' : unit}${text.slice(at + skipped)}`;
    });
  const holds = (text: string): void => {
    checkDecoding(validateQ64(text), () => decodeQ64(text));
    checkDecoding(validateZoq64(text), () => decodeZoq64(text));
    checkDecoding(validateMq64(text), () => decodeMq64Levels(text));
    for (const indexBits of [8, 16] as const) {
      checkDecoding(validateT8q64(text, { indexBits }), () => decodeT8q64(text, { indexBits }));
    }
    for (const by of [undefined, 4, 8] as const) {
      checkDecoding(validateEq64(text, { group: by }), () => decodeEq64(text, { group: by }));
    }
  };
  fc.assert(fc.property(fc.oneof(anyText, damaged), holds), runs(600));
});
