import type { TypeReference } from './ast.ts';
import { isNameToken, isSymbol, type TokenCursor } from './cursor.ts';
import { isOneOf, skipBrackets } from './recovery.ts';
import type { Token } from './tokens.ts';
import { reportUnsupported } from './unsupported.ts';

/**
 * `integer`, `map<address, integer>`, `tokens.Order` of a file that is used as `tokens`; `T[]` is
 * `list<T>`. Which names are types is for the compiler to say.
 */
export function parseType(cursor: TokenCursor): TypeReference {
  const { start } = cursor.current;
  if (cursor.isSymbol('(')) {
    reportUnsupported(cursor, 'tuple', cursor.current);
    skipBrackets(cursor);
    return { name: 'null', arguments: [], span: cursor.spanFrom(start) };
  }
  const name = parseTypeName(cursor);
  let type: TypeReference = cursor.isSymbol('<')
    ? parseTypeArguments(cursor, name, start)
    : { name, arguments: [], span: cursor.spanFrom(start) };
  while (cursor.isSymbol('[') && !cursor.startsLine()) type = parseListSuffix(cursor, type);
  return type;
}

function parseTypeName(cursor: TokenCursor): string {
  const { text } = cursor.current;
  if (!isNameToken(cursor.current)) return cursor.fail('EXPECTED_TYPE', 'expected a type');
  cursor.advance();
  if (!cursor.isSymbol('.') || !isNameToken(cursor.peek())) return text;
  cursor.advance();
  return `${text}.${cursor.advance().text}`;
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

/** `[]` behind a type; elsewhere such brackets may hold a length. */
function parseListSuffix(cursor: TokenCursor, element: TypeReference): TypeReference {
  const { start } = element.span;
  if (isSymbol(cursor.peek(), ']')) {
    cursor.advance();
    cursor.advance();
  } else {
    reportUnsupported(cursor, 'array', { start, end: cursor.current.end });
    skipBrackets(cursor);
  }
  const list = { name: 'list', arguments: [element], span: cursor.spanFrom(start) };
  return cursor.grow(list, [element]);
}

const BUILTIN_TYPE =
  /^(?:u?int\d*|integer|signed|bool(?:ean)?|[aA]ddress|string|bytes\d*|hash|list|map|any)$/;

/**
 * What stands behind the `:` of a field of `state { … }` is a type and not a value: it has angle
 * brackets, an `=` follows it, or it is the name of a builtin type and nothing else.
 */
export function isFieldType(cursor: TokenCursor): boolean {
  if (!isNameToken(cursor.current)) return false;
  const isPath = isSymbol(cursor.peek(), '.') && isNameToken(cursor.peek(2));
  const behindName = isPath ? 3 : 1;
  let distance = behindName;
  while (isSymbol(cursor.peek(distance), '[') && isSymbol(cursor.peek(distance + 1), ']')) {
    distance += 2;
  }
  const next = cursor.peek(distance);
  if (isSymbol(next, '=') || (distance > behindName && isFieldEnd(next))) return true;
  if (isSymbol(next, '<')) return endsTypeArguments(cursor, distance);
  return !isPath && BUILTIN_TYPE.test(cursor.current.text) && isFieldEnd(next);
}

function isFieldEnd(token: Token): boolean {
  return token.startsLine || isOneOf(token, ',', ';', '}');
}

/** The `<` at `distance` has its `>`, with nothing but types between them. */
function endsTypeArguments(cursor: TokenCursor, distance: number): boolean {
  let open = 0;
  for (let index = distance; ; index += 1) {
    const token = cursor.peek(index);
    if (isSymbol(token, '<')) open += 1;
    else if (isSymbol(token, '>=')) return open === 1;
    else if (isSymbol(token, '>')) open -= 1;
    else if (!isNameToken(token) && !isOneOf(token, ',', '[', ']', '.')) return false;
    if (open === 0) {
      const next = cursor.peek(index + 1);
      return isFieldEnd(next) || isOneOf(next, '=', '[');
    }
  }
}
