import { add, type Integer, isInteger, negate, power } from './arithmetic.ts';
import { type BuiltinBody, itemsOf, requireInteger } from './builtin-arguments.ts';
import { PANIC, panic } from './halt.ts';
import type { Machine } from './machine.ts';
import { integer, List, type Value } from './value.ts';

/** Gas of a square root of a large integer, in words: Newton's method takes about as many steps. */
const ROOT_WORDS = 32;

/** Builtins of integers. Results beyond ±(2²⁵⁶ − 1) are Panic 0x11, as of the operators. */
export const NUMBER_BODIES: Readonly<Record<string, BuiltinBody>> = {
  abs: ({ meter }, value) => {
    const number = requireInteger(value);
    return number < 0 ? negate(meter, number) : number;
  },
  min: (machine, ...values) => extreme(machine, values, (left, right) => left < right),
  max: (machine, ...values) => extreme(machine, values, (left, right) => left > right),
  pow: ({ meter }, base, exponent) => power(meter, base, exponent),
  sqrt: (machine, value) => squareRoot(machine, requireInteger(value)),
  sum: (machine, list) => {
    const items = itemsOf(machine, list);
    machine.meter.chargeVisits(items.length);
    let total: Value = 0;
    for (const item of items) {
      if (item !== null) requireInteger(item);
      total = add(machine, total, item);
    }
    return total;
  },
  range: (machine, start, end, step) =>
    end === null
      ? range(machine, 0, requireInteger(start), step)
      : range(machine, requireInteger(start), requireInteger(end), step),
};

/** The first of several integers, or of the items of one list, that no other one is before. */
function extreme(
  machine: Machine,
  [first, ...others]: readonly Value[],
  isBefore: (left: Integer, right: Integer) => boolean,
): Value {
  const given = others.filter((value) => value !== null);
  let numbers: readonly Value[] = [first ?? null, ...given];
  if (!isInteger(first ?? null)) {
    if (given.length > 0) throw panic(PANIC.kind);
    numbers = itemsOf(machine, first ?? null);
    machine.meter.chargeVisits(numbers.length);
  }
  let best: Integer | null = null;
  for (const number of numbers) {
    const candidate = requireInteger(number);
    if (best === null || isBefore(candidate, best)) best = candidate;
  }
  return best;
}

/** The largest integer whose square is not larger. */
function squareRoot({ meter }: Machine, number: Integer): Value {
  if (number < 0) throw panic(PANIC.overflow);
  // The root of an exact number is rounded correctly (IEEE 754), at most up to the next integer.
  if (typeof number === 'number') {
    const root = Math.floor(Math.sqrt(number));
    return root * root > number ? root - 1 : root;
  }
  meter.charge(ROOT_WORDS * meter.schedule.word);
  // Newton's method from above ends at the floor.
  let root = 1n << BigInt(2 * number.toString(16).length);
  for (;;) {
    const next = (root + number / root) >> 1n;
    if (next >= root) return integer(root);
    root = next;
  }
}

/** From `start` to before `end`, in steps of `step`, which may be below zero. */
function range(machine: Machine, start: Integer, end: Integer, step: Value): List {
  const stride = step === null ? 1 : requireInteger(step);
  if (stride === 0) throw panic(PANIC.division);
  const [first, distance, width] = [BigInt(start), BigInt(end) - BigInt(start), BigInt(stride)];
  const isAway = distance === 0n || distance < 0n !== width < 0n;
  if (isAway) return new List([]);
  // Rounded up: what is left over is room for one more. Both have the same sign.
  const count = Number((distance + width - (width < 0n ? -1n : 1n)) / width);
  machine.meter.chargeItems(count);
  if (isSafe(start) && isSafe(end) && isSafe(stride)) {
    return new List(
      Array.from({ length: count }, (_, index) => Number(start) + index * Number(stride)),
    );
  }
  return new List(
    Array.from({ length: count }, (_, index) => integer(first + BigInt(index) * width)),
  );
}

function isSafe(value: Integer): boolean {
  return typeof value === 'number';
}
