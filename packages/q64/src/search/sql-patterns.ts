import { CLASS_OF_CODE, NO_CLASS } from '../alphabet.ts';
import { q64Errors } from '../errors.ts';
import { throwProblem } from '../q64.ts';
import { fragmentAlignment } from './fragment.ts';

/** Where in a text a piece is looked for. */
export type PatternOptions = {
  /** @default 'anywhere' */
  readonly at?: 'anywhere' | 'end' | 'start' | undefined;
};

/** What a pattern for `LIKE` can be asked besides. */
export type LikeOptions = PatternOptions & {
  /** The character that the statement's `ESCAPE` names. @default '!' */
  readonly escape?: string | undefined;
};

/**
 * The pattern for `LIKE` that finds a piece of a q64 text. `_` is a character of the alphabet and a
 * wildcard of `LIKE`, so it is escaped: write `code LIKE ? ESCAPE '!'`, in every dialect.
 *
 * Only a `LIKE` that tells upper from lower case keeps positions apart. PostgreSQL's does; SQLite's does
 * not: use `globPattern` there. MySQL and SQL Server do with a binary collation of the column.
 *
 * @throws `Q64_CHARACTER_INVALID`, `Q64_CHARACTER_MISPLACED` for what is a piece of no q64 text, or cannot
 *   stand at the start of one; `Q64_ARGUMENT_INVALID` for an empty piece, or an escape that is not one
 *   character, or one of the alphabets, `%` or `_`
 */
export function likePattern(fragment: string, options: LikeOptions = {}): string {
  const { escape: mark = '!' } = options;
  const code = mark.length === 1 ? mark.charCodeAt(0) : 0;
  if (code === 0 || mark === '%' || (CLASS_OF_CODE[code] ?? NO_CLASS) !== NO_CLASS) {
    throw q64Errors.create('Q64_ARGUMENT_INVALID', `${JSON.stringify(mark)} cannot escape`);
  }
  return surround(fragment, fragment.replaceAll('_', `${mark}_`), '%', options);
}

/**
 * The pattern for SQLite's `GLOB` that finds a piece of a q64 text. `GLOB` tells upper from lower case,
 * and no character of the alphabets is special in it.
 *
 * @throws as `likePattern`
 */
export function globPattern(fragment: string, options: PatternOptions = {}): string {
  return surround(fragment, fragment, '*', options);
}

function surround(
  fragment: string,
  escaped: string,
  anything: string,
  { at = 'anywhere' }: PatternOptions,
): string {
  const found = fragmentAlignment(fragment);
  if (at === 'anywhere') return `${anything}${escaped}${anything}`;
  if (at === 'start') {
    if (found === 0) return `${escaped}${anything}`;
    throwProblem({ code: 'Q64_CHARACTER_MISPLACED', position: 0, found, expected: 0 });
  }
  if (at === 'end') return `${anything}${escaped}`;
  throw q64Errors.create('Q64_ARGUMENT_INVALID', `nothing is called ${String(at)}`);
}
