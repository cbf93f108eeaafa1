import type { Span } from './source.ts';

/**
 * `invalid` stands for text that the lexer has reported already: whoever meets it gives up without
 * another report. `end` closes the list. A string with interpolations is a `templateHead`, the tokens
 * of a value, for each further one a `templateMiddle` and its tokens, and a `templateTail`.
 */
export type TokenKind =
  | 'end'
  | 'float'
  | 'hex'
  | 'integer'
  | 'invalid'
  | 'string'
  | 'symbol'
  | 'templateHead'
  | 'templateMiddle'
  | 'templateTail'
  | 'word';

export type Token = Span & {
  readonly kind: TokenKind;
  /** The value of a string or of a stretch of one; of everything else the text as written. */
  readonly text: string;
  /** A line break lies between this token and the one before. */
  readonly startsLine: boolean;
};

/** Operators and delimiters. */
const SYMBOLS: readonly string[] = [
  ...['**=', '**', '*=', '+=', '-=', '/=', '%=', '==', '!=', '<=', '>=', '&&', '||', '??', '=>'],
  ...['->', '#{', '=', '!', '<', '>', '+', '-', '*', '/', '%', '?', '.', ',', ';', ':'],
  ...['(', ')', '{', '}', '[', ']'],
];

/** Operators that people of other languages write, with the remedy. */
export const FOREIGN_OPERATORS: ReadonlyMap<string, string> = new Map([
  ['===', 'write `==`: equality compares values of one kind'],
  ['!==', 'write `!=`: equality compares values of one kind'],
  ['++', 'write `x += 1`'],
  ['--', 'write `x -= 1`; to subtract a negative number leave a space: `a - -b`'],
  ['<<', 'there are no shifts: multiply by a power of two'],
  [':=', 'write `let x = …` for a new name and `x = …` for an old one'],
  ['&', 'write `&&` for logical and; there are no bitwise operators'],
  ['|', 'write `||` for logical or; there are no bitwise operators'],
  ['^', 'write `**` for powers; there are no bitwise operators'],
  ['~', 'write `!` for logical not; there are no bitwise operators'],
]);

const BY_FIRST_CHARACTER: ReadonlyMap<string, readonly string[]> = Map.groupBy(
  [...SYMBOLS, ...FOREIGN_OPERATORS.keys()].toSorted((left, right) => right.length - left.length),
  (symbol) => symbol[0] as string,
);

/** The longest operator or delimiter, foreign ones included, that stands at `offset`. */
export function symbolAt(text: string, offset: number): string | undefined {
  const candidates = BY_FIRST_CHARACTER.get(text[offset] as string);
  return candidates?.find((candidate) => text.startsWith(candidate, offset));
}

/**
 * Words that are never names, except behind a dot. All others that mean something somewhere, such as
 * `data`, `event`, `from` or `limit`, are names wherever a name can stand.
 */
export const RESERVED_WORDS: ReadonlySet<string> = new Set([
  ...['and', 'async', 'await', 'break', 'case', 'catch', 'const', 'continue', 'default'],
  ...['each', 'elif', 'else', 'export', 'false', 'for', 'if', 'import', 'in', 'lambda'],
  ...['let', 'match', 'not', 'null', 'or', 'print', 'return', 'spawn', 'this', 'throw'],
  ...['true', 'try', 'use', 'while'],
]);
