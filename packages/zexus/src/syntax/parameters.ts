import type { EventField, Identifier, Parameter } from './ast.ts';
import { isNameToken, isSymbol, isWord, type TokenCursor } from './cursor.ts';
import { isOneOf } from './recovery.ts';
import { parseType } from './types.ts';
import { reportUnsupported } from './unsupported.ts';

/** `(a: type, b)`; a comma behind the last one is allowed. */
export function parseParameters(cursor: TokenCursor): readonly Parameter[] {
  cursor.expectSymbol('(', 'before the parameters');
  return cursor.bracketed(() => {
    const parameters: Parameter[] = [];
    while (!cursor.isSymbol(')')) {
      parameters.push(parseParameter(cursor, 'of the parameter'));
      refuseDefault(cursor);
      if (!cursor.acceptSymbol(',')) break;
    }
    cursor.expectSymbol(')', 'behind the parameters');
    return parameters;
  });
}

function refuseDefault(cursor: TokenCursor): void {
  if (!cursor.isSymbol('=')) return;
  reportUnsupported(cursor, 'defaultValue', cursor.advance());
  cursor.expression();
}

/** `name: type`; people of other languages write `type name`. */
function parseParameter(cursor: TokenCursor, what: string): Parameter {
  const name = cursor.expectName(what, true);
  const next = cursor.current;
  const isSecondName = isNameToken(next) && !cursor.startsLine() && next.text !== 'indexed';
  if (isSecondName && isOneOf(cursor.peek(), ',', ')')) {
    cursor.fail('EXPECTED_SYMBOL', `expected \`:\` behind the name`, {
      hint: `write the name first: ${next.text}: ${name.name}`,
    });
  }
  return { name, type: cursor.acceptSymbol(':') ? parseType(cursor) : undefined };
}

/** `(fields)` or `{ fields }` of an event or error; in braces a new line separates as well. */
export function parseFields(cursor: TokenCursor): readonly EventField[] {
  if (cursor.acceptSymbol('{')) return cursor.braced(() => parseFieldList(cursor, '}'));
  cursor.expectSymbol('(', 'before the fields');
  return cursor.bracketed(() => parseFieldList(cursor, ')'));
}

function parseFieldList(cursor: TokenCursor, closing: string): readonly EventField[] {
  const fields: EventField[] = [];
  while (!cursor.isSymbol(closing)) {
    fields.push(parseField(cursor));
    if (!acceptSeparator(cursor)) break;
  }
  cursor.expectSymbol(closing, 'behind the fields');
  return fields;
}

/** A comma or semicolon, which is consumed, or a new line. */
export function acceptSeparator(cursor: TokenCursor): boolean {
  return cursor.acceptSymbol(',') || cursor.acceptSymbol(';') || cursor.startsLine();
}

/** `name: type indexed`, `indexed name: type`, or Solidity's `type indexed name`. */
function parseField(cursor: TokenCursor): EventField {
  const isBefore = isNameHere(cursor, 1) && isNameToken(cursor.current);
  if (isBefore && cursor.isWord('indexed') && !isWord(cursor.peek(), 'indexed')) {
    cursor.advance();
    return { ...parseParameter(cursor, 'of the field'), indexed: true };
  }
  if (isBefore && isWord(cursor.peek(), 'indexed') && isNameHere(cursor, 2)) {
    const type = parseType(cursor);
    cursor.advance();
    return { name: cursor.expectName('of the field'), type, indexed: true };
  }
  const parameter = parseParameter(cursor, 'of the field');
  return { ...parameter, indexed: !cursor.startsLine() && cursor.acceptWord('indexed') };
}

/** The token at `distance` is a name, and no line that separates fields begins there. */
function isNameHere(cursor: TokenCursor, distance: number): boolean {
  const token = cursor.peek(distance);
  return isNameToken(token) && !token.startsLine;
}

/**
 * The distance of the token behind the `)` that closes the list of parameters whose `(` is at
 * `distance`; undefined when what stands there is no such list.
 */
export function behindParameters(cursor: TokenCursor, distance: number): number | undefined {
  if (!isSymbol(cursor.peek(distance), '(')) return undefined;
  for (let index = distance + 1; ; index += 1) {
    const token = cursor.peek(index);
    if (isSymbol(token, ')')) return index + 1;
    if (token.kind !== 'word' && !isOneOf(token, ',', ':', '<', '>', '[', ']', '.'))
      return undefined;
  }
}

/** A name, or one of a file that is used under a name: `tokens.Token`. */
export function parsePath(cursor: TokenCursor, purpose: string, mayStartLine = false): Identifier {
  const first = cursor.expectName(purpose, mayStartLine);
  const isPath = cursor.isSymbol('.') && isNameToken(cursor.peek());
  if (isPath) cursor.advance();
  const name = isPath ? `${first.name}.${cursor.advance().text}` : first.name;
  return { name, span: cursor.spanFrom(first.span.start) };
}
