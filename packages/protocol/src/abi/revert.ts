import { concatBytes, equalBytes, isLucernaError } from '@lucerna/base';
import { decodeAbi } from './decode.ts';
import { encodeAbi } from './encode.ts';
import { SELECTOR_BYTES, selectorOfSignature } from './signature.ts';
import { type AbiType, parseAbiTypes } from './type.ts';
import type { AbiValue } from './value.ts';

/** Begins the data of `require` and `revert` with a message: 0x08c379a0. */
const ERROR_SELECTOR: Uint8Array = selectorOfSignature('Error(string)');
/** Begins the data of failed checks of the language: 0x4e487b71. */
const PANIC_SELECTOR: Uint8Array = selectorOfSignature('Panic(uint256)');

const ERROR_TYPES = parseAbiTypes('(string)');
const PANIC_TYPES = parseAbiTypes('(uint256)');

/** Solidity's panic codes, as far as the contract language has what they stand for. */
export const PANIC_CODES = {
  /** A value of the wrong kind, or a failed assertion. */
  assertion: 0x01,
  /** An integer out of range. */
  arithmetic: 0x11,
  divisionByZero: 0x12,
  /** An index out of range. */
  index: 0x32,
} as const;

/** What the data of a reverted call say. */
export type RevertReason =
  | { readonly kind: 'empty' }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'panic'; readonly code: bigint }
  /** An error that the contract declares. */
  | { readonly kind: 'custom'; readonly selector: Uint8Array; readonly arguments: Uint8Array }
  /** Neither of these. */
  | { readonly kind: 'unknown'; readonly data: Uint8Array };

/** The data of a revert with a message. @throws `ABI_VALUE_TEXT`, `ABI_ENCODED_LIMIT` */
export function encodeErrorString(message: string): Uint8Array {
  return concatBytes(ERROR_SELECTOR, encodeAbi(ERROR_TYPES, [message]));
}

/** The data of a revert with a panic code. @throws `ABI_VALUE_RANGE` */
export function encodePanic(code: number | bigint): Uint8Array {
  return concatBytes(PANIC_SELECTOR, encodeAbi(PANIC_TYPES, [BigInt(code)]));
}

/** Reads the data of a reverted call, whoever wrote them. Byte strings are views of `data`. */
export function decodeRevert(data: Uint8Array): RevertReason {
  if (data.length === 0) return { kind: 'empty' };
  const selector = data.subarray(0, SELECTOR_BYTES);
  const body = data.subarray(SELECTOR_BYTES);
  if (equalBytes(selector, ERROR_SELECTOR)) {
    const message = soleValue(ERROR_TYPES, body);
    if (typeof message === 'string') return { kind: 'error', message };
  } else if (equalBytes(selector, PANIC_SELECTOR)) {
    const code = soleValue(PANIC_TYPES, body);
    if (typeof code === 'bigint') return { kind: 'panic', code };
  } else if (selector.length === SELECTOR_BYTES) {
    return { kind: 'custom', selector, arguments: body };
  }
  return { kind: 'unknown', data };
}

/** The only value that `data` encode; undefined when they encode none. */
function soleValue(types: readonly AbiType[], data: Uint8Array): AbiValue | undefined {
  try {
    return decodeAbi(types, data, 'ignore')[0];
  } catch (error) {
    if (isLucernaError(error)) return undefined;
    throw error;
  }
}
