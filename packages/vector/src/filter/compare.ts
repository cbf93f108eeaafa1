/**
 * The order of two numbers by their exact values: negative, zero or positive as `left` is less than,
 * equal to or greater than `right`. JavaScript compares a bigint with a number mathematically
 * (ECMA-262 IsLessThan), so nothing is rounded; NaN does not occur in metadata.
 */
export function compareNumbers(left: bigint | number, right: bigint | number): number {
  if (left < right) return -1;
  return left > right ? 1 : 0;
}

/** True when both are the same boolean, text or number; 1n and 1 are the same number. */
export function isSameScalar(left: unknown, right: unknown): boolean {
  if (isNumeric(left) && isNumeric(right)) return compareNumbers(left, right) === 0;
  return left === right;
}

export function isNumeric(value: unknown): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number';
}
