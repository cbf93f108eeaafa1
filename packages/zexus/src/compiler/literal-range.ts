import type { Expression } from './tree.ts';
import type { TypeVariable } from './types.ts';

/** The integer that is written, also behind a minus; undefined for other expressions. */
export function literalInteger(expression: Expression): bigint | undefined {
  if (expression.kind === 'literal') {
    return typeof expression.value === 'bigint' ? expression.value : undefined;
  }
  if (expression.kind !== 'unary' || expression.operator !== '-') return undefined;
  const value = literalInteger(expression.operand);
  return value === undefined ? undefined : -value;
}

export function isLiteralZero(expression: Expression): boolean {
  return literalInteger(expression) === 0n;
}

/** Why a written integer can never be of the type, in words that follow what has the type. */
export function checkLiteralRange(
  value: Expression,
  { type, abiType }: Pick<TypeVariable, 'abiType' | 'type'>,
): string | undefined {
  const literal = literalInteger(value);
  if (literal === undefined || (type !== 'integer' && type !== 'signed')) return undefined;
  const bits = BigInt(/[0-9]+$/.exec(abiType ?? '')?.[0] ?? 256);
  const [min, max] =
    type === 'integer' ? [0n, (1n << bits) - 1n] : [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
  if (literal >= min && literal <= max) return undefined;
  return `takes ${abiType ?? (type === 'integer' ? 'uint256' : 'int256')}, from ${min} to ${max}`;
}
