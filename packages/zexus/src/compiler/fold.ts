import type { BinaryOperator } from '../syntax/ast.ts';
import { literalInteger } from './literal-range.ts';
import type { Expression } from './tree.ts';

/** The largest absolute value of an integer. */
const LARGEST = (1n << 256n) - 1n;

type Scalar = null | boolean | bigint | string;

/**
 * The value of an expression of written values; other expressions, and those that would fail when they
 * run, stay as they are. Operands have been folded before.
 */
export function fold(expression: Expression): Expression {
  const value = foldedValue(expression);
  if (value === undefined) return expression;
  const { span } = expression;
  if (typeof value !== 'bigint' || value >= 0n) return { kind: 'literal', value, span };
  const operand: Expression = { kind: 'literal', value: -value, span };
  return { kind: 'unary', operator: '-', operand, span };
}

/** The written value of a folded expression; undefined when it is none. */
export function scalarOf(expression: Expression): Scalar | undefined {
  if (expression.kind === 'literal') return expression.value;
  return literalInteger(expression);
}

function foldedValue(expression: Expression): Scalar | undefined {
  switch (expression.kind) {
    case 'unary': {
      const value = scalarOf(expression.operand);
      if (value === undefined) return undefined;
      if (expression.operator === '!') return !isTrue(value);
      return typeof value === 'bigint' ? -value : undefined;
    }
    case 'binary':
      return binary(expression.operator, scalarOf(expression.left), scalarOf(expression.right));
    case 'logical':
      return logical(expression.operator, scalarOf(expression.left), scalarOf(expression.right));
    case 'conditional': {
      const condition = scalarOf(expression.condition);
      if (condition === undefined) return undefined;
      return scalarOf(isTrue(condition) ? expression.then : expression.otherwise);
    }
    default:
      return undefined;
  }
}

/** The language's truth: null, false, zero and the empty text are false. */
function isTrue(value: Scalar): boolean {
  return value !== null && value !== false && value !== 0n && value !== '';
}

function logical(
  operator: '&&' | '||' | '??',
  left: Scalar | undefined,
  right: Scalar | undefined,
): Scalar | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (operator === '??') return left ?? right;
  return operator === '&&' ? isTrue(left) && isTrue(right) : isTrue(left) || isTrue(right);
}

function binary(
  operator: BinaryOperator,
  left: Scalar | undefined,
  right: Scalar | undefined,
): Scalar | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (operator === '==' || operator === '!=') {
    // Values of different kinds are for the checks to judge.
    return typeof left === typeof right ? (left === right) === (operator === '==') : undefined;
  }
  if (typeof left === 'string' && typeof right === 'string') {
    return operator === '+' ? left + right : undefined;
  }
  if (typeof left !== 'bigint' || typeof right !== 'bigint') return undefined;
  const value = arithmetic(operator, left, right);
  if (typeof value !== 'bigint') return value;
  return value >= -LARGEST && value <= LARGEST ? value : undefined;
}

function arithmetic(
  operator: BinaryOperator,
  left: bigint,
  right: bigint,
): bigint | boolean | undefined {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0n ? undefined : (left - modulo(left, right)) / right;
    case '%':
      return right === 0n ? undefined : modulo(left, right);
    case '**':
      return power(left, right);
    case '<':
      return left < right;
    case '>':
      return left > right;
    case '<=':
      return left <= right;
    case '>=':
      return left >= right;
    default:
      return undefined;
  }
}

/** The remainder of a division that rounds down: it has the sign of the divisor. */
function modulo(left: bigint, right: bigint): bigint {
  const rest = left % right;
  return rest !== 0n && rest < 0n !== right < 0n ? rest + right : rest;
}

/** Undefined when the result cannot be an integer of the language, before it is computed. */
function power(base: bigint, exponent: bigint): bigint | undefined {
  if (exponent < 0n) return undefined;
  const size = base < 0n ? -base : base;
  if (size > 1n && exponent > 256n) return undefined;
  if (size <= 1n) return base ** (exponent % 2n === 0n ? (exponent === 0n ? 0n : 2n) : 1n);
  return base ** exponent;
}
