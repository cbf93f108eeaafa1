import { type Integer, isInteger } from './arithmetic.ts';
import { PANIC, panic } from './halt.ts';
import type { Machine } from './machine.ts';
import { materialise } from './state-containers.ts';
import { readUtf8 } from './text.ts';
import {
  Address,
  CellHandle,
  type Container,
  Dictionary,
  isContainer,
  isScalar,
  List,
  type Scalar,
  StateHandle,
  type Value,
} from './value.ts';

/** The code of one builtin; it looks at as many arguments as the table says, which are always there. */
export type BuiltinBody = (
  machine: Machine,
  first: Value,
  second: Value,
  third: Value,
  fourth: Value,
) => Value;

// What builtins ask of their arguments. Everything here reverts with Panic 0x01 for another kind.

/** A text, charged as read. */
export function readText({ meter }: Machine, value: Value): string {
  if (typeof value !== 'string') throw panic(PANIC.kind);
  readUtf8(meter, value);
  return value;
}

export function requireText(value: Value): string {
  if (typeof value === 'string') return value;
  throw panic(PANIC.kind);
}

export function requireBytes(value: Value): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw panic(PANIC.kind);
}

export function requireInteger(value: Value): Integer {
  if (isInteger(value)) return value;
  throw panic(PANIC.kind);
}

export function requireAddress(value: Value): Uint8Array {
  if (value instanceof Address) return value.bytes;
  throw panic(PANIC.kind);
}

/** A key of a map: a scalar other than null. */
export function requireKey(value: Value): Scalar {
  if (value !== null && isScalar(value)) return value;
  throw panic(PANIC.kind);
}

/** A list or a map, wherever it is. */
export function requireContainer(value: Value): Container {
  if (isContainer(value)) return value;
  throw panic(PANIC.kind);
}

/** A place in a list: from 0 to below `length`, else Panic 0x32. */
export function requirePlace(value: Value, length: number): number {
  const place = requireInteger(value);
  if (typeof place === 'number' && place >= 0 && place < length) return place;
  throw panic(PANIC.index);
}

/**
 * The items of a list, wherever it is, to be read only. Those of a list of the state are read and
 * charged here.
 */
export function itemsOf(machine: Machine, value: Value): readonly Value[] {
  if (value instanceof List) return value.items;
  const memory = memoryOf(machine, value);
  if (memory instanceof List) return memory.items;
  throw panic(PANIC.kind);
}

/** A container in memory: what is in the state is read as a whole. */
export function memoryOf(machine: Machine, value: Value): List | Dictionary {
  if (value instanceof List || value instanceof Dictionary) return value;
  if (value instanceof StateHandle || value instanceof CellHandle) {
    const memory = materialise(machine, value);
    if (memory instanceof List || memory instanceof Dictionary) return memory;
  }
  throw panic(PANIC.kind);
}
