import { bytesToBigInt, fixedBytes, fromHex } from '@lucerna/base';
import { ADDRESS_BYTES } from '@lucerna/protocol';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import { type Integer, isInteger, isTruthy, MAX_INTEGER } from './arithmetic.ts';
import { type BuiltinBody, readText, requireBytes } from './builtin-arguments.ts';
import { PANIC, panic, revertWith } from './halt.ts';
import { kindName } from './kind-name.ts';
import type { Machine } from './machine.ts';
import { makeUtf8 } from './text.ts';
import { Address, integer, type Value } from './value.ts';
import { meteredText } from './value-text.ts';

const INTEGER_BYTES = 32;
const DECIMAL = /^-?[0-9]+$/;
const HEXADECIMAL = /^0x[0-9a-fA-F]+$/;
const ADDRESS_TEXT = /^0x[0-9a-fA-F]{40}$/;
const ADDRESS_END: bigint = 1n << 160n;
/** No integer has more digits than this in decimal or hexadecimal, zeros in front not counted. */
const MAX_DIGITS = 78;

/** Builtins that make a value of one kind from one of another. */
export const CONVERSION_BODIES: Readonly<Record<string, BuiltinBody>> = {
  int: toInteger,
  bool: (machine, value) => isTruthy(machine, value),
  bytes: (machine, value) => {
    if (value instanceof Uint8Array) return value;
    if (value instanceof Address) return value.bytes;
    if (typeof value !== 'string') throw panic(PANIC.kind);
    machine.meter.hold('bytes');
    makeUtf8(machine.meter, value);
    return encodeUtf8(value);
  },
  hex: (machine, value) => {
    if (isInteger(value)) return naturalToHex(machine, value);
    if (!(value instanceof Uint8Array || value instanceof Address)) throw panic(PANIC.kind);
    return meteredText(machine, value);
  },
  utf8: ({ meter }, value) => {
    const bytes = requireBytes(value);
    meter.chargeBytes(bytes.length);
    return decodeUtf8(bytes) ?? null;
  },
  address: toAddress,
  type: (machine, value) => kindName(machine, value),
};

/** null and false are 0, true is 1, bytes are a big-endian natural number; a text spells an integer. */
function toInteger(machine: Machine, value: Value): Integer {
  if (isInteger(value)) return value;
  if (value === null) return 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Uint8Array) {
    if (value.length > INTEGER_BYTES) throw panic(PANIC.overflow);
    return integer(bytesToBigInt(value));
  }
  return parseInteger(readText(machine, value));
}

/** Decimal digits, with a minus sign or without, or 0x and hexadecimal digits; nothing around them. */
function parseInteger(text: string): Integer {
  const isNumber = DECIMAL.test(text) || HEXADECIMAL.test(text);
  if (!isNumber) throw revertWith('int: not a number');
  const isNegative = text.startsWith('-');
  const isHexadecimal = text.startsWith('0x');
  const digits = text.slice(isHexadecimal ? 2 : isNegative ? 1 : 0).replace(/^0+/, '');
  // Before anything of it is computed, which takes the square of its length.
  if (digits.length > MAX_DIGITS) throw panic(PANIC.overflow);
  const natural = BigInt(isHexadecimal ? `0x0${digits}` : digits);
  if (natural > MAX_INTEGER) throw panic(PANIC.overflow);
  return integer(isNegative ? -natural : natural);
}

function naturalToHex({ meter }: Machine, value: Integer): string {
  if (value < 0) throw panic(PANIC.overflow);
  const text = `0x${value.toString(16)}`;
  meter.chargeBytes(text.length);
  return text;
}

/** An address, 20 bytes, 0x and 40 digits of either case, or a natural number below 2¹⁶⁰. */
function toAddress(machine: Machine, value: Value): Address {
  if (value instanceof Address) return value;
  machine.meter.hold('bytes');
  if (value instanceof Uint8Array && value.length === ADDRESS_BYTES) return new Address(value);
  if (isInteger(value)) {
    if (value < 0 || value >= ADDRESS_END) throw panic(PANIC.overflow);
    return new Address(fixedBytes(BigInt(value), ADDRESS_BYTES));
  }
  const isText = typeof value === 'string';
  if (!isText && !(value instanceof Uint8Array)) throw panic(PANIC.kind);
  if (isText && ADDRESS_TEXT.test(readText(machine, value))) return new Address(fromHex(value));
  throw revertWith('address: not an address');
}
