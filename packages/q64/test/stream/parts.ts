import { joinBytes } from '@lucerna/base';
import { Q64StreamDecoder, type Q64StreamDecoderOptions } from '../../src/stream/stream-decoder.ts';
import { Q64StreamEncoder, type Q64StreamEncoderOptions } from '../../src/stream/stream-encoder.ts';

const ALPHABETS = ['ABCDEFGHIJKLMNOP', 'QRSTUVWXYZabcdef', 'ghijklmnopqrstuv', 'wxyz0123456789-_'];

/** Q64 by its definition. */
export function naiveText(bytes: Uint8Array): string {
  const halves = [...bytes].flatMap((byte) => [byte >> 4, byte & 15]);
  return halves.map((half, position) => ALPHABETS[position % 4]?.[half]).join('');
}

export function countingBytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => 37 * index + 11);
}

/** `whole` in parts that end at `ends`. */
export function partsOf<T extends string | Uint8Array>(whole: T, ends: readonly number[]): T[] {
  const borders = [0, ...ends, whole.length];
  return borders.slice(1).map((end, index) => whole.slice(borders[index], end) as T);
}

/** All ways to cut `length` things into parts that are not empty, as the ends of all but the last. */
export function* allCuts(length: number): Generator<readonly number[]> {
  for (let choice = 0; choice < 2 ** Math.max(0, length - 1); choice += 1) {
    const ends: number[] = [];
    for (let end = 1; end < length; end += 1) if ((choice >> (end - 1)) & 1) ends.push(end);
    yield ends;
  }
}

export function asciiOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return joinBytes(pieces);
}

/** What a stream gives for all parts, copied at once: with `reuseBuffers` a result is soon another. */
export function encodedInParts(
  parts: readonly Uint8Array[],
  options: Q64StreamEncoderOptions = {},
): string {
  const encoder = new Q64StreamEncoder(options);
  const texts = parts.map((part) => asciiOf(encoder.encodeChunk(part)));
  return texts.join('') + asciiOf(encoder.finish());
}

export function decodedInParts(
  parts: readonly (string | Uint8Array)[],
  options: Q64StreamDecoderOptions = {},
): Uint8Array {
  const decoder = new Q64StreamDecoder(options);
  const pieces = parts.map((part) => decoder.decodeChunk(part));
  return joined([...pieces, decoder.finish()]);
}

/** What a call throws, or undefined. */
export function errorOf(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}
