import type { BinaryOperator, Expression, LogicalOperator } from './ast.ts';
import { isSymbol, isWord, type TokenCursor } from './cursor.ts';
import { isOneOf, skipBrackets, skipValue } from './recovery.ts';
import type { Span } from './source.ts';
import { RESERVED_WORDS, type Token } from './tokens.ts';
import { type Feature, reportUnsupported } from './unsupported.ts';

type Infix =
  | { readonly kind: 'logical'; readonly operator: LogicalOperator; readonly power: number }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly power: number };

/** Binding power of `**`, the one operator above the prefix operators; it groups to the right. */
const POWER = 8;
/** Binding power of `<` and its kin; `==` and `!=` have the next lower one. */
const RELATIONAL = 4;
const EQUALITY = 3;

/** Operators between two operands. Those of higher power bind tighter; C's order. */
const INFIX: ReadonlyMap<string, Infix> = new Map<string, Infix>([
  ['||', { kind: 'logical', operator: '||', power: 1 }],
  ['or', { kind: 'logical', operator: '||', power: 1 }],
  ['&&', { kind: 'logical', operator: '&&', power: 2 }],
  ['and', { kind: 'logical', operator: '&&', power: 2 }],
  ['==', { kind: 'binary', operator: '==', power: EQUALITY }],
  ['!=', { kind: 'binary', operator: '!=', power: EQUALITY }],
  ['<', { kind: 'binary', operator: '<', power: RELATIONAL }],
  ['>', { kind: 'binary', operator: '>', power: RELATIONAL }],
  ['<=', { kind: 'binary', operator: '<=', power: RELATIONAL }],
  ['>=', { kind: 'binary', operator: '>=', power: RELATIONAL }],
  ['+', { kind: 'binary', operator: '+', power: 5 }],
  ['-', { kind: 'binary', operator: '-', power: 5 }],
  ['*', { kind: 'binary', operator: '*', power: 6 }],
  ['/', { kind: 'binary', operator: '/', power: 6 }],
  ['%', { kind: 'binary', operator: '%', power: 6 }],
  ['**', { kind: 'binary', operator: '**', power: POWER }],
]);

const UNSUPPORTED_INFIX: ReadonlyMap<string, Feature> = new Map<string, Feature>([
  ['?', 'ternary'],
  ['??', 'nullish'],
  ['=>', 'lambda'],
]);

/** Words that begin a value of a kind that is not supported. */
const UNSUPPORTED_PREFIX: ReadonlyMap<string, Feature> = new Map<string, Feature>([
  ['async', 'async'],
  ['await', 'async'],
  ['find', 'file'],
  ['lambda', 'lambda'],
  ['load', 'file'],
  ['match', 'match'],
  ['print', 'print'],
  ['spawn', 'async'],
]);

/**
 * A value. Operator precedence parsing (Pratt, 1973); chains of operators of one level are a loop, so
 * that recursion is as deep as brackets, prefix operators and `**` go, which the cursor bounds.
 */
export function parseExpression(cursor: TokenCursor): Expression {
  return parseFrom(cursor, 0);
}

function parseFrom(cursor: TokenCursor, minimum: number): Expression {
  return parseRest(cursor, parsePrefix(cursor), minimum);
}

/** The rest of a value that begins with `group`, which stood in brackets. */
export function parseAfterGroup(cursor: TokenCursor, group: Expression): Expression {
  return parseRest(cursor, parsePostfix(cursor, group), 0);
}

/** What follows the operand `first` of a value: further operators of at least the power `minimum`. */
function parseRest(cursor: TokenCursor, first: Expression, minimum: number): Expression {
  let left = first;
  for (;;) {
    const token = cursor.current;
    const infix = infixOf(token);
    if (infix === undefined || infix.power < minimum) {
      if (minimum === 0 && skipUnsupportedInfix(cursor)) continue;
      return left;
    }
    cursor.advance();
    refuseShift(cursor, token);
    const right =
      infix.power === POWER
        ? cursor.nested(() => parseFrom(cursor, POWER))
        : parseFrom(cursor, infix.power + 1);
    left = combine(cursor, infix, left, right);
  }
}

function infixOf(token: Token): Infix | undefined {
  return token.kind === 'symbol' || token.kind === 'word' ? INFIX.get(token.text) : undefined;
}

function combine(
  cursor: TokenCursor,
  infix: Infix,
  left: Expression,
  right: Expression,
): Expression {
  const span = { start: left.span.start, end: right.span.end };
  return infix.kind === 'logical'
    ? cursor.grow({ kind: 'logical', operator: infix.operator, left, right, span }, [left, right])
    : cursor.grow({ kind: 'binary', operator: infix.operator, left, right, span }, [left, right]);
}

/** `>>` is two tokens, because types may end in it. */
function refuseShift(cursor: TokenCursor, greater: Token): void {
  const isShift = isSymbol(greater, '>') && isOneOf(cursor.current, '>', '>=');
  if (!isShift || cursor.current.start !== greater.end) return;
  cursor.report('OPERATOR_UNKNOWN', spanOf(greater, cursor.current), 'there is no operator `>>`', {
    hint: 'there are no shifts: divide by a power of two',
  });
  cursor.advance();
}

/** Reports an operator of a later version and skips its operands. */
function skipUnsupportedInfix(cursor: TokenCursor): boolean {
  const feature = cursor.current.kind === 'symbol' && UNSUPPORTED_INFIX.get(cursor.current.text);
  if (!feature) return false;
  reportUnsupported(cursor, feature, cursor.current);
  cursor.advance();
  skipValue(cursor);
  return true;
}

function parsePrefix(cursor: TokenCursor): Expression {
  const token = cursor.current;
  const isNot = isSymbol(token, '!') || isWord(token, 'not');
  if (!isNot && !isSymbol(token, '-')) return parsePostfix(cursor, parsePrimary(cursor));
  cursor.advance();
  const operand = cursor.nested(() => parseFrom(cursor, POWER));
  if (isWord(token, 'not')) warnOfNot(cursor, token);
  const span = { start: token.start, end: operand.span.end };
  return cursor.grow({ kind: 'unary', operator: isNot ? '!' : '-', operand, span }, [operand]);
}

/** Elsewhere `not a == b` means `not (a == b)`; here `not` is another way to write `!`. */
function warnOfNot(cursor: TokenCursor, not: Token): void {
  const power = infixOf(cursor.current)?.power;
  if (power !== RELATIONAL && power !== EQUALITY) return;
  cursor.report('NOT_BINDS_TIGHTER', not, '`not` applies before the comparison that follows', {
    severity: 'warning',
    hint: 'write brackets around what is meant: not (a == b)',
  });
}

// Postfix: calls, indexes, members

function parsePostfix(cursor: TokenCursor, first: Expression): Expression {
  let object = first;
  for (;;) {
    const token = cursor.current;
    if (isSymbol(token, '.')) object = parseMember(cursor, object);
    else if (isSymbol(token, '(') && !cursor.startsLine()) object = parseCall(cursor, object);
    else if (isSymbol(token, '[') && !cursor.startsLine()) object = parseIndex(cursor, object);
    else return object;
  }
}

/** `.name`: behind a dot every word is a name. */
function parseMember(cursor: TokenCursor, object: Expression): Expression {
  cursor.advance();
  const { kind, text, start, end } = cursor.current;
  if (kind !== 'word' || (RESERVED_WORDS.has(text) && cursor.startsLine())) {
    return cursor.fail('EXPECTED_NAME', 'expected a name behind the dot');
  }
  cursor.advance();
  const member = { name: text, span: { start, end } };
  const span = cursor.spanFrom(object.span.start);
  return cursor.grow({ kind: 'member', object, member, span }, [object]);
}

function parseCall(cursor: TokenCursor, callee: Expression): Expression {
  const args = parseArguments(cursor);
  const span = cursor.spanFrom(callee.span.start);
  return cursor.grow({ kind: 'call', callee, arguments: args, span }, [callee, ...args]);
}

/** `(a, b)`; a comma behind the last one is allowed. */
export function parseArguments(cursor: TokenCursor): readonly Expression[] {
  cursor.expectSymbol('(', 'before the arguments');
  return cursor.bracketed(() => {
    const args: Expression[] = [];
    while (!cursor.isSymbol(')')) {
      args.push(parseExpression(cursor));
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

function parseIndex(cursor: TokenCursor, object: Expression): Expression {
  cursor.advance();
  const key = cursor.bracketed(() => {
    const parsed = isSymbol(cursor.current, ':')
      ? nothing(cursor.current)
      : parseExpression(cursor);
    if (cursor.isSymbol(':')) {
      reportUnsupported(cursor, 'slice', cursor.current);
      skipValue(cursor);
    }
    cursor.expectSymbol(']', 'behind the key');
    return parsed;
  });
  const span = cursor.spanFrom(object.span.start);
  return cursor.grow({ kind: 'index', object, key, span }, [object, key]);
}

// Primary values

function parsePrimary(cursor: TokenCursor): Expression {
  const token = cursor.current;
  const { text } = token;
  const span = { start: token.start, end: token.end };
  switch (token.kind) {
    case 'integer':
      cursor.advance();
      return { kind: 'integer', value: BigInt(text), span };
    case 'hex':
      cursor.advance();
      return { kind: 'hex', text, span };
    case 'string':
      cursor.advance();
      return { kind: 'string', value: text, span };
    case 'float':
      cursor.advance();
      cursor.report('FLOAT_FORBIDDEN', span, 'contracts have no floating-point numbers', {
        hint: 'count in the smallest unit, or write a fraction as * 3 / 100',
      });
      return nothing(span);
    case 'word':
      return parseWord(cursor, token, span);
    case 'symbol':
      return parseSymbol(cursor, token);
    default:
      return failExpression(cursor);
  }
}

function failExpression(cursor: TokenCursor): never {
  return cursor.fail('EXPECTED_EXPRESSION', 'expected a value');
}

function parseWord(cursor: TokenCursor, token: Token, span: Span): Expression {
  const { text } = token;
  const feature = UNSUPPORTED_PREFIX.get(text);
  if (feature !== undefined) return skipUnsupportedPrefix(cursor, feature, token);
  if (text === 'true' || text === 'false') {
    cursor.advance();
    return { kind: 'boolean', value: text === 'true', span };
  }
  if (text === 'null' || text === 'this') {
    cursor.advance();
    return { kind: text, span };
  }
  if (RESERVED_WORDS.has(text)) return failExpression(cursor);
  if ((text === 'action' || text === 'function') && isFunctionLiteral(cursor)) {
    return skipUnsupportedPrefix(cursor, 'lambda', token);
  }
  cursor.advance();
  // `self` is another way to write `this`.
  if (text === 'self' && cursor.isSymbol('.')) return { kind: 'this', span };
  return { kind: 'name', name: text, span };
}

/** The current word is `action` or `function` before `( … ) {`, which is no call. */
function isFunctionLiteral(cursor: TokenCursor): boolean {
  if (!isSymbol(cursor.peek(), '(')) return false;
  let open = 0;
  for (let distance = 1; ; distance += 1) {
    const token = cursor.peek(distance);
    if (isSymbol(token, '(')) open += 1;
    else if (isSymbol(token, ')')) open -= 1;
    if (open === 0) return isSymbol(cursor.peek(distance + 1), '{');
    if (token.kind === 'end' || isOneOf(token, '{', '}', ';')) return false;
  }
}

/** `[`, `{`, `(` and what no value begins with. */
function parseSymbol(cursor: TokenCursor, token: Token): Expression {
  switch (token.text) {
    case '(':
      return parseGroup(cursor);
    case '[':
      return skipLiteral(cursor, 'list');
    case '#{':
      return skipLiteral(cursor, 'set');
    case '{':
      if (!isSymbol(cursor.peek(), '}')) return skipLiteral(cursor, 'map');
      cursor.advance();
      cursor.advance();
      return { kind: 'emptyMap', span: cursor.spanFrom(token.start) };
    default:
      return failExpression(cursor);
  }
}

function parseGroup(cursor: TokenCursor): Expression {
  const open = cursor.current;
  if (isLambdaHead(cursor)) return skipUnsupportedPrefix(cursor, 'lambda', open);
  cursor.advance();
  const inner = cursor.bracketed(() => {
    const parsed = parseExpression(cursor);
    if (cursor.isSymbol(',')) {
      reportUnsupported(cursor, 'tuple', open);
      while (cursor.acceptSymbol(',')) skipValue(cursor);
    }
    cursor.expectSymbol(')', 'to close the bracket');
    return parsed;
  });
  return cursor.widen(inner, cursor.spanFrom(open.start));
}

/** `()` or `(name, …` up to `) =>`: looks as far as names and commas go. */
function isLambdaHead(cursor: TokenCursor): boolean {
  let distance = 1;
  while (cursor.peek(distance).kind === 'word' || isSymbol(cursor.peek(distance), ',')) {
    distance += 1;
  }
  return isSymbol(cursor.peek(distance), ')') && isSymbol(cursor.peek(distance + 1), '=>');
}

function skipLiteral(cursor: TokenCursor, feature: Feature): Expression {
  const { start, end } = cursor.current;
  reportUnsupported(cursor, feature, { start, end });
  skipBrackets(cursor);
  return nothing(cursor.spanFrom(start));
}

/** Reports a value of a later version and skips it with the block that it may have. */
function skipUnsupportedPrefix(cursor: TokenCursor, feature: Feature, token: Token): Expression {
  reportUnsupported(cursor, feature, token);
  if (isSymbol(token, '(')) skipBrackets(cursor);
  else cursor.advance();
  const hasBlock = feature === 'match' || feature === 'lambda';
  skipValue(cursor);
  if (hasBlock && cursor.isSymbol('{')) skipBrackets(cursor);
  return nothing(cursor.spanFrom(token.start));
}

/** Stands for a value that was reported, so that what is around it can be parsed. */
function nothing(span: Span): Expression {
  return { kind: 'null', span: { start: span.start, end: span.end } };
}

function spanOf(first: Span, last: Span): Span {
  return { start: first.start, end: last.end };
}
