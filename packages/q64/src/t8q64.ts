import { type ByteSource, bytesOf } from './byte-source.ts';
import { q64Errors } from './errors.ts';
import { q64Limits } from './limits.ts';
import {
  decodeQ64,
  encodeQ64,
  problemOf,
  type Q64Options,
  type Q64Problem,
  throwProblem,
} from './q64.ts';

/** Bits of an index: upstream has 8, which name the first 255 bytes; 16 name those of long embeddings. */
export type IndexBits = 8 | 16;

/** How indices are written: 8 of 8 bits unless it is said otherwise. */
export type T8q64Options = Q64Options & {
  /** How many indices, from 1 to 65,536. */
  readonly k?: number | undefined;
  readonly indexBits?: IndexBits | undefined;
  /** Fills up with the largest index where there are fewer than `k` bytes, instead of throwing. */
  readonly pad?: boolean | undefined;
  /** Writes the largest index for all that do not fit, as upstream does, instead of throwing. */
  readonly clamp?: boolean | undefined;
};

/** How indices were written. */
export type T8q64DecodeOptions = Q64Options & {
  readonly indexBits?: IndexBits | undefined;
  /** Returns the largest index, too: what fills up, and what upstream writes for all that do not fit. */
  readonly keepFill?: boolean | undefined;
};

const DEFAULT_K = 8;

/**
 * Encodes where the `k` largest bytes are: their indices in growing order, two characters for each, or
 * four in the form of 16 bits (the higher byte first). Of equal bytes the one with the smaller index
 * counts as larger.
 *
 * The largest index of a form, 255 or 65,535, stands for no byte: it fills up.
 *
 * @throws `Q64_ARGUMENT_INVALID` for a `k` that is not one or is larger than the input without `pad`,
 *   `Q64_INDEX_TOO_LARGE` without `clamp`, `Q64_BUFFER_DETACHED`
 */
export function encodeT8q64(source: ByteSource, options: T8q64Options = {}): string {
  const bytes = bytesOf(source);
  const { k = DEFAULT_K, pad = false, clamp = false, stats } = options;
  const indexBits = indexBitsOf(options);
  if (!Number.isInteger(k) || k < 1 || k > q64Limits.values.topIndices) {
    throw q64Errors.create('Q64_ARGUMENT_INVALID', `k is a number of indices, not ${String(k)}`, {
      k,
    });
  }
  if (k > bytes.length && !pad) {
    const detail = `${bytes.length} bytes do not have ${k} largest ones: see the option pad`;
    throw q64Errors.create('Q64_ARGUMENT_INVALID', detail, { k, bytes: bytes.length });
  }
  const fill = fillOf(indexBits);
  const indices = topIndices(bytes, Math.min(k, bytes.length));
  const last = indices.at(-1) ?? 0;
  if (last >= fill && !clamp) {
    const detail = `${last} in ${indexBits} bits`;
    throw q64Errors.create('Q64_INDEX_TOO_LARGE', detail, { index: last, indexBits });
  }
  const code = new Uint8Array((k * indexBits) / 8).fill(0xff);
  indices.forEach((index, place) => {
    const written = Math.min(index, fill);
    if (indexBits === 8) code[place] = written;
    else code.set([written >> 8, written], 2 * place);
  });
  const text = encodeQ64(code);
  stats?.countEncoded(bytes.length, text.length, 'allocated');
  return text;
}

/**
 * The indices of a code in growing order, without those that fill up.
 *
 * @throws `Q64_INDICES_UNSORTED`, `Q64_LENGTH_INVALID` for half an index, otherwise as `decodeQ64`
 */
export function decodeT8q64(
  text: string | ByteSource,
  options: T8q64DecodeOptions = {},
): Uint16Array<ArrayBuffer> {
  const indexBits = indexBitsOf(options);
  const source = typeof text === 'string' ? text : bytesOf(text);
  const problem = t8q64Problem(source, indexBits);
  if (problem !== undefined) throwProblem(problem);
  const indices = indicesOf(decodeQ64(source, { stats: options.stats }), indexBits);
  if (options.keepFill === true) return indices;
  return indices.filter((index) => index !== fillOf(indexBits));
}

/** What decoding `text` with the same options would throw, or undefined. */
export function validateT8q64(
  text: string | ByteSource,
  options: T8q64DecodeOptions = {},
): Q64Problem | undefined {
  const indexBits = indexBitsOf(options);
  return t8q64Problem(typeof text === 'string' ? text : bytesOf(text), indexBits);
}

function t8q64Problem(source: string | Uint8Array, indexBits: IndexBits): Q64Problem | undefined {
  const problem = problemOf(source, 0);
  if (problem !== undefined) return problem;
  const characters = indexBits / 4;
  if (source.length % characters !== 0) {
    return { code: 'Q64_LENGTH_INVALID', position: source.length };
  }
  const indices = indicesOf(decodeQ64(source), indexBits);
  const fill = fillOf(indexBits);
  const place = indices.findIndex(
    (index, at) => at > 0 && index !== fill && index <= (indices[at - 1] as number),
  );
  if (place < 0) return undefined;
  return { code: 'Q64_INDICES_UNSORTED', position: place * characters };
}

/** The places of the `count` largest bytes, by counting how often each value occurs: no sorting. */
function topIndices(bytes: Uint8Array, count: number): number[] {
  const occurrences = new Uint32Array(256);
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] as number;
    occurrences[byte] = (occurrences[byte] as number) + 1;
  }
  // All bytes above `least` are among the largest, and the first `remaining` of those that equal it.
  let least = 256;
  let remaining = count;
  let taken = 0;
  while (remaining > 0) {
    least -= 1;
    taken = Math.min(remaining, occurrences[least] as number);
    remaining -= taken;
  }
  const indices: number[] = [];
  for (let index = 0; indices.length < count; index += 1) {
    const byte = bytes[index] as number;
    if (byte < least) continue;
    if (byte === least) {
      if (taken === 0) continue;
      taken -= 1;
    }
    indices.push(index);
  }
  return indices;
}

function indicesOf(code: Uint8Array, indexBits: IndexBits): Uint16Array<ArrayBuffer> {
  if (indexBits === 8) return Uint16Array.from(code);
  return Uint16Array.from(
    { length: code.length / 2 },
    (_, place) => ((code[2 * place] as number) << 8) | (code[2 * place + 1] as number),
  );
}

function fillOf(indexBits: IndexBits): number {
  return 2 ** indexBits - 1;
}

function indexBitsOf({ indexBits = 8 }: T8q64DecodeOptions): IndexBits {
  if (indexBits === 8 || indexBits === 16) return indexBits;
  throw q64Errors.create(
    'Q64_ARGUMENT_INVALID',
    `an index has 8 or 16 bits, not ${String(indexBits)}`,
  );
}
