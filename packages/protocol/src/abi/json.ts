import { fromHex, isHex, isLucernaError, toHex } from '@lucerna/base';
import { checksumAddress, parseAddress } from '../address.ts';
import type { JsonValue } from '../codec.ts';
import type { AbiType } from './type.ts';
import { type AbiPath, type AbiValue, abiValueError } from './value.ts';

/**
 * The value as JSON for people and scripts: integers as decimal text, because JSON readers round them;
 * addresses with checksum; byte strings as hex; lists and tuples as lists. The value is of the type.
 */
export function abiValueToJson(type: AbiType, value: AbiValue): JsonValue {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) {
    return type.kind === 'address' ? checksumAddress(value) : toHex(value);
  }
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (type.kind === 'array') return value.map((member) => abiValueToJson(type.element, member));
  const components = type.kind === 'tuple' ? type.components : [];
  return components.map((component, index) => abiValueToJson(component, value[index] as AbiValue));
}

/**
 * The value that JSON spells, as {@link abiValueToJson} writes it; integers also as hex text or as JSON
 * numbers, addresses also in one case. Ranges and lengths are checked when it is encoded.
 *
 * @throws `ABI_VALUE_*` with the field `path`
 */
export function abiValueFromJson(type: AbiType, json: unknown): AbiValue {
  return fromJson(type, json, [0]);
}

function fromJson(type: AbiType, json: unknown, path: AbiPath): AbiValue {
  switch (type.kind) {
    case 'uint':
    case 'int':
      return integerFromJson(json, path);
    case 'bool':
      if (typeof json !== 'boolean') throw wrongKind(path, 'true or false');
      return json;
    case 'string':
      if (typeof json !== 'string') throw wrongKind(path, 'text');
      return json;
    case 'address':
      return addressFromJson(json, path);
    case 'bytes':
    case 'fixedBytes':
      if (typeof json !== 'string' || !isHex(json)) throw wrongKind(path, 'bytes as 0x…');
      return fromHex(json);
    default:
      return membersFromJson(type, json, path);
  }
}

function membersFromJson(type: AbiType, json: unknown, path: AbiPath): AbiValue {
  if (!Array.isArray(json)) throw wrongKind(path, 'a list');
  const count = type.kind === 'tuple' ? type.components.length : json.length;
  if (json.length !== count) {
    throw abiValueError('ABI_VALUE_LENGTH', path, `${json.length} instead of ${count} members`);
  }
  return json.map((member: unknown, index): AbiValue => {
    const inner = type.kind === 'tuple' ? type.components[index] : undefined;
    const element = type.kind === 'array' ? type.element : (inner as AbiType);
    return fromJson(element, member, [...path, index]);
  });
}

function integerFromJson(json: unknown, path: AbiPath): bigint {
  if (typeof json === 'number') {
    if (!Number.isSafeInteger(json)) {
      throw abiValueError('ABI_VALUE_RANGE', path, 'write it as text: JSON numbers are rounded');
    }
    return BigInt(json);
  }
  // 256 bits have 78 decimal digits; more would only cost time to convert.
  const isInteger = typeof json === 'string' && /^(-?[0-9]{1,78}|0x[0-9a-fA-F]{1,64})$/.test(json);
  if (!isInteger) throw wrongKind(path, 'an integer of at most 256 bits');
  return BigInt(json);
}

function addressFromJson(json: unknown, path: AbiPath): Uint8Array {
  if (typeof json !== 'string') throw wrongKind(path, 'an address as 0x…');
  try {
    return parseAddress(json);
  } catch (error) {
    if (!isLucernaError(error)) throw error;
    throw abiValueError('ABI_VALUE_KIND', path, error.message);
  }
}

function wrongKind(path: AbiPath, expected: string): ReturnType<typeof abiValueError> {
  return abiValueError('ABI_VALUE_KIND', path, `not ${expected}`);
}
