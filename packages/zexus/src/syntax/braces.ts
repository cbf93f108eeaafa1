import type { TokenCursor } from './cursor.ts';
import { foreignStatementHint } from './foreign-forms.ts';

/** Consumes the `}` that closes what was opened at `start`, or says that it is missing. */
export function closeBrace(cursor: TokenCursor, start: number, hint: string): void {
  if (cursor.acceptSymbol('}')) return;
  const span = { start, end: start + 1 };
  if (cursor.isAtEnd()) cursor.reportUnclosed(span, 'the brace is never closed');
  else cursor.reportUnclosed(span, 'the brace is not closed before the next declaration', hint);
}

/** A statement or declaration ends here: a semicolon, which is consumed, a new line or a brace. */
export function expectStatementEnd(cursor: TokenCursor): void {
  if (cursor.acceptSymbol(';') || cursor.isAtStatementEnd()) return;
  cursor.fail('EXPECTED_END', 'expected a new line or `;`', { hint: endHint(cursor) });
}

function endHint(cursor: TokenCursor): string | undefined {
  if (cursor.isSymbol('=')) return '`=` assigns, once in a statement; write `==` to compare';
  if (cursor.isWord('_')) return 'in a modifier, `_` is a statement of its own: write `; _`';
  if (cursor.isSymbol(':')) {
    return 'before a block, Name{field: value} and f{value: wei}(…) stand in round brackets';
  }
  if (cursor.isSymbol('{')) return 'options stand before the arguments: f{value: wei}(…)';
  return foreignStatementHint(cursor);
}
