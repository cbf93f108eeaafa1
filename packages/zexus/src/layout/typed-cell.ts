import { bytesToBigInt, fixedBytes } from '@lucerna/base';
import { Address, integer, type Value } from '../vm/value.ts';
import type { CellType } from './schema.ts';
import { WORD_BYTES } from './slots.ts';

/** A cell that is one word. */
export type TypedCell = Exclude<CellType, 'untyped'>;

/** Why a value has no word: it is of another kind, or a number that the type cannot hold. */
export type CellMismatch = 'kind' | 'range';

const WORDS = 1n << 256n;
const HALF = 1n << 255n;

/**
 * The word that holds `value` in a cell of `type`: numbers, addresses and booleans left-padded,
 * `bytesN` right-padded, as in Solidity. Null is the type's zero, which is the zero word.
 */
export function encodeTypedCell(type: TypedCell, value: Value): CellMismatch | Uint8Array {
  if (value === null) return new Uint8Array(WORD_BYTES);
  switch (type) {
    case 'bool':
      if (typeof value !== 'boolean') return 'kind';
      return fixedBytes(value ? 1n : 0n, WORD_BYTES);
    case 'address': {
      if (!(value instanceof Address)) return 'kind';
      const word = new Uint8Array(WORD_BYTES);
      word.set(value.bytes, WORD_BYTES - value.bytes.length);
      return word;
    }
    case 'integer':
      return encodeNumber(value, 0n, WORDS);
    case 'signed':
      return encodeNumber(value, -HALF, HALF);
    default: {
      if (!(value instanceof Uint8Array) || value.length !== fixedLength(type)) return 'kind';
      const word = new Uint8Array(WORD_BYTES);
      word.set(value);
      return word;
    }
  }
}

/**
 * The value in a word of a cell of `type`. Total: of a word that no value has, which only a tool that
 * writes raw storage can leave, it takes the bytes that the type uses, as Solidity does.
 */
export function decodeTypedCell(type: TypedCell, word: Uint8Array): Value {
  switch (type) {
    case 'bool':
      return word.some((byte) => byte !== 0);
    case 'address':
      return new Address(word.slice(WORD_BYTES - 20));
    case 'integer':
      return integer(bytesToBigInt(word));
    case 'signed':
      return integer(BigInt.asIntN(256, bytesToBigInt(word)));
    default:
      return word.slice(0, fixedLength(type));
  }
}

function encodeNumber(value: Value, min: bigint, end: bigint): CellMismatch | Uint8Array {
  if (typeof value !== 'number' && typeof value !== 'bigint') return 'kind';
  const exact = BigInt(value);
  if (exact < min || exact >= end) return 'range';
  return fixedBytes(BigInt.asUintN(256, exact), WORD_BYTES);
}

/** N of `bytesN`. */
function fixedLength(type: `bytes${number}`): number {
  return Number(type.slice('bytes'.length));
}
