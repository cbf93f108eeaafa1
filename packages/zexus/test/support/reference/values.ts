import { toHex } from '@lucerna/base';
import { encodeErrorString, encodePanic } from '@lucerna/protocol';
import type { CellType, StateShape } from '../../../src/layout/schema.ts';
import { Address } from '../../../src/vm/value.ts';

// The values of the language as plain JavaScript has them, and what the operators make of them: one
// function for each rule of docs/spec/zexus.md, without gas.

export type CellPlace = { readonly kind: 'cell'; readonly type: CellType; value: RefValue };

/** A list or a map of the state. */
export class StateContainer {
  readonly kind = 'container';
  readonly shape: Exclude<StateShape, { kind: 'cell' }>;
  readonly parent: { readonly container: StateContainer; readonly key: Scalar } | undefined;
  /** By the text of the key; of a list positions. Some of them may be empty and not among the keys. */
  places: Map<string, Place> = new Map();
  /** The keys of places by their text. */
  readonly keysOfPlaces: Map<string, Scalar> = new Map();
  /** Of an enumerable map, in the order of insertion. */
  keys: Map<string, Scalar> = new Map();
  /** Of a list. */
  length = 0;
  /** Whether a map had an entry since it was cleared. */
  isUsed = false;

  constructor(shape: Exclude<StateShape, { kind: 'cell' }>, parent?: StateContainer['parent']) {
    this.shape = shape;
    this.parent = parent;
  }
}

export type Place = CellPlace | StateContainer;

export type Scalar = null | boolean | bigint | string | Uint8Array | Address;
export type Memory = RefList | RefMap;
/** A map or list of the state, by where it is. */
export type Handle = StateContainer | CellHandle;
export type Container = Memory | Handle;
export type RefValue = Scalar | Container | RefFunction;

export class RefList {
  items: RefValue[];
  constructor(items: readonly RefValue[]) {
    this.items = [...items];
  }
}

export class RefMap {
  /** By the text of the key. */
  readonly entries: Map<string, { readonly key: Scalar; value: RefValue }> = new Map();
  set(key: Scalar, value: RefValue): void {
    const entry = this.entries.get(keyOf(key));
    if (entry === undefined) this.entries.set(keyOf(key), { key, value });
    else entry.value = value;
  }
  static of(entries: readonly (readonly [Scalar, RefValue])[]): RefMap {
    const map = new RefMap();
    for (const [key, value] of entries) map.set(key, value);
    return map;
  }
}

export class RefFunction {
  readonly call: (values: readonly RefValue[]) => RefValue;
  constructor(call: (values: readonly RefValue[]) => RefValue) {
    this.call = call;
  }
}

/** A container within the value of an untyped cell: the cell and the way inwards. */
export class CellHandle {
  readonly cell: CellPlace;
  readonly path: readonly Scalar[];
  constructor(cell: CellPlace, path: readonly Scalar[]) {
    this.cell = cell;
    this.path = path;
  }
}

/** Ends a call: what it did is taken back. */
export class Reverted {
  readonly data: Uint8Array;
  /** What a handler is given. */
  readonly caught: RefValue;
  constructor(data: Uint8Array, caught: RefValue) {
    this.data = data;
    this.caught = caught;
  }
}

/** Ends everything, without a word. */
export class Failed {
  readonly code: string;
  constructor(code: string) {
    this.code = code;
  }
}

const PANIC_TEXTS: Readonly<Record<number, string>> = {
  1: 'value of the wrong kind',
  17: 'arithmetic overflow',
  18: 'division by zero',
  50: 'index out of range',
  65: 'value too long or nested too deep',
  81: 'no such function',
};

export const panic = (code: number): Reverted =>
  new Reverted(encodePanic(code), PANIC_TEXTS[code] ?? '');
export const failedWith = (message: string): Reverted =>
  new Reverted(encodeErrorString(message), message);
export const silent = (): Reverted => new Reverted(new Uint8Array(0), '');

const MAX = 2n ** 256n - 1n;
export const MAX_TEXT_BYTES: number = 2 ** 20;
const MAX_LEVELS = 32;

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export function isScalar(value: RefValue): value is Scalar {
  return (
    value === null ||
    typeof value !== 'object' ||
    value instanceof Uint8Array ||
    value instanceof Address
  );
}

export function isMemory(value: RefValue): value is Memory {
  return value instanceof RefList || value instanceof RefMap;
}

export function kindOfScalar(value: Scalar): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return 'integer';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return value instanceof Address ? 'address' : 'bytes';
}

export function textOfScalar(value: Scalar): string {
  if (value instanceof Uint8Array) return toHex(value);
  return value instanceof Address ? toHex(value.bytes) : String(value);
}

/** Different for different keys, whatever their kinds. */
export function keyOf(key: Scalar): string {
  return `${kindOfScalar(key)} ${textOfScalar(key)}`;
}

export function requireKey(value: RefValue): Scalar {
  if (value === null || !isScalar(value)) throw panic(0x01);
  return value;
}

export function requireInteger(value: RefValue): bigint {
  if (typeof value !== 'bigint') throw panic(0x01);
  return value;
}

export function requireText(value: RefValue): string {
  if (typeof value !== 'string') throw panic(0x01);
  return value;
}

/** A text that is not too long. */
export function sized(text: string): string {
  if (utf8(text).length > MAX_TEXT_BYTES) throw panic(0x41);
  return text;
}

/** Integers of the language are within ±(2²⁵⁶ − 1). */
export function checked(value: bigint): bigint {
  if (value > MAX || value < -MAX) throw panic(0x11);
  return value;
}

/** Containers here and below are in memory: {@link Reader} brings them there. */
export type Reader = {
  /** The container itself where it is in memory, else what the state has; nothing in it is a handle. */
  readonly memory: (value: RefValue) => RefValue;
  readonly length: (value: Container) => number;
};

export function textOf(value: RefValue, reader: Reader, level = 0): string {
  if (isScalar(value)) return sized(textOfScalar(value));
  if (value instanceof RefFunction) throw panic(0x01);
  if (level >= MAX_LEVELS) throw panic(0x41);
  const inner = reader.memory(value) as Memory;
  const of = (item: RefValue): string => textOf(item, reader, level + 1);
  if (inner instanceof RefList) return sized(`[${inner.items.map(of).join(', ')}]`);
  const entries = [...inner.entries.values()];
  return sized(
    `{${entries.map(({ key, value: item }) => `${textOfScalar(key)}: ${of(item)}`).join(', ')}}`,
  );
}

export function equal(left: RefValue, right: RefValue, reader: Reader, level = 0): boolean {
  if (isScalar(left) || isScalar(right)) {
    return isScalar(left) && isScalar(right) && keyOf(left) === keyOf(right);
  }
  if (left instanceof RefFunction || right instanceof RefFunction || left === right) {
    return left === right;
  }
  if (level >= MAX_LEVELS) throw panic(0x41);
  const [x, y] = [reader.memory(left), reader.memory(right)] as [Memory, Memory];
  if (x instanceof RefList) {
    return (
      y instanceof RefList &&
      x.items.length === y.items.length &&
      x.items.every((item, index) => equal(item, y.items[index] as RefValue, reader, level + 1))
    );
  }
  if (!(y instanceof RefMap) || x.entries.size !== y.entries.size) return false;
  return [...x.entries].every(([key, { value }]) => {
    const other = y.entries.get(key);
    return other !== undefined && equal(value, other.value, reader, level + 1);
  });
}

export function truth(value: RefValue, reader: Reader): boolean {
  if (value === null || value === false || value === 0n || value === '') return false;
  if (value instanceof Uint8Array) return value.length > 0;
  if (isScalar(value) || value instanceof RefFunction) return true;
  return reader.length(value) > 0;
}

/** Below, equal to or above zero. */
export function order(left: RefValue, right: RefValue): number {
  if (typeof left === 'string' && typeof right === 'string') {
    return compareBytes(utf8(left), utf8(right));
  }
  if (left === null && right === null) throw panic(0x01);
  const [x, y] = [requireInteger(left ?? 0n), requireInteger(right ?? 0n)];
  return x < y ? -1 : Number(x > y);
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const [x, y] = [toHex(left), toHex(right)];
  return x < y ? -1 : Number(x > y);
}

export function arithmetic(
  operator: string,
  left: RefValue,
  right: RefValue,
  reader: Reader,
): RefValue {
  if (operator === '+') {
    if (typeof left === 'string' || typeof right === 'string') {
      return sized(textOf(left, reader) + textOf(right, reader));
    }
    if (isContainer(left) && isContainer(right)) {
      const [x, y] = [reader.memory(left), reader.memory(right)];
      if (!(x instanceof RefList && y instanceof RefList)) throw panic(0x01);
      return new RefList([...x.items, ...y.items]);
    }
  }
  if (operator === '*') {
    if (typeof left === 'string') return repeated(left, requireInteger(right));
    if (typeof right === 'string') return repeated(right, requireInteger(left));
  }
  const takesNull = operator === '+' || operator === '-';
  const x = requireInteger(takesNull ? (left ?? 0n) : left);
  const y = requireInteger(takesNull ? (right ?? 0n) : right);
  switch (operator) {
    case '+':
      return checked(x + y);
    case '-':
      return checked(x - y);
    case '*':
      return checked(x * y);
    case '/':
      return floorDivide(x, y);
    case '%':
      return x - y * floorDivide(x, y);
    default:
      return power(x, y);
  }
}

export function isContainer(value: RefValue): value is Container {
  return !isScalar(value) && !(value instanceof RefFunction);
}

export function repeated(text: string, count: bigint): string {
  if (count <= 0n || text === '') return '';
  if (BigInt(utf8(text).length) * count > BigInt(MAX_TEXT_BYTES)) throw panic(0x41);
  return text.repeat(Number(count));
}

function floorDivide(x: bigint, y: bigint): bigint {
  if (y === 0n) throw panic(0x12);
  const quotient = x / y;
  return quotient * y !== x && x < 0n !== y < 0n ? quotient - 1n : quotient;
}

export function power(x: bigint, y: bigint): bigint {
  if (y < 0n) throw panic(0x11);
  if (x >= -1n && x <= 1n) return x ** (y < 2n ? y : 2n + (y % 2n));
  if (y > 256n) throw panic(0x11);
  return checked(x ** y);
}
