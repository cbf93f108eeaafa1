import { q64Errors } from '../errors.ts';
import { checkQ64 } from './code-text.ts';
import { fragmentAlignment } from './fragment.ts';

/** Characters after which the alphabets begin again. */
const GROUP = 4;

/**
 * Cuts a code into pieces of `size` characters, each with its position in front: `0:AQgx`, `4:ASgz`. Equal
 * tokens of two codes are equal bits of the same dimensions or planes, which equal pieces alone need
 * not be: the alphabets tell positions apart modulo 4 only. The last piece may be shorter.
 *
 * For shq64 the tokens are the bands of a locality-sensitive hash: codes that share one are candidates.
 *
 * @param options.size characters of a piece, 4 bits each. @default 4
 * @throws `Q64_LENGTH_ODD`, `Q64_CHARACTER_INVALID`, `Q64_CHARACTER_MISPLACED`; `Q64_ARGUMENT_INVALID` for
 *   a size that is no positive whole number
 */
export function positionTokens(
  text: string,
  options: { readonly size?: number | undefined } = {},
): readonly string[] {
  const { size = GROUP } = options;
  if (!Number.isSafeInteger(size) || size < 1) {
    throw q64Errors.create('Q64_ARGUMENT_INVALID', `pieces of ${size} characters`, { size });
  }
  checkQ64(text);
  const tokens: string[] = [];
  for (let position = 0; position < text.length; position += size) {
    tokens.push(`${position}:${text.slice(position, position + size)}`);
  }
  return tokens;
}

/**
 * The distinct whole groups of four characters of a q64 text, or of a piece of one: what is left over
 * at its ends is in none. A text that contains a piece has all groups of it, so an index of groups finds
 * candidates for any piece with a group. Two bytes are a group.
 *
 * @throws `Q64_CHARACTER_INVALID`, `Q64_CHARACTER_MISPLACED`, `Q64_ARGUMENT_INVALID` as `fragmentAlignment`
 */
export function groupTokens(fragment: string): readonly string[] {
  const alignment = fragmentAlignment(fragment);
  const groups = new Set<string>();
  const first = (GROUP - alignment) % GROUP;
  for (let position = first; position + GROUP <= fragment.length; position += GROUP) {
    groups.add(fragment.slice(position, position + GROUP));
  }
  return [...groups];
}
