import { type Alphabet, alphabetOf } from '../alphabet.ts';
import { type ByteSource, bytesOf } from '../byte-source.ts';
import { q64Errors } from '../errors.ts';
import { q64Engine } from '../kernel/chosen-engine.ts';
import { q64Limits } from '../limits.ts';
import { type Q64Problem, throwProblem } from '../q64.ts';
import { checkText } from './code-text.ts';

/**
 * Where a piece of a q64 text can stand: at positions that are this modulo 4, and at no others. At 0
 * and 2 it begins with a whole byte, at an even or an odd place of the bytes.
 *
 * @throws `Q64_CHARACTER_INVALID`, `Q64_CHARACTER_MISPLACED` for what is a piece of no q64 text, with the
 *   position in the piece; `Q64_ARGUMENT_INVALID` for an empty one, which can stand everywhere
 */
export function fragmentAlignment(fragment: string): Alphabet {
  checkText(fragment);
  if (fragment.length === 0) {
    throw q64Errors.create('Q64_ARGUMENT_INVALID', 'an empty piece stands everywhere');
  }
  const alignment = alphabetOf(fragment.charCodeAt(0)) ?? 0;
  for (let position = 0; position < fragment.length; position += 1) {
    const found = alphabetOf(fragment.charCodeAt(position));
    const expected = ((alignment + position) & 3) as Alphabet;
    if (found !== expected) throwProblem(problemOfFragment(position, found, expected));
  }
  return alignment;
}

function problemOfFragment(
  position: number,
  found: Alphabet | undefined,
  expected: Alphabet,
): Q64Problem {
  if (found !== undefined) return { code: 'Q64_CHARACTER_MISPLACED', position, found, expected };
  // The first character alone says what the others have to be.
  return {
    code: 'Q64_CHARACTER_INVALID',
    position,
    expected: position === 0 ? undefined : expected,
  };
}

/**
 * The two pieces that bytes can be in a q64 text: at an even place, and at an odd one. Who looks for
 * bytes wherever they are has to look for both.
 *
 * @throws `Q64_ARGUMENT_INVALID`, `Q64_BUFFER_DETACHED`, `Q64_INPUT_TOO_LARGE`
 */
export function fragmentsOf(source: ByteSource): { readonly even: string; readonly odd: string } {
  const bytes = bytesOf(source);
  if (2 * bytes.length > q64Limits.values.textCharacters) {
    const detail = `${bytes.length} bytes become ${2 * bytes.length} characters`;
    throw q64Errors.create('Q64_INPUT_TOO_LARGE', detail, { bytes: bytes.length });
  }
  const engine = q64Engine();
  return { even: engine.encodeToText(bytes, 0), odd: engine.encodeToText(bytes, 1) };
}
