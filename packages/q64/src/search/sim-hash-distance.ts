import { CLASS_OF_CODE } from '../alphabet.ts';
import { q64Errors } from '../errors.ts';
import { checkComparable, checkQ64 } from './code-text.ts';

/** What the distance of two hashes says about the embeddings. */
export type CosineEstimate = {
  /** From -1 to 1: cos(π · distance / planes). */
  readonly cosine: number;
  /** By how much `cosine` typically is off, over the choice of the planes. */
  readonly standardError: number;
};

const ASCII = 0x7f;
const HALF_BYTE = 0x0f;

const BITS = Uint8Array.from({ length: 16 }, (_, value) => bitsOf(value));

function bitsOf(value: number): number {
  return value === 0 ? 0 : (value & 1) + bitsOf(value >> 1);
}

/**
 * In how many bits two shq64 codes differ. Each bit says on which side of a random plane an embedding
 * is, so it differs with probability angle / π. Codes of different generators or seeds have the same
 * form: their distance means nothing.
 *
 * @throws `Q64_CODES_DIFFER` for codes of unequal lengths, `Q64_LENGTH_INVALID` for empty ones,
 *   `Q64_LENGTH_ODD`, `Q64_CHARACTER_INVALID`, `Q64_CHARACTER_MISPLACED`, `Q64_ARGUMENT_INVALID`
 */
export function hammingDistance(left: string, right: string): number {
  checkComparable(left, right);
  let distance = 0;
  let wrong = left.length % 2;
  // Without a branch for each character this is twice as fast; the texts are judged at the end.
  for (let position = 0; position < left.length; position += 1) {
    const one = left.charCodeAt(position);
    const other = right.charCodeAt(position);
    const alphabet = (position & 3) << 4;
    const oneHalf = (CLASS_OF_CODE[one & ASCII] as number) ^ alphabet;
    const otherHalf = (CLASS_OF_CODE[other & ASCII] as number) ^ alphabet;
    wrong |= ((one | other) & ~ASCII) | ((oneHalf | otherHalf) & ~HALF_BYTE);
    distance += BITS[(oneHalf ^ otherHalf) & HALF_BYTE] as number;
  }
  if (wrong !== 0) {
    checkQ64(left);
    checkQ64(right);
  }
  return distance;
}

/**
 * The cosine of two embeddings, estimated from the distance of their hashes. It is the cosine of what
 * was hashed: the bytes less 128.
 *
 * The distance is binomial with probability p = angle / π, so the cosine has the standard error
 * π · sin(π p) · √(p (1 − p) / planes). In it p is (distance + ½) / (planes + 1): at distance 0 it would be 0
 * otherwise, which says too much. With few planes and a cosine near 1 it is rather too large.
 *
 * @throws `Q64_ARGUMENT_INVALID` for what are no numbers of bits, or a distance beyond the planes
 */
export function estimateCosine(distance: number, planes: number): CosineEstimate {
  if (!Number.isSafeInteger(planes) || planes < 1) {
    throw q64Errors.create('Q64_ARGUMENT_INVALID', `${planes} planes`, { planes });
  }
  if (!Number.isSafeInteger(distance) || distance < 0 || distance > planes) {
    const detail = `a distance of ${distance} bits of ${planes}`;
    throw q64Errors.create('Q64_ARGUMENT_INVALID', detail, { distance, planes });
  }
  const share = (distance + 0.5) / (planes + 1);
  return {
    cosine: Math.cos((Math.PI * distance) / planes),
    standardError: Math.PI * Math.sin(Math.PI * share) * Math.sqrt((share * (1 - share)) / planes),
  };
}
