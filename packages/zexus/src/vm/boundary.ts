import { assert, EMPTY_BYTES, present } from '@lucerna/base';
import {
  ABI_WORD_BYTES,
  type AbiType,
  type AbiValue,
  ADDRESS_BYTES,
  protocolLimits,
} from '@lucerna/protocol';
import { decodeValue, encodeValue } from '../layout/value-encoding.ts';
import { isInteger } from './arithmetic.ts';
import type { BoundaryComponent, BoundaryType } from './boundary-type.ts';
import { PANIC, panic, silentRevert } from './halt.ts';
import type { Machine } from './machine.ts';
import type { Meter } from './meter.ts';
import { materialise } from './state-containers.ts';
import { affordableUtf8, requireLength, utf8Bytes } from './text.ts';
import { Address, Dictionary, integer, isContainer, keyText, List, type Value } from './value.ts';

/**
 * A value of the language from one that was decoded.
 *
 * @throws `Revert` Panic 0x41 for strings and bytes beyond the limit of their length; without data for
 *   bytes that encode no value
 */
export function fromAbi(meter: Meter, type: BoundaryType, value: AbiValue): Value {
  if (type.element !== undefined) {
    const element = type.element;
    const values = value as readonly AbiValue[];
    meter.chargeItems(values.length);
    return new List(values.map((item) => fromAbi(meter, element, item)));
  }
  if (type.components !== undefined) {
    return fromTuple(meter, type.components, value as readonly AbiValue[]);
  }
  switch (type.abi.kind) {
    case 'uint':
    case 'int':
      return integer(value as bigint);
    case 'address':
      return new Address(value as Uint8Array);
    case 'bytes':
      if (type.isEncoded) return fromEncoded(meter, value as Uint8Array);
      requireLength((value as Uint8Array).length);
      return value as Uint8Array;
    case 'string':
      // The bytes that it was decoded from are paid: asking for more would be gas that nothing uses.
      requireLength(utf8Bytes(value as string));
      return value as string;
    default:
      return value as boolean | Uint8Array;
  }
}

function fromTuple(
  meter: Meter,
  components: readonly BoundaryComponent[],
  values: readonly AbiValue[],
): Value {
  meter.chargeItems(components.length);
  const items = components.map(({ type }, index) =>
    fromAbi(meter, type, values[index] as AbiValue),
  );
  if (components[0]?.name === '') return new List(items);
  const dictionary = new Dictionary();
  components.forEach(({ name }, index) => {
    dictionary.entries.set(keyText(name), { key: name, value: items[index] as Value });
  });
  return dictionary;
}

/** No bytes at all are null: what a caller sends who has nothing to say. */
function fromEncoded(meter: Meter, bytes: Uint8Array): Value {
  if (bytes.length === 0) return null;
  const value = decodeValue(meter, bytes);
  if (value === undefined) throw silentRevert();
  return value;
}

/**
 * What to encode as `type` for a value of the language; null is the type's zero.
 *
 * @throws `Revert` Panic 0x01 for a value of another kind, 0x11 for a number out of range
 */
export function toAbi(machine: Machine, type: BoundaryType, value: Value): AbiValue {
  if (type.element !== undefined) return toArray(machine, type, type.element, value);
  if (type.components !== undefined) return toTuple(machine, type.components, value);
  if (type.isEncoded) return encodedValue(machine, value);
  switch (type.abi.kind) {
    case 'uint':
    case 'int':
      return toAbiInteger(type.abi, value ?? 0);
    case 'address':
      if (value === null) return new Uint8Array(ADDRESS_BYTES);
      if (value instanceof Address) return value.bytes;
      break;
    case 'fixedBytes':
      if (value === null) return new Uint8Array(type.abi.length);
      if (value instanceof Uint8Array && value.length === type.abi.length) return value;
      break;
    case 'bool':
      if (typeof (value ?? false) === 'boolean') return value === true;
      break;
    case 'string':
      if (typeof (value ?? '') === 'string') return (value ?? '') as string;
      break;
    case 'bytes':
      if (value === null) return EMPTY_BYTES;
      if (value instanceof Uint8Array) return value;
      break;
    default:
      assert(false, 'arrays and tuples have a type of their own');
  }
  throw panic(PANIC.kind);
}

/** The canonical encoding of any value that can be stored. @throws `Revert` Panic 0x01, 0x41 */
export function encodedValue(machine: Machine, value: Value): Uint8Array {
  return encodeValue(machine.meter, isContainer(value) ? materialise(machine, value) : value);
}

function toArray(
  machine: Machine,
  { abi }: BoundaryType,
  element: BoundaryType,
  value: Value,
): AbiValue {
  const items = value === null ? [] : listItems(machine, value);
  const length = abi.kind === 'array' ? abi.length : undefined;
  if (length !== undefined && value === null) {
    machine.meter.chargeItems(length);
    return Array.from({ length }, () => toAbi(machine, element, null));
  }
  if (length !== undefined && items.length !== length) throw panic(PANIC.kind);
  machine.meter.chargeItems(items.length);
  return items.map((item) => toAbi(machine, element, item));
}

function toTuple(
  machine: Machine,
  components: readonly BoundaryComponent[],
  value: Value,
): AbiValue {
  const values = value === null ? [] : tupleValues(machine, components, value);
  machine.meter.chargeItems(components.length);
  return components.map(({ type }, index) => toAbi(machine, type, values[index] ?? null));
}

/** The values of a tuple, in the order of its components: of a map by their names where they have some. */
function tupleValues(
  machine: Machine,
  components: readonly BoundaryComponent[],
  value: Value,
): readonly Value[] {
  const memory = isContainer(value) ? materialise(machine, value) : value;
  const { length } = components;
  if (memory instanceof List && memory.items.length === length) return memory.items;
  if (!(memory instanceof Dictionary) || memory.entries.size > length) throw panic(PANIC.kind);
  if (components[0]?.name === '') return [...memory.entries.values()].map((entry) => entry.value);
  const found = components.map(({ name }) => memory.entries.get(keyText(name)));
  const known = found.filter((entry) => entry !== undefined).length;
  if (known !== memory.entries.size) throw panic(PANIC.kind);
  return found.map((entry) => entry?.value ?? null);
}

/** The items of a list, wherever it is. @throws `Revert` Panic 0x01 */
export function listItems(machine: Machine, value: Value): readonly Value[] {
  const memory =
    isContainer(value) && !(value instanceof List) ? materialise(machine, value) : value;
  if (memory instanceof List) return memory.items;
  throw panic(PANIC.kind);
}

/**
 * Bytes of the encoding of `values`, one behind the other as parameters are. Who asks charges for them as
 * for reading at least, before anything else can fail.
 *
 * @throws `Failure` OUT_OF_GAS; `Revert` Panic 0x41 when it is longer than any that is made, for which it
 *   charges itself
 */
export function abiBytes(
  meter: Meter,
  types: readonly AbiType[],
  values: readonly AbiValue[],
): number {
  const size = new EncodedSize(meter);
  for (let index = 0; index < types.length; index += 1) {
    size.add(types[index] as AbiType, values[index] as AbiValue);
  }
  return size.bytes;
}

/** Adds up the bytes of an encoding: no longer than can be paid for, as items may be one long text. */
class EncodedSize {
  bytes = 0;
  readonly #meter: Meter;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** The bytes of a value with the place that it has. */
  add(type: AbiType, value: AbiValue): void {
    if (!type.isDynamic) {
      this.#count(type.headBytes);
      return;
    }
    switch (type.kind) {
      case 'array':
        this.#count(type.length === undefined ? 2 * ABI_WORD_BYTES : ABI_WORD_BYTES);
        for (const item of value as readonly AbiValue[]) this.add(type.element, item);
        return;
      case 'tuple': {
        const items = value as readonly AbiValue[];
        this.#count(ABI_WORD_BYTES);
        type.components.forEach((component, index) => {
          this.add(component, present(items[index], 'a value for each component'));
        });
        return;
      }
      default: {
        // A text has at least as many bytes as code units.
        const least = paddedBytes((value as Uint8Array | string).length);
        this.#count(2 * ABI_WORD_BYTES + least);
        if (typeof value === 'string') this.#count(paddedBytes(utf8Bytes(value)) - least);
      }
    }
  }

  #count(bytes: number): void {
    this.bytes += bytes;
    this.#meter.requireReading(this.bytes);
    if (this.bytes <= protocolLimits.values.abiEncodedBytes) return;
    this.#meter.chargeReading(this.bytes);
    throw panic(PANIC.allocation);
  }
}

function paddedBytes(bytes: number): number {
  return ABI_WORD_BYTES * Math.ceil(bytes / ABI_WORD_BYTES);
}

/** Bytes of a string or of bytes without length and padding, for who charges as `affordableUtf8` says. */
export function contentBytes(meter: Meter, value: AbiValue): number {
  return typeof value === 'string' ? affordableUtf8(meter, value) : (value as Uint8Array).length;
}

function toAbiInteger(type: AbiType & { readonly kind: 'uint' | 'int' }, value: Value): bigint {
  if (!isInteger(value)) throw panic(PANIC.kind);
  const exact = BigInt(value);
  const wrapped =
    type.kind === 'uint' ? BigInt.asUintN(type.bits, exact) : BigInt.asIntN(type.bits, exact);
  if (wrapped !== exact) throw panic(PANIC.overflow);
  return exact;
}
