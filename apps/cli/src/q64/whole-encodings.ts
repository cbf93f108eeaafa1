import {
  decodeMq64,
  decodeMq64Levels,
  decodeShq64,
  decodeT8q64,
  decodeZoq64,
  encodeMq64,
  encodeShq64,
  encodeT8q64,
  encodeZoq64,
} from '@lucerna/q64';
import type { EncodeOptions, Q64CommandOptions } from '../commands/q64-options.ts';
import type { TextEncoding } from './encodings.ts';

/** Encodings that need all of their input at once. */
export type WholeEncoding = Exclude<TextEncoding, 'eq64' | 'q64'>;

/** What a text stands for: the bytes, or what the encoding has kept of them. */
export type WholeResult =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'values';
      /** What the values are. */
      readonly name: string;
      readonly values: readonly number[];
    };

/** The text of an embedding. */
export function encodeWhole(
  encoding: WholeEncoding,
  bytes: Uint8Array,
  options: EncodeOptions,
): string {
  const { clamp, form, generator, indexBits, k, levels, pad, planes, seed, truncate } = options;
  switch (encoding) {
    case 'shq64':
      return encodeShq64(bytes, { generator, planes, seed });
    case 't8q64':
      return encodeT8q64(bytes, { clamp, indexBits, k, pad });
    case 'zoq64':
      return encodeZoq64(bytes, { form });
    case 'mq64':
      return encodeMq64(bytes, { levels, truncate });
  }
}

/** What is left of an embedding in its text, in ASCII. */
export function decodeWhole(
  encoding: WholeEncoding,
  text: Uint8Array,
  { form, indexBits, planes }: Q64CommandOptions,
): WholeResult {
  switch (encoding) {
    case 'shq64':
      return { kind: 'values', name: 'bits', values: [...decodeShq64(text, planes)] };
    case 't8q64':
      return { kind: 'values', name: 'indices', values: [...decodeT8q64(text, { indexBits })] };
    case 'zoq64':
      return { kind: 'values', name: 'values', values: [...decodeZoq64(text, { form })] };
    case 'mq64':
      return { kind: 'bytes', bytes: decodeMq64(latin1(text)) };
  }
}

/** Throws where a text is wrong, also where decoding it would not look. */
export function checkWhole(
  encoding: WholeEncoding,
  text: Uint8Array,
  options: Q64CommandOptions,
): void {
  if (encoding === 'mq64') decodeMq64Levels(latin1(text));
  else decodeWhole(encoding, text, options);
}

/** A byte that is no ASCII becomes a character that is in no alphabet. */
function latin1(text: Uint8Array): string {
  return Buffer.from(text.buffer, text.byteOffset, text.length).toString('latin1');
}
