import { fromHex, type Hex, isHex, isLucernaError, toHex } from '@lucerna/base';
import {
  type AbiType,
  type AbiValue,
  checksumAddress,
  parameterType,
  parseAddress,
} from '@lucerna/protocol';
import {
  type AbiField,
  Address,
  Dictionary,
  decodeValue,
  encodeValue,
  integer,
  isScalar,
  keyText,
  List,
  UNMETERED,
  type Value,
} from '@lucerna/zexus';
import { sdkErrors } from './errors.ts';

/**
 * A value of JavaScript as the ABI takes it. Integers: bigint or number; addresses: 0x and 40 digits;
 * bytes: 0x… or a Uint8Array; lists: arrays; tuples: objects, or arrays in the order of the components.
 *
 * @throws `VM_ARGUMENT_INVALID`
 */
export function toAbiValue(field: AbiField, value: unknown): AbiValue {
  if (field.type.endsWith('[]')) {
    if (!Array.isArray(value)) throw invalid(field, 'a list');
    const element = { ...field, type: field.type.slice(0, -'[]'.length) };
    return value.map((item) => toAbiValue(element, item));
  }
  if (field.components !== undefined) return tupleValue(field, field.components, value);
  if (field.isEncoded === true) return encodedValue(field, value);
  return scalarValue(field, parameterType(field), value);
}

function tupleValue(field: AbiField, components: readonly AbiField[], value: unknown): AbiValue {
  if (typeof value !== 'object' || value === null) throw invalid(field, 'an object');
  const isList = Array.isArray(value);
  const known = components.filter(({ name }, index) => (isList ? index in value : name in value));
  const { length } = isList ? value : Object.keys(value);
  if (known.length !== components.length || length !== components.length) {
    throw invalid(field, `an object with ${components.map(({ name }) => name).join(', ')}`);
  }
  return components.map((component, index) => {
    const item = isList ? value[index] : (value as Record<string, unknown>)[component.name];
    return toAbiValue(component, item);
  });
}

/** The canonical encoding of a value, as parameters without a type take it. */
function encodedValue(field: AbiField, value: unknown): Uint8Array {
  const converted = toZexusValue(value, field.name);
  try {
    return encodeValue(UNMETERED, converted);
  } catch (halt) {
    // What ends a contract is no Error.
    if (halt instanceof Error) throw halt;
    throw invalid(field, 'a value with an encoding: too long, or nested too deep');
  }
}

function scalarValue(field: AbiField, type: AbiType, value: unknown): AbiValue {
  switch (type.kind) {
    case 'uint':
    case 'int':
      if (typeof value === 'bigint') return value;
      if (Number.isSafeInteger(value)) return BigInt(value as number);
      throw invalid(field, 'a bigint, or a number up to 2^53 - 1');
    case 'bool':
      if (typeof value === 'boolean') return value;
      throw invalid(field, 'true or false');
    case 'string':
      if (typeof value === 'string') return value;
      throw invalid(field, 'text');
    case 'address':
      return addressBytes(value, field.name);
    default:
      if (value instanceof Uint8Array) return value;
      if (typeof value === 'string' && isHex(value)) return fromHex(value);
      throw invalid(field, 'bytes as 0x… or a Uint8Array');
  }
}

/** The bytes of an address. @throws `VM_ARGUMENT_INVALID` */
export function addressBytes(value: unknown, name: string): Uint8Array {
  if (value instanceof Uint8Array && value.length === 20) return value;
  try {
    if (typeof value === 'string') return parseAddress(value);
  } catch (error) {
    if (!isLucernaError(error)) throw error;
  }
  throw invalid({ name, type: 'address' }, 'an address as 0x…');
}

/**
 * A value of the language for one of JavaScript: text that is 0x and 40 digits is an address, arrays are
 * lists, objects and `Map`s are maps.
 *
 * @throws `VM_ARGUMENT_INVALID`
 */
export function toZexusValue(value: unknown, name: string): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean' || value instanceof Uint8Array) return value;
  if (typeof value === 'bigint') return integer(value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value === 'string') {
    return /^0x[0-9a-fA-F]{40}$/.test(value) ? new Address(addressBytes(value, name)) : value;
  }
  if (Array.isArray(value)) return new List(value.map((item) => toZexusValue(item, name)));
  if (typeof value !== 'object') throw invalid({ name, type: 'any' }, 'a value of the language');
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const map = new Dictionary();
  for (const [key, held] of entries) {
    const scalar = toZexusValue(key, name);
    if (scalar === null || !isScalar(scalar)) {
      throw invalid({ name, type: 'any' }, 'a map whose keys are no lists, maps or null');
    }
    map.entries.set(keyText(scalar), { key: scalar, value: toZexusValue(held, name) });
  }
  return map;
}

/** A value of JavaScript for one of the ABI: integers are bigints, addresses have their checksum. */
export function fromAbiValue(field: AbiField, value: AbiValue): unknown {
  if (field.type.endsWith('[]')) {
    const element = { ...field, type: field.type.slice(0, -'[]'.length) };
    return (value as readonly AbiValue[]).map((item) => fromAbiValue(element, item));
  }
  if (field.components !== undefined) {
    const items = value as readonly AbiValue[];
    const { components } = field;
    return Object.fromEntries(
      components.map((each, index) => [each.name, fromAbiValue(each, items[index] as AbiValue)]),
    );
  }
  if (field.isEncoded === true) {
    const decoded = decodeValue(UNMETERED, value as Uint8Array);
    return decoded === undefined ? toHex(value as Uint8Array) : fromZexusValue(decoded);
  }
  if (!(value instanceof Uint8Array)) return value;
  return field.type === 'address' ? checksumAddress(value) : toHex(value);
}

/** As {@link fromAbiValue}; lists are arrays, maps are `Map`s. */
export function fromZexusValue(value: Value): unknown {
  if (typeof value === 'number') return BigInt(value);
  if (value instanceof Address) return checksumAddress(value.bytes);
  if (value instanceof Uint8Array) return toHex(value);
  if (value instanceof List) return value.items.map(fromZexusValue);
  if (value instanceof Dictionary) {
    const entries = [...value.entries.values()];
    return new Map(entries.map((each) => [fromZexusValue(each.key), fromZexusValue(each.value)]));
  }
  return value;
}

/** The address as `0x…` with its checksum. */
export function addressText(bytes: Uint8Array): Hex {
  return checksumAddress(bytes) as Hex;
}

function invalid({ name, type }: AbiField, expected: string): ReturnType<typeof sdkErrors.create> {
  const what = name === '' ? type : `${name} (${type})`;
  return sdkErrors.create('VM_ARGUMENT_INVALID', `${what}: not ${expected}`, { name, type });
}
