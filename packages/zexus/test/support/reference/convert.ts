import { type AbiType, type AbiValue, parseAbiType } from '@lucerna/protocol';
import type { AbiField } from '../../../src/bytecode/container.ts';
import { decodeValue, encodeValue } from '../../../src/layout/value-encoding.ts';
import { INITIAL_GAS } from '../../../src/vm/gas.ts';
import { Revert } from '../../../src/vm/halt.ts';
import { Meter } from '../../../src/vm/meter.ts';
import { Address, Dictionary, integer, keyText, List, type Value } from '../../../src/vm/value.ts';
import {
  isScalar,
  keyOf,
  panic,
  RefList,
  RefMap,
  type RefValue,
  Reverted,
  requireInteger,
  type Scalar,
  silent,
} from './values.ts';

// Between the values of the reference, those of the machine, and those of the ABI. Values are in memory.

const meter = (): Meter => new Meter(INITIAL_GAS, Number.MAX_SAFE_INTEGER);

/** @throws `Reverted` Panic 0x01 for what has no encoding */
export function toMachine(value: RefValue): Value {
  if (typeof value === 'bigint') return integer(value);
  if (isScalar(value)) return value;
  if (value instanceof RefList) return new List(value.items.map(toMachine));
  if (!(value instanceof RefMap)) throw panic(0x01);
  const map = new Dictionary();
  for (const { key, value: item } of value.entries.values()) {
    const machineKey = toMachine(key);
    map.entries.set(keyText(machineKey as never), { key: machineKey, value: toMachine(item) });
  }
  return map;
}

export function fromMachine(value: Value): RefValue {
  if (typeof value === 'number') return BigInt(value);
  if (value instanceof List) return new RefList(value.items.map(fromMachine));
  if (value instanceof Dictionary) {
    return RefMap.of(
      [...value.entries.values()].map(({ key, value: item }) => [
        fromMachine(key) as Scalar,
        fromMachine(item),
      ]),
    );
  }
  return value as Scalar;
}

export function encoded(value: RefValue): Uint8Array {
  try {
    return encodeValue(meter(), toMachine(value));
  } catch (error) {
    if (error instanceof Revert) throw new Reverted(error.data, error.reason ?? '');
    throw error;
  }
}

export function decoded(bytes: Uint8Array): RefValue | undefined {
  const value = decodeValue(meter(), bytes);
  return value === undefined ? undefined : fromMachine(value);
}

/** The field of the items of a list. */
function elementOf(field: AbiField): AbiField | undefined {
  const bracket = field.type.lastIndexOf('[');
  return bracket < 0 ? undefined : { ...field, type: field.type.slice(0, bracket) };
}

/** The type of a field as a text without names, such as `(uint256,bytes)[]`. */
export function typeText({ type, components }: AbiField): string {
  if (!type.startsWith('tuple')) return type;
  return `(${(components ?? []).map(typeText).join(',')})${type.slice('tuple'.length)}`;
}

export function abiTypeOf(field: AbiField): AbiType {
  return parseAbiType(typeText(field));
}

/** What the ABI has for a value; null is the zero of the type. @throws `Reverted` Panic 0x01, 0x11 */
export function toAbiValue(field: AbiField, value: RefValue): AbiValue {
  const element = elementOf(field);
  if (element !== undefined) {
    if (value === null) return [];
    if (!(value instanceof RefList)) throw panic(0x01);
    return value.items.map((item) => toAbiValue(element, item));
  }
  if (field.isEncoded === true) return encoded(value);
  if (field.type === 'tuple') {
    const components = field.components ?? [];
    return tupleItems(components, value).map((item, index) =>
      toAbiValue(components[index] as AbiField, item),
    );
  }
  return scalarToAbi(abiTypeOf(field), value);
}

function tupleItems(components: readonly AbiField[], value: RefValue): readonly RefValue[] {
  if (value === null) return components.map(() => null);
  if (value instanceof RefList && value.items.length === components.length) return value.items;
  if (!(value instanceof RefMap)) throw panic(0x01);
  const names = new Set(components.map(({ name }) => keyOf(name)));
  if ([...value.entries.keys()].some((key) => !names.has(key))) throw panic(0x01);
  return components.map(({ name }) => value.entries.get(keyOf(name))?.value ?? null);
}

function scalarToAbi(type: AbiType, value: RefValue): AbiValue {
  switch (type.kind) {
    case 'uint':
    case 'int': {
      const number = requireInteger(value ?? 0n);
      const bits = type.bits;
      const kept =
        type.kind === 'uint' ? BigInt.asUintN(bits, number) : BigInt.asIntN(bits, number);
      if (kept !== number) throw panic(0x11);
      return number;
    }
    case 'bool':
      if (typeof (value ?? false) !== 'boolean') throw panic(0x01);
      return value === true;
    case 'string':
      if (typeof (value ?? '') !== 'string') throw panic(0x01);
      return (value ?? '') as string;
    case 'address':
      if (value === null) return new Uint8Array(20);
      if (!(value instanceof Address)) throw panic(0x01);
      return value.bytes;
    case 'bytes':
      if (value === null) return new Uint8Array(0);
      if (!(value instanceof Uint8Array)) throw panic(0x01);
      return value;
    case 'fixedBytes':
      if (value === null) return new Uint8Array(type.length);
      if (!(value instanceof Uint8Array) || value.length !== type.length) throw panic(0x01);
      return value;
    default:
      throw new Error(`no scalar: ${type.kind}`);
  }
}

/** @throws `Reverted` without data for bytes that encode no value */
export function fromAbiValue(field: AbiField, value: AbiValue): RefValue {
  const element = elementOf(field);
  if (element !== undefined) {
    return new RefList((value as AbiValue[]).map((item) => fromAbiValue(element, item)));
  }
  if (field.isEncoded === true) {
    const bytes = value as Uint8Array;
    if (bytes.length === 0) return null;
    const found = decoded(bytes);
    if (found === undefined) throw silent();
    return found;
  }
  if (field.type === 'tuple') {
    const items = value as readonly AbiValue[];
    return RefMap.of(
      (field.components ?? []).map((component, index) => [
        component.name,
        fromAbiValue(component, items[index] as AbiValue),
      ]),
    );
  }
  if (field.type === 'address') return new Address(value as Uint8Array);
  return value as RefValue;
}

/** The value as it is on the other side of a call. */
export function fitted(field: AbiField, value: RefValue): RefValue {
  if (field.isEncoded === true && value === null) return null;
  return fromAbiValue(field, toAbiValue(field, value));
}
