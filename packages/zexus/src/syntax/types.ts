import type { TypeReference } from './ast.ts';
import { isNameToken, isSymbol, type TokenCursor } from './cursor.ts';
import { skipBrackets } from './recovery.ts';
import { reportUnsupported } from './unsupported.ts';

/** `integer`, `map<address, integer>`. Which names are types is for the compiler to say. */
export function parseType(cursor: TokenCursor): TypeReference {
  const { text, start, end } = cursor.current;
  if (cursor.isSymbol('(')) {
    reportUnsupported(cursor, 'tuple', cursor.current);
    skipBrackets(cursor);
    return { name: 'null', arguments: [], span: cursor.spanFrom(start) };
  }
  if (!isNameToken(cursor.current)) return cursor.fail('EXPECTED_TYPE', 'expected a type');
  cursor.advance();
  const type = cursor.isSymbol('<')
    ? parseTypeArguments(cursor, text, start)
    : { name: text, arguments: [], span: { start, end } };
  if (cursor.isSymbol('[') && !cursor.startsLine()) {
    reportUnsupported(cursor, 'array', { start, end: cursor.current.end });
    skipBrackets(cursor);
  }
  return type;
}

function parseTypeArguments(cursor: TokenCursor, name: string, start: number): TypeReference {
  const types: TypeReference[] = [];
  do {
    cursor.advance();
    types.push(cursor.nested(() => parseType(cursor)));
  } while (isSymbol(cursor.current, ','));
  const end = cursor.acceptGreater();
  if (end === undefined) {
    return cursor.fail('EXPECTED_SYMBOL', 'expected `>` behind the types of a type');
  }
  return cursor.grow({ name, arguments: types, span: { start, end } }, types);
}
