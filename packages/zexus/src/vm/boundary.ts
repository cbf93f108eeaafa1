import { assert, EMPTY_BYTES } from '@lucerna/base';
import {
  ABI_WORD_BYTES,
  type AbiType,
  type AbiValue,
  ADDRESS_BYTES,
  protocolLimits,
} from '@lucerna/protocol';
import { isInteger } from './arithmetic.ts';
import { PANIC, panic } from './halt.ts';
import { requireLength, utf8Bytes } from './text.ts';
import { Address, integer, type Value } from './value.ts';

/**
 * A value of the language from one that was decoded.
 *
 * @throws `Revert` Panic 0x41 for strings and bytes beyond the limit of their length
 */
export function fromAbi(type: AbiType, value: AbiValue): Value {
  switch (type.kind) {
    case 'uint':
    case 'int':
      return integer(value as bigint);
    case 'address':
      return new Address(value as Uint8Array);
    case 'string':
    case 'bytes':
      requireLength(contentBytes(value));
      return value as string | Uint8Array;
    default:
      return value as boolean | Uint8Array;
  }
}

/**
 * What to encode as `type` for a value of the language; null is the type's zero.
 *
 * @throws `Revert` Panic 0x01 for a value of another kind, 0x11 for a number out of range
 */
export function toAbi(type: AbiType, value: Value): AbiValue {
  switch (type.kind) {
    case 'uint':
    case 'int':
      return toAbiInteger(type, value ?? 0);
    case 'address':
      if (value === null) return new Uint8Array(ADDRESS_BYTES);
      if (value instanceof Address) return value.bytes;
      break;
    case 'fixedBytes':
      if (value === null) return new Uint8Array(type.length);
      if (value instanceof Uint8Array && value.length === type.length) return value;
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
      assert(false, 'containers have elementary types only');
  }
  throw panic(PANIC.kind);
}

/**
 * Bytes of the encoding of `values`, which are of the elementary `types`.
 *
 * @throws `Revert` Panic 0x41 when it is longer than any that is made
 */
export function abiBytes(types: readonly AbiType[], values: readonly AbiValue[]): number {
  let bytes = 0;
  for (let index = 0; index < types.length; index += 1) {
    bytes += ABI_WORD_BYTES;
    const value = values[index] as AbiValue;
    if (!(types[index] as AbiType).isDynamic) continue;
    bytes += ABI_WORD_BYTES * (1 + Math.ceil(contentBytes(value) / ABI_WORD_BYTES));
  }
  if (bytes > protocolLimits.values.abiEncodedBytes) throw panic(PANIC.allocation);
  return bytes;
}

/** Bytes of a string or of bytes without length and padding. */
export function contentBytes(value: AbiValue): number {
  return typeof value === 'string' ? utf8Bytes(value) : (value as Uint8Array).length;
}

function toAbiInteger(type: AbiType & { readonly kind: 'uint' | 'int' }, value: Value): bigint {
  if (!isInteger(value)) throw panic(PANIC.kind);
  const exact = BigInt(value);
  const wrapped =
    type.kind === 'uint' ? BigInt.asUintN(type.bits, exact) : BigInt.asIntN(type.bits, exact);
  if (wrapped !== exact) throw panic(PANIC.overflow);
  return exact;
}
