import { zexusLimits } from '../limits.ts';
import { PANIC, panic } from './halt.ts';
import type { Machine } from './machine.ts';
import type { Meter } from './meter.ts';
import { materialise, stateLength } from './state-containers.ts';
import { chargeComparison, compareText, repeatText } from './text.ts';
import {
  CellHandle,
  type Container,
  Dictionary,
  equalScalars,
  integer,
  isContainer,
  List,
  StateHandle,
  type Value,
} from './value.ts';
import { concatenate } from './value-text.ts';

/** An integer in its one form: a number up to ±(2⁵³ − 1), a bigint beyond. */
export type Integer = number | bigint;

/** The largest integer; its negative is the smallest. */
export const MAX_INTEGER: bigint = (1n << 256n) - 1n;

const INTEGER_BITS = 256;
const MAX_EXACT = Number.MAX_SAFE_INTEGER;

// Everything here is the meaning of the operators for any two values. The interpreter computes what
// is exact in numbers by itself and comes here with the rest. Operations whose operands or result
// are not exact numbers are charged as one word more, before they are computed.

/**
 * `+`: null is 0; with a string it concatenates canonical texts; two lists are a new one of the items of
 * both.
 */
export function add(machine: Machine, left: Value, right: Value): Value {
  if (typeof left === 'string' || typeof right === 'string') {
    return concatenate(machine, left, right);
  }
  if (isContainer(left) && isContainer(right)) return join(machine, left, right);
  const { meter } = machine;
  const [x, y] = [integerOrNull(left), integerOrNull(right)];
  if (typeof x === 'number' && typeof y === 'number') {
    const sum = x + y;
    if (isExact(sum)) return sum;
  }
  meter.charge(meter.schedule.word);
  return checked(BigInt(x) + BigInt(y));
}

/** `-`: null is 0. */
export function subtract(meter: Meter, left: Value, right: Value): Value {
  const [x, y] = [integerOrNull(left), integerOrNull(right)];
  if (typeof x === 'number' && typeof y === 'number') {
    const difference = x - y;
    if (isExact(difference)) return difference;
  }
  meter.charge(meter.schedule.word);
  return checked(BigInt(x) - BigInt(y));
}

/** `*`: a string and an integer, in either order, repeat the string. */
export function multiply(meter: Meter, left: Value, right: Value): Value {
  if (typeof left === 'string') return repeatText(meter, left, integerOnly(right));
  if (typeof right === 'string') return repeatText(meter, right, integerOnly(left));
  const [x, y] = [integerOnly(left), integerOnly(right)];
  if (typeof x === 'number' && typeof y === 'number') {
    const product = x * y;
    if (isExact(product)) return product + 0;
  }
  meter.charge(meter.schedule.word);
  return checked(BigInt(x) * BigInt(y));
}

/** `/`: rounds to the lower integer. */
export function divide(meter: Meter, left: Value, right: Value): Value {
  const [x, y] = [integerOnly(left), integerOnly(right)];
  if (y === 0) throw panic(PANIC.division);
  if (typeof x === 'number' && typeof y === 'number') return divideExact(x, y);
  meter.charge(meter.schedule.word);
  const [dividend, divisor] = [BigInt(x), BigInt(y)];
  const remainder = dividend % divisor;
  const quotient = dividend / divisor;
  return integer(isOtherSign(remainder, divisor) ? quotient - 1n : quotient);
}

/** `%`: what `/` leaves; it has the sign of the divisor. */
export function modulo(meter: Meter, left: Value, right: Value): Value {
  const [x, y] = [integerOnly(left), integerOnly(right)];
  if (y === 0) throw panic(PANIC.division);
  if (typeof x === 'number' && typeof y === 'number') return moduloExact(x, y);
  meter.charge(meter.schedule.word);
  const divisor = BigInt(y);
  const remainder = BigInt(x) % divisor;
  return integer(isOtherSign(remainder, divisor) ? remainder + divisor : remainder);
}

/** Floor of the quotient of two exact numbers. The quotient itself could be rounded up. */
export function divideExact(dividend: number, divisor: number): number {
  if (isQuick(dividend, divisor)) {
    const quotient = Math.floor(dividend / divisor);
    return quotient * divisor > dividend ? quotient - 1 : quotient;
  }
  const remainder = dividend % divisor;
  // What is left divides without a remainder, so the quotient is exact. Adding 0 makes -0 a 0.
  const quotient = (dividend - remainder) / divisor + 0;
  return remainder !== 0 && remainder < 0 !== divisor < 0 ? quotient - 1 : quotient;
}

/** What {@link divideExact} leaves. */
export function moduloExact(dividend: number, divisor: number): number {
  if (isQuick(dividend, divisor)) {
    const left = dividend - Math.floor(dividend / divisor) * divisor;
    return left < 0 ? left + divisor : left;
  }
  const remainder = (dividend % divisor) + 0;
  return remainder !== 0 && remainder < 0 !== divisor < 0 ? remainder + divisor : remainder;
}

/** Up to here dividend and divisor together are exact, and so is every product in between. */
const MAX_QUICK = 2 ** 52;

/**
 * Whether the floor of the rounded quotient is right or one too much: rounding never goes below an integer
 * that the quotient reaches. `%` of what has more than 32 bits is a call of the C library.
 */
function isQuick(dividend: number, divisor: number): boolean {
  return dividend >= 0 && divisor > 0 && dividend <= MAX_QUICK && divisor <= MAX_QUICK;
}

/** `**`: a negative exponent has no integer result. Never computes what is too large. */
export function power(meter: Meter, left: Value, right: Value): Value {
  const [base, exponent] = [integerOnly(left), integerOnly(right)];
  if (exponent < 0) throw panic(PANIC.overflow);
  if (typeof base === 'number' && typeof exponent === 'number') {
    const result = powerExact(base, exponent);
    if (result !== undefined) return result;
  }
  meter.charge(meter.schedule.word);
  const unit = powerOfUnit(base, exponent);
  if (unit !== undefined) return unit;
  const magnitude = base < 0 ? -BigInt(base) : BigInt(base);
  // 2^(bits − 1) ≤ magnitude, so the result has more than (bits − 1) · exponent bits.
  const bits = magnitude.toString(2).length;
  if ((bits - 1) * Number(exponent) > INTEGER_BITS) throw panic(PANIC.overflow);
  return checked(BigInt(base) ** BigInt(exponent));
}

/** Unary `-`. */
export function negate(meter: Meter, value: Value): Value {
  const operand = integerOnly(value);
  if (typeof operand === 'number') return 0 - operand;
  meter.charge(meter.schedule.word);
  return -operand;
}

/**
 * `==`: structural. Strings and bytes are charged by the shorter one, containers by the items that are
 * compared; what is in the state is read for it. The order of a map does not matter. Functions are equal
 * to themselves only.
 *
 * @throws `Revert` Panic 0x41 for containers nested too deep, 0x01 for plain maps of the state
 */
export function equals(machine: Machine, left: Value, right: Value): boolean {
  return equalAt(machine, left, right, 0);
}

/** @param level containers around the values */
function equalAt(machine: Machine, left: Value, right: Value, level: number): boolean {
  const { meter } = machine;
  if (typeof left === 'string' && typeof right === 'string') {
    chargeComparison(meter, left, right);
  } else if (left instanceof Uint8Array && right instanceof Uint8Array) {
    meter.chargeBytes(Math.min(left.length, right.length));
  }
  if (!isContainer(left) || !isContainer(right)) return equalScalars(left, right);
  if (left === right) return true;
  if (level >= zexusLimits.values.nestingLevels) throw panic(PANIC.allocation);
  const [x, y] = [inMemory(machine, left), inMemory(machine, right)];
  if (x instanceof List) return y instanceof List && equalLists(machine, x, y, level + 1);
  return y instanceof Dictionary && equalMaps(machine, x, y, level + 1);
}

function equalLists(machine: Machine, left: List, right: List, level: number): boolean {
  const { length } = left.items;
  if (length !== right.items.length) return false;
  for (let index = 0; index < length; index += 1) {
    machine.meter.chargeVisits(1);
    const [x, y] = [left.items[index] as Value, right.items[index] as Value];
    if (!equalAt(machine, x, y, level)) return false;
  }
  return true;
}

function equalMaps(machine: Machine, left: Dictionary, right: Dictionary, level: number): boolean {
  if (left.entries.size !== right.entries.size) return false;
  // All at once: engines step over what was removed before they come to the first entry.
  machine.meter.chargeVisits(left.entries.size);
  for (const [key, { value }] of left.entries) {
    const other = right.entries.get(key);
    if (other === undefined || !equalAt(machine, value, other.value, level)) return false;
  }
  return true;
}

/** A container as it is in memory; one of the state is read as a whole. */
function inMemory(machine: Machine, container: Container): List | Dictionary {
  if (container instanceof List || container instanceof Dictionary) return container;
  return materialise(machine, container) as List | Dictionary;
}

function join(machine: Machine, left: Container, right: Container): List {
  const [x, y] = [inMemory(machine, left), inMemory(machine, right)];
  if (!(x instanceof List && y instanceof List)) throw panic(PANIC.kind);
  machine.meter.chargeItems(x.items.length + y.items.length);
  return new List([...x.items, ...y.items]);
}

/**
 * How `left` compares: below, equal to or above zero. Integers with integers, null as 0 against an
 * integer, strings with strings by code points.
 */
export function order(meter: Meter, left: Value, right: Value): number {
  if (typeof left === 'string' && typeof right === 'string') {
    chargeComparison(meter, left, right);
    return compareText(left, right);
  }
  if (left === null && right === null) throw panic(PANIC.kind);
  const [x, y] = [integerOrNull(left), integerOrNull(right)];
  if (x < y) return -1;
  return x > y ? 1 : 0;
}

/**
 * What a condition makes of a value: null, false, 0 and what is empty are false. The length of what is in
 * the state is read for it.
 */
export function isTruthy(machine: Machine, value: Value): boolean {
  if (typeof value === 'boolean') return value;
  if (value === null || value === 0 || value === '') return false;
  if (typeof value !== 'object') return true;
  if (value instanceof Uint8Array) return value.length > 0;
  if (value instanceof List) return value.items.length > 0;
  if (value instanceof Dictionary) return value.entries.size > 0;
  if (value instanceof StateHandle || value instanceof CellHandle) {
    return stateLength(machine, value) > 0;
  }
  return true;
}

/** True for integers of both forms. */
export function isInteger(value: Value): value is Integer {
  return typeof value === 'number' || typeof value === 'bigint';
}

function powerExact(base: number, exponent: number): number | undefined {
  const unit = powerOfUnit(base, exponent);
  if (unit !== undefined) return unit;
  let result = 1;
  // The magnitude doubles at least, so this ends after 53 steps at most.
  for (let step = 0; step < exponent; step += 1) {
    result *= base;
    if (!isExact(result)) return undefined;
  }
  return result;
}

/** The powers that are small however large the exponent is, and x⁰. */
function powerOfUnit(base: Integer, exponent: Integer): number | undefined {
  if (exponent === 0 || base === 1) return 1;
  if (base === 0) return 0;
  if (base !== -1) return undefined;
  return BigInt(exponent) % 2n === 0n ? 1 : -1;
}

function integerOnly(value: Value): Integer {
  if (isInteger(value)) return value;
  throw panic(PANIC.kind);
}

function integerOrNull(value: Value): Integer {
  return value === null ? 0 : integerOnly(value);
}

function isExact(value: number): boolean {
  return value >= -MAX_EXACT && value <= MAX_EXACT;
}

/** True when a remainder is not zero and has another sign than the divisor: the floor is one lower. */
function isOtherSign(remainder: bigint, divisor: bigint): boolean {
  return remainder !== 0n && remainder < 0n !== divisor < 0n;
}

function checked(value: bigint): Value {
  if (value > MAX_INTEGER || value < -MAX_INTEGER) throw panic(PANIC.overflow);
  return integer(value);
}
