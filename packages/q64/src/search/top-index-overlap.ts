import { q64Errors } from '../errors.ts';
import { encodeQ64, throwProblem } from '../q64.ts';
import { decodeT8q64, type IndexBits, validateT8q64 } from '../t8q64.ts';
import { checkComparable, checkText, HALF_BYTES, halfByteAt } from './code-text.ts';

/** How the codes were written. */
export type TopIndexOptions = {
  /** As in `encodeT8q64`. @default 8 */
  readonly indexBits?: IndexBits | undefined;
};

/**
 * How many indices two t8q64 codes share: so many of the largest bytes of their embeddings are at the
 * same places. Divided by `k` it is a similarity from 0 to 1. The largest index of a form does not count:
 * it fills up, and stands for whatever upstream cannot write.
 *
 * @throws `Q64_CODES_DIFFER` for codes of unequal lengths, `Q64_LENGTH_INVALID` for half an index or none,
 *   `Q64_INDICES_UNSORTED`, `Q64_LENGTH_ODD`, `Q64_CHARACTER_INVALID`, `Q64_CHARACTER_MISPLACED`,
 *   `Q64_ARGUMENT_INVALID`
 */
export function overlap(left: string, right: string, options: TopIndexOptions = {}): number {
  const indexBits = options.indexBits ?? 8;
  checkComparable(left, right);
  const characters = indexBits / 4;
  if ((characters !== 2 && characters !== 4) || left.length % characters !== 0) {
    return refuse(left, indexBits);
  }
  const count = left.length / characters;
  const fill = 2 ** indexBits - 1;
  let shared = 0;
  let rightPlace = 0;
  let leftIndex = -1;
  let rightIndex = -1;
  for (let leftPlace = 0; leftPlace < count; leftPlace += 1) {
    leftIndex = indexAt(left, leftPlace, indexBits, leftIndex);
    for (; rightIndex < leftIndex && rightPlace < count; rightPlace += 1) {
      rightIndex = indexAt(right, rightPlace, indexBits, rightIndex);
    }
    if (leftIndex === rightIndex && leftIndex !== fill) shared += 1;
  }
  for (; rightPlace < count; rightPlace += 1) {
    rightIndex = indexAt(right, rightPlace, indexBits, rightIndex);
  }
  return shared;
}

/**
 * A token of four characters for each index of a t8q64 code, for token columns and search engines. In
 * the code itself an index has other characters at even places than at odd ones; its token is the
 * same everywhere, whatever the code's form and `k`.
 *
 * @throws as `decodeT8q64`
 */
export function topIndexTokens(code: string, options: TopIndexOptions = {}): readonly string[] {
  checkText(code);
  return Array.from(decodeT8q64(code, { indexBits: options.indexBits }), (index) =>
    encodeQ64(Uint8Array.of(index >> 8, index & 0xff)),
  );
}

/** The index at a place, which has to be larger than the one before it or fill up. */
function indexAt(code: string, place: number, indexBits: IndexBits, before: number): number {
  const characters = indexBits / 4;
  let index = 0;
  let seen = 0;
  for (let position = place * characters; position < (place + 1) * characters; position += 1) {
    const halfByte = halfByteAt(code, position);
    seen |= halfByte;
    index = index * HALF_BYTES + halfByte;
  }
  if (seen < HALF_BYTES && (index > before || index === 2 ** indexBits - 1)) return index;
  return refuse(code, indexBits);
}

/** Throws what decoding the code would throw. */
function refuse(code: string, indexBits: IndexBits): never {
  const problem = validateT8q64(code, { indexBits });
  if (problem !== undefined) throwProblem(problem);
  throw q64Errors.create('Q64_ARGUMENT_INVALID');
}
