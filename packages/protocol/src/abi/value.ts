import { protocolErrors } from '../errors.ts';

/**
 * A value of the contract ABI, by its type:
 *
 * | type | value |
 * | --- | --- |
 * | `uint…`, `int…` | bigint |
 * | `bool` | boolean |
 * | `address`, `bytesN`, `bytes` | Uint8Array, of 20, N or any number of bytes |
 * | `string` | string without lone surrogates |
 * | `T[]`, `T[n]`, tuples | array, tuples in the order of their components |
 */
export type AbiValue = bigint | boolean | string | Uint8Array | readonly AbiValue[];

/** Where in a value the coder is: indexes from the outermost list inwards. */
export type AbiPath = number[];

/** Codes that say where. */
type ValueCode =
  | 'ABI_ENCODED_LIMIT'
  | 'ABI_BOOLEAN'
  | 'ABI_OFFSET'
  | 'ABI_PADDING'
  | 'ABI_TEXT'
  | 'ABI_TRAILING_BYTES'
  | 'ABI_TRUNCATED'
  | 'ABI_VALUE_KIND'
  | 'ABI_VALUE_LENGTH'
  | 'ABI_VALUE_RANGE'
  | 'ABI_VALUE_TEXT';

/** The error for the value at `path`, which `values[1][0]` says in the message and in a field. */
export function abiValueError(
  code: ValueCode,
  path: AbiPath,
  detail: string,
): ReturnType<typeof protocolErrors.create> {
  const text = `values${path.map((index) => `[${index}]`).join('')}`;
  return protocolErrors.create(code, `${text}: ${detail}`, { path: text });
}
