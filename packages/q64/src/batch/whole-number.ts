import { q64Errors } from '../errors.ts';

/** A whole number from `least` to `most`. @throws `Q64_ARGUMENT_INVALID` for anything else */
export function wholeNumber(name: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const detail = `${name} is a whole number from ${least} to ${most}, not ${String(value)}`;
  throw q64Errors.create('Q64_ARGUMENT_INVALID', detail, { name });
}
