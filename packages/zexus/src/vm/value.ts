import { compareBytes, toHex } from '@lucerna/base';
import type { StateShape } from '../layout/schema.ts';
import { Entries } from './entries.ts';

/** A 20-byte account address, a kind of its own: not equal to the same bytes. */
export class Address {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** A list in memory. Variables that are given it share it. */
export class List {
  readonly items: Value[];

  constructor(items: Value[]) {
    this.items = items;
  }
}

/** A map in memory, in the order of insertion. Variables that are given it share it. */
export class Dictionary {
  /** By `keyText` of the key. */
  readonly entries: Entries<Value> = new Entries<Value>(null);
}

/** A function as a value: an action of the program and the first of its arguments. */
export class Closure {
  /** Index of the action. */
  readonly action: number;
  readonly captures: readonly Value[];

  constructor(action: number, captures: readonly Value[]) {
    this.action = action;
    this.captures = captures;
  }
}

/** A map or a list of the state, by its place: what is read and written through it is in the state. */
export class StateHandle {
  readonly slot: Uint8Array;
  /** Not that of a cell. */
  readonly shape: StateShape;
  /** Where it is an entry or an element: what is first put into it makes that entry. */
  readonly parent: StateParent | undefined;

  constructor(slot: Uint8Array, shape: StateShape, parent?: StateParent) {
    this.slot = slot;
    this.shape = shape;
    this.parent = parent;
  }
}

/** The container around one of the state, and the key or position in it. */
export type StateParent = { readonly container: StateHandle; readonly key: Scalar };

/**
 * A list or map that an untyped cell of the state holds as a value, or one within it, by its place: the
 * cell, and the keys that lead from its value inwards. A write rewrites the cell.
 */
export class CellHandle {
  readonly slot: Uint8Array;
  readonly path: readonly Value[];

  constructor(slot: Uint8Array, path: readonly Value[]) {
    this.slot = slot;
    this.path = path;
  }
}

/** Where a loop is in what it walks over. Programs cannot name it: it is on the stack only. */
export class ValueIterator {
  readonly source: Value;
  /** Items that were visited; of an enumerable map of the state, sequence numbers. */
  position = 0;
  /** What {@link source} needs to go on, such as the iterator of a map in memory. */
  cursor: unknown = undefined;

  constructor(source: Value) {
    this.source = source;
  }
}

/** What operators, keys of maps and typed cells work with. */
export type Scalar = null | boolean | number | bigint | string | Uint8Array | Address;

/** A list or a map, wherever it is. */
export type Container = List | Dictionary | StateHandle | CellHandle;

/**
 * A value of the language. Integers are numbers while JavaScript counts them exactly and bigints
 * beyond, never the other way round, so that equal integers are the same JavaScript value.
 */
export type Value = Scalar | Container | Closure | ValueIterator;

/** Whether a value is no list, map, function or iterator. */
export function isScalar(value: Value): value is Scalar {
  return (
    value === null ||
    typeof value !== 'object' ||
    value instanceof Uint8Array ||
    value instanceof Address
  );
}

/** Whether a value is a list or a map, in memory or in the state. */
export function isContainer(value: Value): value is Container {
  return (
    value instanceof List ||
    value instanceof Dictionary ||
    value instanceof StateHandle ||
    value instanceof CellHandle
  );
}

/** The integer in its one form. */
export function integer(value: bigint): number | bigint {
  return value >= -MAX_SAFE && value <= MAX_SAFE ? Number(value) : value;
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Equality of values that are no containers; values of different kinds are never equal. */
export function equalScalars(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (left instanceof Uint8Array) {
    return right instanceof Uint8Array && compareBytes(left, right) === 0;
  }
  if (left instanceof Address) {
    return right instanceof Address && compareBytes(left.bytes, right.bytes) === 0;
  }
  return false;
}

/** The text that `string()` and concatenation make of a scalar. */
export function canonicalText(value: Scalar): string {
  if (value instanceof Uint8Array) return toHex(value);
  if (value instanceof Address) return toHex(value.bytes);
  return String(value);
}

/** The key of a scalar in a {@link Dictionary}: different for different values, whatever their kinds. */
export function keyText(key: Scalar): string {
  switch (typeof key) {
    case 'string':
      return `"${key}`;
    case 'object':
      if (key === null) return 'null';
      return key instanceof Address ? `@${toHex(key.bytes)}` : toHex(key);
    case 'boolean':
      return String(key);
    default:
      // Engines hash digits alone to their number, which makes keys with equal hashes easy to choose.
      return `#${key}`;
  }
}
