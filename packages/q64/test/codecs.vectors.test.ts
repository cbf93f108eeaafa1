import { fromHex, isErrorOf } from '@lucerna/base';
import { expect } from 'vitest';
import { vectorSuite } from '../../../tools/src/vectors.ts';
import { q64Errors } from '../src/errors.ts';
import {
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
  validateQ64,
} from '../src/index.ts';
import { createKernelEngine } from '../src/kernel/kernel-engine.ts';
import { twinEngine } from '../src/kernel/twin-engine.ts';

const engines = [createKernelEngine(), twinEngine];

function bytesOfHex(hex: string): Uint8Array {
  return fromHex(`0x${hex}`);
}

function numbered<T extends { readonly in_hex: string }>(
  cases: readonly T[],
): (readonly [string, T])[] {
  return cases.map((value, index) => [`${index}: ${value.in_hex.slice(0, 32)}`, value]);
}

/** What the call throws, by code and fields; undefined where it throws nothing. */
function failureOf(call: () => unknown): { code: string; fields: unknown } | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (!isErrorOf(error, q64Errors)) throw error;
    return { code: error.code, fields: error.fields };
  }
}

type Q64Case = { readonly in_hex: string; readonly out: string };
type Q64Error = {
  readonly in: string;
  readonly error: 'invalid_char' | 'odd_length' | 'wrong_position';
  readonly pos?: number;
  readonly char_alphabet?: number;
  readonly expected_alphabet?: number;
};
type Suffixes = {
  readonly full: string;
  readonly ok_offsets: readonly number[];
  readonly bad_offsets: readonly number[];
};
type Q64Document = {
  readonly encode: readonly Q64Case[];
  readonly decode_errors: readonly Q64Error[];
  readonly aligned_suffix: Suffixes;
};
type AnyQ64Case =
  | { readonly kind: 'encode'; readonly value: Q64Case }
  | { readonly kind: 'error'; readonly value: Q64Error }
  | { readonly kind: 'offset'; readonly text: string; readonly decodes: boolean };

const codes = {
  invalid_char: 'Q64_CHARACTER_INVALID',
  odd_length: 'Q64_LENGTH_ODD',
  wrong_position: 'Q64_CHARACTER_MISPLACED',
};

function q64Cases(document: Q64Document): (readonly [string, AnyQ64Case])[] {
  const { full, ok_offsets: aligned, bad_offsets: shifted } = document.aligned_suffix;
  const offset = (place: number, decodes: boolean): readonly [string, AnyQ64Case] => [
    `from ${place}`,
    { kind: 'offset', text: full.slice(place), decodes },
  ];
  return [
    ...numbered(document.encode).map(
      ([name, value]) => [`encode ${name}`, { kind: 'encode', value }] as const,
    ),
    ...document.decode_errors.map(
      (value, index) => [`error ${index}: ${value.in}`, { kind: 'error', value }] as const,
    ),
    ...aligned.map((place) => offset(place, true)),
    ...shifted.map((place) => offset(place, false)),
  ];
}

function checkQ64(entry: AnyQ64Case): void {
  if (entry.kind === 'offset') {
    expect(validateQ64(entry.text) === undefined).toBe(entry.decodes);
    return;
  }
  if (entry.kind === 'encode') {
    const bytes = bytesOfHex(entry.value.in_hex);
    const { out } = entry.value;
    expect(encodeQ64(bytes)).toBe(out);
    expect(new TextDecoder().decode(encodeBuffer(bytes))).toBe(out);
    expect(decodeQ64(out)).toEqual(bytes);
    expect(decodeQ64(new TextEncoder().encode(out))).toEqual(bytes);
    for (const engine of engines) expect(engine.encodeToText(bytes, 0)).toBe(out);
    return;
  }
  const { in: text, error, pos, char_alphabet: found, expected_alphabet: expected } = entry.value;
  const failure = failureOf(() => decodeQ64(text));
  expect(failure?.code).toBe(codes[error]);
  if (pos !== undefined) expect(failure?.fields).toMatchObject({ position: pos });
  if (found !== undefined) expect(failure?.fields).toMatchObject({ found, expected });
  expect(validateQ64(text)).toMatchObject({ code: codes[error] });
}

vectorSuite<Q64Document, AnyQ64Case>('q64/q64.json', { cases: q64Cases, check: checkQ64 });

type Eq64Case = {
  readonly in_hex: string;
  readonly api: string;
  readonly module_dots8: string;
  readonly docs_dots4: string;
};

vectorSuite<{ readonly encode: readonly Eq64Case[] }, Eq64Case>('q64/eq64.json', {
  cases: (document) => numbered(document.encode),
  check: ({ in_hex: hex, api, module_dots8: by8, docs_dots4: by4 }) => {
    const bytes = bytesOfHex(hex);
    expect(encodeEq64(bytes)).toBe(api);
    expect(encodeEq64(bytes, { group: 8 })).toBe(by8);
    expect(encodeEq64(bytes, { group: 4 })).toBe(by4);
    expect(decodeEq64(api)).toEqual(bytes);
    expect(decodeEq64(by8, { group: 8 })).toEqual(bytes);
    expect(decodeEq64(by4, { group: 4 })).toEqual(bytes);
  },
});

type T8q64Case = {
  readonly in_hex: string;
  readonly k: number;
  readonly out: string;
  readonly indices_clamped: readonly number[];
};

vectorSuite<{ readonly vectors: readonly T8q64Case[] }, T8q64Case>('q64/t8q64.json', {
  cases: (document) => numbered(document.vectors),
  check: ({ in_hex: hex, k, out, indices_clamped: indices }) => {
    const bytes = bytesOfHex(hex);
    const upstream = { k, pad: true, clamp: true };
    if (k === 0) {
      expect(failureOf(() => encodeT8q64(bytes, upstream))?.code).toBe('Q64_ARGUMENT_INVALID');
      return;
    }
    expect(encodeT8q64(bytes, upstream)).toBe(out);
    expect([...decodeT8q64(out, { keepFill: true })]).toEqual(indices);
    const fits = k <= bytes.length && indices.every((index) => index < 255);
    const failure = failureOf(() => encodeT8q64(bytes, { k }))?.code;
    const short = k > bytes.length ? 'Q64_ARGUMENT_INVALID' : 'Q64_INDEX_TOO_LARGE';
    expect(failure).toBe(fits ? undefined : short);
  },
});

type Zoq64Case = {
  readonly in_hex: string;
  readonly out: string;
  readonly u32: number;
  readonly extended_4bit_8dims: string;
  readonly extended_u32: number;
};

/** Bytes with these highest bits: what the code was made of, as far as it says. */
function shifted(numbers: Uint8Array, bits: number): Uint8Array {
  return numbers.map((number) => number << bits);
}

vectorSuite<{ readonly vectors: readonly Zoq64Case[] }, Zoq64Case>('q64/zoq64.json', {
  cases: (document) => numbered(document.vectors),
  check: ({ in_hex: hex, out, u32, extended_4bit_8dims: extended, extended_u32: word }) => {
    const bytes = bytesOfHex(hex);
    const interleaved = { form: 'interleaved' } as const;
    expect(encodeZoq64(bytes)).toBe(out);
    expect(encodeZoq64(bytes, interleaved)).toBe(extended);
    expect(new DataView(decodeQ64(out).buffer).getUint32(0)).toBe(u32);
    expect(new DataView(decodeQ64(extended).buffer).getUint32(0)).toBe(word);
    const first = (count: number): Uint8Array => {
      const padded = new Uint8Array(count);
      padded.set(bytes.subarray(0, count));
      return padded;
    };
    expect(decodeZoq64(out)).toEqual(first(16).map((byte) => byte >> 6));
    expect(decodeZoq64(extended, interleaved)).toEqual(first(8).map((byte) => byte >> 4));
    expect(encodeZoq64(shifted(decodeZoq64(out), 6))).toBe(out);
    expect(encodeZoq64(shifted(decodeZoq64(extended, interleaved), 4), interleaved)).toBe(extended);
  },
});

type Mq64Case = {
  readonly in_hex: string;
  readonly levels: readonly number[] | null;
  readonly out: string;
  readonly decode_hex: string;
  readonly roundtrips: boolean;
};

/** Levels that upstream takes and that cannot be meant. */
function areUnsound(levels: readonly number[]): boolean {
  return (
    levels.length === 0 ||
    levels.some((level, index) => level <= (index === 0 ? 0 : (levels[index - 1] as number)))
  );
}

vectorSuite<{ readonly vectors: readonly Mq64Case[] }, Mq64Case>('q64/mq64.json', {
  cases: (document) => numbered(document.vectors),
  check: ({ in_hex: hex, levels, out, decode_hex: decoded, roundtrips }) => {
    const bytes = bytesOfHex(hex);
    const options = levels === null ? {} : { levels };
    const failure = failureOf(() => encodeMq64(bytes, options))?.code;
    if (levels !== null && areUnsound(levels)) {
      expect(failure).toBe('Q64_LEVELS_INVALID');
      expect(failureOf(() => encodeMq64(bytes, { levels, truncate: true }))?.code).toBe(failure);
      return;
    }
    expect(failure).toBe(roundtrips ? undefined : 'Q64_LEVELS_INVALID');
    expect(encodeMq64(bytes, { ...options, truncate: true })).toBe(out);
    expect(decodeMq64(out)).toEqual(bytesOfHex(decoded));
    const all = decodeMq64Levels(out);
    expect(all.at(-1) ?? new Uint8Array()).toEqual(bytesOfHex(decoded));
  },
});
