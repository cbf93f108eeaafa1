import type { Expression, Identifier, MapLiteralEntry } from './ast.ts';
import { isSymbol, type TokenCursor } from './cursor.ts';
import { skipValue } from './recovery.ts';
import { RESERVED_WORDS } from './tokens.ts';
import { reportUnsupported } from './unsupported.ts';
import { parseEntries } from './values.ts';

/** What follows a value without an operator: members, indexes, slices, calls, `Name{…}`. */
export function parsePostfix(cursor: TokenCursor, first: Expression): Expression {
  let object = first;
  for (;;) {
    const token = cursor.current;
    if (isSymbol(token, '.')) object = parseMember(cursor, object);
    else if (cursor.startsLine()) return object;
    else if (isSymbol(token, '(')) object = parseCall(cursor, object, []);
    else if (isSymbol(token, '[')) object = parseIndex(cursor, object);
    else if (isSymbol(token, '{') && takesBraces(cursor, object))
      object = parseBraces(cursor, object);
    else return object;
  }
}

/** `.name`: behind a dot every word is a name. */
function parseMember(cursor: TokenCursor, object: Expression): Expression {
  const dot = cursor.advance();
  const { kind, text, start, end } = cursor.current;
  if (isSymbol(cursor.current, '.')) {
    reportUnsupported(cursor, 'range', { start: dot.start, end });
    return cursor.unwind();
  }
  if (kind !== 'word' || (RESERVED_WORDS.has(text) && cursor.startsLine())) {
    return cursor.fail('EXPECTED_NAME', 'expected a name behind the dot');
  }
  cursor.advance();
  const member = { name: text, span: { start, end } };
  const span = cursor.spanFrom(object.span.start);
  return cursor.grow({ kind: 'member', object, member, span }, [object]);
}

function parseCall(
  cursor: TokenCursor,
  callee: Expression,
  options: readonly MapLiteralEntry[],
): Expression {
  const args = parseArguments(cursor);
  const span = cursor.spanFrom(callee.span.start);
  const values = options.map(({ value }) => value);
  const call: Expression = { kind: 'call', callee, arguments: args, options, span };
  return cursor.grow(call, [callee, ...args, ...values]);
}

/** `(a, b)`; a comma behind the last one is allowed. */
export function parseArguments(cursor: TokenCursor): readonly Expression[] {
  cursor.expectSymbol('(', 'before the arguments');
  return cursor.bracketed(() => {
    const args: Expression[] = [];
    while (!cursor.isSymbol(')')) {
      args.push(cursor.expression());
      if (cursor.isSymbol(':')) {
        reportUnsupported(cursor, 'namedArgument', cursor.previous);
        skipValue(cursor);
      }
      if (!cursor.acceptSymbol(',')) break;
    }
    cursor.expectSymbol(')', 'behind the arguments');
    return args;
  });
}

/** `[key]`, or `[start:end]` with either end left out. */
function parseIndex(cursor: TokenCursor, object: Expression): Expression {
  cursor.advance();
  const parts = cursor.bracketed(() => {
    const start = cursor.isSymbol(':') ? undefined : cursor.expression();
    const isSlice = cursor.acceptSymbol(':');
    const end = isSlice && !cursor.isSymbol(']') ? cursor.expression() : undefined;
    cursor.expectSymbol(']', 'behind the key');
    return { start, end, isSlice };
  });
  const { start, end, isSlice } = parts;
  const span = cursor.spanFrom(object.span.start);
  return isSlice || start === undefined
    ? cursor.grow({ kind: 'slice', object, start, end, span }, [object, start, end])
    : cursor.grow({ kind: 'index', object, key: start, span }, [object, start]);
}

// Braces behind a name: an entity, or the options of a call

/**
 * The brace belongs to the name before it. Not in the head of a block, whose brace it is then: there
 * `Name{…}` and `f{…}(…)` stand in brackets.
 */
function takesBraces(cursor: TokenCursor, object: Expression): boolean {
  if (cursor.place === 'head' || cursor.place === 'pattern') return false;
  return object.kind === 'name' || object.kind === 'member';
}

/** `Name{field: value}`, or `callee{value: wei}(…)` when arguments follow. */
function parseBraces(cursor: TokenCursor, object: Expression): Expression {
  const entries = parseEntries(cursor);
  if (cursor.isSymbol('(') && !cursor.startsLine()) return parseCall(cursor, object, entries);
  if (!isNamePath(object)) {
    return cursor.fail('EXPECTED_SYMBOL', 'expected `(` behind the options of a call');
  }
  const fields = entries.map(({ key, value }) => ({ name: fieldName(cursor, key), value }));
  const span = cursor.spanFrom(object.span.start);
  const values = fields.map(({ value }) => value);
  return cursor.grow({ kind: 'construct', entity: object, fields, span }, [object, ...values]);
}

/** A name, or names with dots between them. */
function isNamePath(expression: Expression): boolean {
  let object = expression;
  while (object.kind === 'member') object = object.object;
  return object.kind === 'name';
}

function fieldName(cursor: TokenCursor, key: Expression): Identifier {
  if (key.kind === 'string') return { name: key.value, span: key.span };
  cursor.report('EXPECTED_NAME', key.span, 'expected the name of a field', {
    hint: 'an entity has the fields that it declares; a map has any: {(key): value}',
  });
  return { name: '', span: key.span };
}
