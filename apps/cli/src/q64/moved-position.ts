import { isLucernaError } from '@lucerna/base';
import { ALPHABETS, q64Errors } from '@lucerna/q64';

/** The same error about a text of which a part was decoded, with the position in all of it. */
export function withMovedPosition(error: unknown, moved: (position: number) => number): unknown {
  if (!isLucernaError(error)) return error;
  const { found, expected, position } = error.fields;
  const known = CODES.find((code) => code === error.code);
  if (known === undefined || typeof position !== 'number') return error;
  const place = moved(position);
  if (place === position) return error;
  const alphabet = ALPHABETS.find((_, index) => index === expected);
  const detail = `at ${place}${alphabet === undefined ? '' : `, expected one of ${alphabet}`}`;
  return q64Errors.create(known, detail, { position: place, found, expected });
}

/** The errors about a place in a text. */
const CODES = [
  'Q64_CHARACTER_INVALID',
  'Q64_CHARACTER_MISPLACED',
  'Q64_GROUPING_INVALID',
  'Q64_INDICES_UNSORTED',
  'Q64_LENGTH_INVALID',
  'Q64_LENGTH_ODD',
  'Q64_LEVELS_INVALID',
] as const;
