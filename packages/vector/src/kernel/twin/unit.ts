import { HEADER } from '../layout.ts';
import type { Twin } from './header.ts';

// Powers of two by which values are multiplied where squares or products of them would leave the range
// of f32.

const ORDINARY_FROM = 2 ** -32;
const ORDINARY_TO = 2 ** 32;
const FULL_DIGITS = 2 ** -110;
/** The largest number of f32. */
const MOST = (2 - 2 ** -23) * 2 ** 127;
const LEAST_EXPONENT = -100;
const MOST_EXPONENT = 86;
const MOST_QUERY_EXPONENT = 126;

const scratch: Float32Array = new Float32Array(1);
const scratchBits: Uint32Array = new Uint32Array(scratch.buffer);

export function isOrdinary(length: number): boolean {
  return length > ORDINARY_FROM && length < ORDINARY_TO;
}

/** Whether f32 has all digits of codes for a row of that length, or of its terms. */
export function isHeld(length: number): boolean {
  return length > FULL_DIGITS && length <= MOST;
}

/** The largest number instead of Infinity. */
export function finite(length: number): number {
  return length < MOST ? length : MOST;
}

/** By what a length is multiplied to be about 1, as far as exponents go. */
function powerOf(length: number, most: number): number {
  scratch[0] = length;
  const exponent = ((scratchBits[0] as number) >>> 23) - 127;
  return 2 ** -Math.max(LEAST_EXPONENT, Math.min(exponent, most));
}

/** The same for rows. */
export function inverseOf(length: number): number {
  return powerOf(length, MOST_EXPONENT);
}

/** By what a query is multiplied for ip, where rows are multiplied by `unit`. */
export function queryUnit(length: number, unit: number): number {
  if (length === 0 || (unit === 1 && isOrdinary(length))) return 1;
  return powerOf(length, MOST_QUERY_EXPONENT);
}

/** The same, but 1 for what is ordinary or nothing. */
function unitOf(length: number): number {
  return isOrdinary(length) || length === 0 ? 1 : inverseOf(length);
}

/** Takes the length of a row into account. */
export function noteLength(twin: Twin, length: number): void {
  if (length === 0) return;
  const shortest = shortestLength(twin);
  if (shortest === 0 || length < shortest) twin.setF32(HEADER.SHORTEST * 4, length);
  if (length > twin.f32(HEADER.LONGEST * 4)) twin.setF32(HEADER.LONGEST * 4, length);
}

export function shortestLength(twin: Twin): number {
  return twin.f32(HEADER.SHORTEST * 4);
}

/** By what rows are multiplied to be compared with something of that length. */
export function rowUnit(twin: Twin, length: number): number {
  if (twin.isCosine) return 1;
  const shortest = shortestLength(twin);
  return unitOf(twin.isL2 ? Math.max(length, shortest) : twin.f32(HEADER.LONGEST * 4));
}
