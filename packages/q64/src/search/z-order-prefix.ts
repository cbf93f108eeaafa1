import { q64Errors } from '../errors.ts';
import type { Zoq64Form } from '../zoq64.ts';
import { checkComparable, checkQ64, HALF_BYTES, halfByteAt, throwLength } from './code-text.ts';

/** Characters and bits of every zoq64 code. */
const CHARACTERS = 8;
const BITS = 32;

/**
 * How many leading bits two zoq64 codes share, from 0 to 32; a character has four. What they say about
 * the embeddings depends on the form: see `prefixDimensions`.
 *
 * @throws `Q64_CODES_DIFFER` for codes of unequal lengths, `Q64_LENGTH_INVALID` for others than zoq64's,
 *   `Q64_CHARACTER_INVALID`, `Q64_CHARACTER_MISPLACED`, `Q64_ARGUMENT_INVALID`
 */
export function commonPrefix(left: string, right: string): number {
  checkComparable(left, right);
  if (left.length !== CHARACTERS) throwLength(left, `a code has ${CHARACTERS} characters`);
  let bits = BITS;
  let seen = 0;
  for (let position = CHARACTERS - 1; position >= 0; position -= 1) {
    const one = halfByteAt(left, position);
    const other = halfByteAt(right, position);
    seen |= one | other;
    if (one !== other) bits = 4 * position + Math.clz32(one ^ other) - 28;
  }
  if (seen >= HALF_BYTES) {
    checkQ64(left);
    checkQ64(right);
  }
  return bits;
}

/**
 * How many of its leading bits each dimension has in the first `bits` of a zoq64 code: what two codes
 * with such a common prefix agree in.
 *
 * `packed` has two bits each of 16 dimensions, the last ones first: 8 common bits say that the
 * dimensions 15 to 12 are alike and nothing about 0 to 11. `interleaved` has the first bits of 8
 * dimensions, then their second ones: 8 common bits say a little about each of them. Dimensions behind
 * these are in neither.
 *
 * @throws `Q64_ARGUMENT_INVALID` for what is no number of bits up to 32, or an unknown form
 */
export function prefixDimensions(
  bits: number,
  options: { readonly form?: Zoq64Form | undefined } = {},
): readonly number[] {
  if (!Number.isSafeInteger(bits) || bits < 0 || bits > BITS) {
    throw q64Errors.create('Q64_ARGUMENT_INVALID', `a prefix of ${bits} bits`, { bits });
  }
  const { form = 'packed' } = options;
  if (form === 'packed') {
    return Array.from({ length: 16 }, (_, dimension) => within(bits - 2 * (15 - dimension), 2));
  }
  if (form === 'interleaved') {
    return Array.from({ length: 8 }, (_, dimension) => (bits + dimension) >> 3);
  }
  throw q64Errors.create('Q64_ARGUMENT_INVALID', `there is no form ${String(form)}`);
}

function within(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}
