import { EMPTY_BYTES } from './bytes.ts';
import { baseErrors } from './errors.ts';

/** Lower-case hexadecimal text with a `0x` prefix. */
export type Hex = `0x${string}`;

const BYTE_TO_HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

/** `bytes` as hex text without prefix: also the form of a byte string as a map key. */
export function toHexKey(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 1) {
    text += BYTE_TO_HEX[bytes[index] as number] as string;
  }
  return text;
}

/** `bytes` as `0x` hex text. */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${toHexKey(bytes)}`;
}

/**
 * The bytes that `0x` hex text spells; digits of either case.
 *
 * @throws `HEX_INVALID` without prefix, with an odd number of digits or with anything but digits
 */
export function fromHex(text: string): Uint8Array {
  if (!isHex(text)) {
    throw baseErrors.create('HEX_INVALID', `"${text.slice(0, 80)}"`, { length: text.length });
  }
  return fromHexKey(text.slice(2));
}

/** The inverse of {@link toHexKey}, for text that the program itself has made. */
export function fromHexKey(digits: string): Uint8Array {
  if (digits.length === 0) return EMPTY_BYTES;
  const bytes = new Uint8Array(digits.length >> 1);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16);
  }
  return bytes;
}

/** True for `0x` and an even number of hexadecimal digits. */
export function isHex(text: string): text is Hex {
  return text.length % 2 === 0 && /^0x[0-9a-fA-F]*$/.test(text);
}

/** A natural number as an Ethereum JSON-RPC quantity: hex without leading zeros, zero is `0x0`. */
export function toQuantity(value: bigint | number): Hex {
  return `0x${value.toString(16)}`;
}
