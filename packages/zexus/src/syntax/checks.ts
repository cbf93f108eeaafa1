import type { Expression, Identifier, Statement } from './ast.ts';
import { isSymbol, type TokenCursor } from './cursor.ts';
import { parseAfterGroup } from './operators.ts';
import { acceptSeparator, parsePath } from './parameters.ts';
import { parseArguments } from './postfix.ts';

/**
 * `require(condition, message)` or the same without brackets, each with or without a message; `verify`
 * is another word for it.
 */
export function parseRequire(cursor: TokenCursor): Statement {
  const { start } = cursor.advance();
  let message: Expression | undefined;
  const parseMessage = (): void => {
    if (cursor.acceptSymbol(',') && !cursor.isSymbol(')')) message = cursor.expression();
  };
  let condition: Expression;
  if (cursor.isSymbol('(')) {
    const open = cursor.advance();
    condition = cursor.bracketed(() => {
      const parsed = cursor.expression();
      parseMessage();
      cursor.acceptSymbol(',');
      cursor.expectSymbol(')', 'behind what is required');
      return parsed;
    });
    // What follows shows that the brackets were those of the condition: require (a) && b, "m".
    if (message === undefined) {
      const group = cursor.widen(condition, cursor.spanFrom(open.start));
      condition = parseAfterGroup(cursor, group);
      parseMessage();
    }
  } else {
    condition = cursor.expression();
    parseMessage();
  }
  const span = cursor.spanFrom(start);
  return cursor.grow({ kind: 'require', condition, message, span }, [condition, message]);
}

/** `revert`, `revert()`, `revert("message")` or `revert Name(values)` */
export function parseRevert(cursor: TokenCursor): Statement {
  const { start } = cursor.advance();
  let message: Expression | undefined;
  const isFunction = isSymbol(cursor.peek(2), '=>');
  if (cursor.isSymbol('(') && isSymbol(cursor.peek(), ')') && !isFunction) {
    cursor.advance();
    cursor.advance();
  } else if (!cursor.isAtStatementEnd() && !cursor.isSymbol(',')) {
    message = cursor.expression();
  }
  return cursor.grow({ kind: 'revert', message, span: cursor.spanFrom(start) }, [message]);
}

export function parseThrow(cursor: TokenCursor): Statement {
  const { start } = cursor.advance();
  if (cursor.isAtStatementEnd()) {
    cursor.fail('EXPECTED_EXPRESSION', 'expected the value to throw');
  }
  const value = cursor.expression();
  return cursor.grow({ kind: 'throw', value, span: cursor.spanFrom(start) }, [value]);
}

/** `emit Name(values)`, `emit Name { field: value }`, `emit Name`, `emit("Name", value)` */
export function parseEmit(cursor: TokenCursor): Statement {
  const { start } = cursor.advance();
  if (cursor.isSymbol('(')) return parseEmitValue(cursor, start);
  const event = parsePath(cursor, 'of the event');
  let args: readonly Expression[] = [];
  let names: readonly Identifier[] = [];
  if (cursor.isSymbol('{') && !cursor.startsLine()) {
    const fields = parseNamedValues(cursor);
    args = fields.map(({ value }) => value);
    names = fields.map(({ name }) => name);
  } else if (cursor.isSymbol('(') && !cursor.startsLine()) {
    args = parseArguments(cursor);
  }
  const span = cursor.spanFrom(start);
  return cursor.grow({ kind: 'emit', event, arguments: args, names, span }, args);
}

function parseEmitValue(cursor: TokenCursor, start: number): Statement {
  cursor.advance();
  const { event, value } = cursor.bracketed(() => {
    const first = cursor.expression();
    const second =
      cursor.acceptSymbol(',') && !cursor.isSymbol(')') ? cursor.expression() : undefined;
    cursor.acceptSymbol(',');
    cursor.expectSymbol(')', 'behind the name of the event and its value');
    return { event: first, value: second };
  });
  const span = cursor.spanFrom(start);
  return cursor.grow({ kind: 'emitValue', event, value, span }, [event, value]);
}

type NamedValue = { readonly name: Identifier; readonly value: Expression };

/** `{ field: value }`; a comma, a semicolon or a new line separates. Names may stand in quotes. */
function parseNamedValues(cursor: TokenCursor): readonly NamedValue[] {
  cursor.advance();
  return cursor.braced(() => {
    const fields: NamedValue[] = [];
    while (!cursor.isSymbol('}')) {
      const { kind, text, start, end } = cursor.current;
      if (kind !== 'word' && kind !== 'string') {
        cursor.fail('EXPECTED_NAME', 'expected the name of a field');
      }
      cursor.advance();
      cursor.expectSymbol(':', 'and a value behind the name of the field');
      fields.push({ name: { name: text, span: { start, end } }, value: cursor.expression() });
      if (!acceptSeparator(cursor)) break;
    }
    cursor.expectSymbol('}', 'behind the fields');
    return fields;
  });
}
