import { EMPTY_BYTES } from './bytes.ts';
import { baseErrors } from './errors.ts';

/** Lower-case hexadecimal text with a `0x` prefix. */
export type Hex = `0x${string}`;

const BYTE_TO_HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

/** What each digit, of either case, counts for, by its character code. */
const DIGIT_VALUES: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 0 : value;
});

/** `bytes` as hex text without prefix: also the form of a byte string as a map key. */
export const toHexKey: (bytes: Uint8Array) => string = fastestToHexKey();

/** That of the engine where it has one (TC39 "Uint8Array to/from Base64 and Hex"), in half the time. */
function fastestToHexKey(): (bytes: Uint8Array) => string {
  const { toHex: native } = Uint8Array.prototype as { readonly toHex?: () => string };
  return native === undefined ? toHexKeyByTable : (bytes) => native.call(bytes);
}

/** {@link toHexKey} for engines that have none of their own. */
export function toHexKeyByTable(bytes: Uint8Array): string {
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
    const high = DIGIT_VALUES[digits.charCodeAt(2 * index)] as number;
    bytes[index] = (high << 4) | (DIGIT_VALUES[digits.charCodeAt(2 * index + 1)] as number);
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
