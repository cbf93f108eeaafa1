import { CLASS_OF_CODE, NO_CLASS } from '../alphabet.ts';
import { q64Errors } from '../errors.ts';
import { problemOf, throwProblem } from '../q64.ts';

/** Half bytes are below this; `halfByteAt` gives more where the character is not one of its position. */
export const HALF_BYTES = 16;

/**
 * The half byte at a position of a whole text, or something above 15 where the alphabet is another one.
 * Comparing codes reads characters by this and decodes nothing.
 */
export function halfByteAt(text: string, position: number): number {
  const code = text.charCodeAt(position);
  const entry = code < CLASS_OF_CODE.length ? (CLASS_OF_CODE[code] as number) : NO_CLASS;
  return entry ^ ((position & 3) << 4);
}

/** @throws `Q64_ARGUMENT_INVALID` for what is no string */
export function checkText(text: string): void {
  if (typeof text !== 'string') {
    throw q64Errors.create('Q64_ARGUMENT_INVALID', `a text was expected, not ${typeof text}`);
  }
}

/** @throws `Q64_CODES_DIFFER` for texts of unequal lengths, `Q64_LENGTH_INVALID` for empty ones */
export function checkComparable(left: string, right: string): void {
  checkText(left);
  checkText(right);
  if (left.length !== right.length) {
    const detail = `${left.length} characters and ${right.length}`;
    const fields = { left: left.length, right: right.length };
    throw q64Errors.create('Q64_CODES_DIFFER', detail, fields);
  }
  if (left.length === 0) throwLength(left, 'a code has at least two characters');
}

/** @throws `Q64_LENGTH_INVALID` */
export function throwLength(text: string, detail: string): never {
  throw q64Errors.create('Q64_LENGTH_INVALID', detail, { position: text.length });
}

/** Throws what decoding `text` would throw, if anything. */
export function checkQ64(text: string): void {
  checkText(text);
  const problem = problemOf(text, 0);
  if (problem !== undefined) throwProblem(problem);
}
