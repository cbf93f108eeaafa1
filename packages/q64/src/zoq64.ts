import { type ByteSource, bytesOf } from './byte-source.ts';
import { q64Errors } from './errors.ts';
import {
  decodeQ64,
  encodeQ64,
  problemOf,
  type Q64Options,
  type Q64Problem,
  throwProblem,
} from './q64.ts';

/**
 * What the 32 bits of a code are: `packed`, the two highest bits of each of 16 bytes, the last one in the
 * highest place; `interleaved`, the four highest bits of each of 8 bytes, all highest bits first.
 */
export type Zoq64Form = 'interleaved' | 'packed';

/** `form` is `packed` unless it is given. */
export type Zoq64Options = Q64Options & { readonly form?: Zoq64Form | undefined };

const INTERLEAVED_BITS = 4;
const CODE_CHARACTERS = 8;
const PACKED_NUMBERS = 16;
const INTERLEAVED_NUMBERS = 8;

/**
 * Encodes the highest bits of the first bytes in 8 characters. Bytes behind the first 16, or 8, are not
 * looked at; missing ones are 0.
 *
 * @throws `Q64_ARGUMENT_INVALID`, `Q64_BUFFER_DETACHED`
 */
export function encodeZoq64(source: ByteSource, options: Zoq64Options = {}): string {
  const bytes = bytesOf(source);
  const isPacked = formOf(options) === 'packed';
  const word = isPacked ? packed(bytes) : interleaved(bytes);
  const code = Uint8Array.of(word >>> 24, word >>> 16, word >>> 8, word);
  const text = encodeQ64(code);
  const read = Math.min(bytes.length, isPacked ? PACKED_NUMBERS : INTERLEAVED_NUMBERS);
  options.stats?.countEncoded(read, text.length, 'allocated');
  return text;
}

/**
 * The numbers of a code: 16 from 0 to 3, or 8 from 0 to 15 of the interleaved form. They are the highest
 * bits of the bytes that were encoded.
 *
 * @throws `Q64_LENGTH_INVALID`, otherwise as `decodeQ64`
 */
export function decodeZoq64(
  text: string | ByteSource,
  options: Zoq64Options = {},
): Uint8Array<ArrayBuffer> {
  const form = formOf(options);
  const source = typeof text === 'string' ? text : bytesOf(text);
  if (source.length !== CODE_CHARACTERS) throwProblem(zoq64Problem(source));
  const [first = 0, second = 0, third = 0, last = 0] = decodeQ64(source, { stats: options.stats });
  const word = (first << 24) | (second << 16) | (third << 8) | last;
  return form === 'packed' ? unpacked(word) : separated(word);
}

/** What decoding `text` would throw, or undefined. */
export function validateZoq64(text: string | ByteSource): Q64Problem | undefined {
  return zoq64Problem(typeof text === 'string' ? text : bytesOf(text));
}

function zoq64Problem(source: string | Uint8Array): Q64Problem | undefined {
  if (source.length !== CODE_CHARACTERS) {
    const position = Math.min(source.length, CODE_CHARACTERS);
    return { code: 'Q64_LENGTH_INVALID', position };
  }
  return problemOf(source, 0);
}

function packed(bytes: Uint8Array): number {
  let word = 0;
  for (let index = 0; index < Math.min(bytes.length, PACKED_NUMBERS); index += 1) {
    word |= ((bytes[index] as number) >> 6) << (2 * index);
  }
  return word;
}

function unpacked(word: number): Uint8Array<ArrayBuffer> {
  const numbers = new Uint8Array(PACKED_NUMBERS);
  for (let index = 0; index < PACKED_NUMBERS; index += 1) {
    numbers[index] = (word >>> (2 * index)) & 3;
  }
  return numbers;
}

/** Bit `bit` of byte `index` goes to place 8 · bit + index. */
function interleaved(bytes: Uint8Array): number {
  let word = 0;
  for (let index = 0; index < Math.min(bytes.length, INTERLEAVED_NUMBERS); index += 1) {
    const high = (bytes[index] as number) >> 4;
    for (let bit = 0; bit < INTERLEAVED_BITS; bit += 1) {
      word |= ((high >> bit) & 1) << (INTERLEAVED_NUMBERS * bit + index);
    }
  }
  return word;
}

function separated(word: number): Uint8Array<ArrayBuffer> {
  const numbers = new Uint8Array(INTERLEAVED_NUMBERS);
  for (let index = 0; index < INTERLEAVED_NUMBERS; index += 1) {
    let high = 0;
    for (let bit = 0; bit < INTERLEAVED_BITS; bit += 1) {
      high |= ((word >>> (INTERLEAVED_NUMBERS * bit + index)) & 1) << bit;
    }
    numbers[index] = high;
  }
  return numbers;
}

function formOf({ form = 'packed' }: Zoq64Options): Zoq64Form {
  if (form === 'packed' || form === 'interleaved') return form;
  throw q64Errors.create('Q64_ARGUMENT_INVALID', `there is no form ${String(form)}`);
}
