import type { BinaryOperator, Expression, LogicalOperator } from './ast.ts';
import { isSymbol, isWord, type TokenCursor } from './cursor.ts';
import { parsePostfix } from './postfix.ts';
import { isOneOf } from './recovery.ts';
import type { Token } from './tokens.ts';
import { parsePrimary } from './values.ts';

type Infix =
  | { readonly kind: 'logical'; readonly operator: LogicalOperator; readonly power: number }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly power: number };

/** Binding power of `**`, the one operator above the prefix operators; it groups to the right. */
const POWER = 9;
/** Binding power of `<` and its kin; `==` and `!=` have the next lower one. */
const RELATIONAL = 5;
const EQUALITY = 4;

/**
 * Operators between two operands. Those of higher power bind tighter: C's order, with `??` below all of
 * them and only `? :` below that. A line that begins with one of them goes on with the value before.
 */
const INFIX: ReadonlyMap<string, Infix> = new Map<string, Infix>([
  ['??', { kind: 'logical', operator: '??', power: 1 }],
  ['||', { kind: 'logical', operator: '||', power: 2 }],
  ['or', { kind: 'logical', operator: '||', power: 2 }],
  ['&&', { kind: 'logical', operator: '&&', power: 3 }],
  ['and', { kind: 'logical', operator: '&&', power: 3 }],
  ['==', { kind: 'binary', operator: '==', power: EQUALITY }],
  ['!=', { kind: 'binary', operator: '!=', power: EQUALITY }],
  ['<', { kind: 'binary', operator: '<', power: RELATIONAL }],
  ['>', { kind: 'binary', operator: '>', power: RELATIONAL }],
  ['<=', { kind: 'binary', operator: '<=', power: RELATIONAL }],
  ['>=', { kind: 'binary', operator: '>=', power: RELATIONAL }],
  ['+', { kind: 'binary', operator: '+', power: 6 }],
  ['-', { kind: 'binary', operator: '-', power: 6 }],
  ['*', { kind: 'binary', operator: '*', power: 7 }],
  ['/', { kind: 'binary', operator: '/', power: 7 }],
  ['%', { kind: 'binary', operator: '%', power: 7 }],
  ['**', { kind: 'binary', operator: '**', power: POWER }],
]);

/**
 * A value. Operator precedence parsing (Pratt, 1973); chains of operators of one level are a loop, so
 * that recursion is as deep as brackets, prefix operators, functions and `**` go, which the cursor
 * bounds.
 */
export function parseExpression(cursor: TokenCursor): Expression {
  return parseConditional(cursor, parseFrom(cursor, 0));
}

/** The rest of a value that begins with `group`, which stood in brackets. */
export function parseAfterGroup(cursor: TokenCursor, group: Expression): Expression {
  return parseConditional(cursor, parseRest(cursor, parsePostfix(cursor, group), 0));
}

type Choice = { readonly condition: Expression; readonly then: Expression };

/** What may follow a condition: `? then : otherwise`, where `otherwise` may be such a choice again. */
function parseConditional(cursor: TokenCursor, first: Expression): Expression {
  const choices: Choice[] = [];
  let last = first;
  while (cursor.acceptSymbol('?')) {
    const then = cursor.nested(() => parseExpression(cursor));
    const hint = 'a value between two: condition ? value : other';
    cursor.expectSymbol(':', 'and what it is otherwise', hint);
    choices.push({ condition: last, then });
    last = parseFrom(cursor, 0);
  }
  return choices.reduceRight((otherwise, { condition, then }): Expression => {
    const span = { start: condition.span.start, end: otherwise.span.end };
    const node: Expression = { kind: 'conditional', condition, then, otherwise, span };
    return cursor.grow(node, [condition, then, otherwise]);
  }, last);
}

function parseFrom(cursor: TokenCursor, minimum: number): Expression {
  return parseRest(cursor, parsePrefix(cursor), minimum);
}

/** What follows the operand `first` of a value: further operators of at least the power `minimum`. */
function parseRest(cursor: TokenCursor, first: Expression, minimum: number): Expression {
  let left = first;
  for (;;) {
    const token = cursor.current;
    const infix = infixOf(token);
    if (infix === undefined || infix.power < minimum || beginsPattern(cursor)) return left;
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

/** The minus begins the pattern of the next arm of a `match`, which stands on a line of its own. */
function beginsPattern(cursor: TokenCursor): boolean {
  return cursor.place === 'arm' && cursor.startsLine() && cursor.isSymbol('-');
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
  const span = { start: greater.start, end: cursor.current.end };
  cursor.report('OPERATOR_UNKNOWN', span, 'there is no operator `>>`', {
    hint: 'there are no shifts: divide by a power of two',
  });
  cursor.advance();
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
