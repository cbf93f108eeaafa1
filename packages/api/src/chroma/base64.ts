import { invalid } from './errors.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PAD = 0x3d;
const NO_DIGIT = 255;

/** Value of each character code; what is no digit has {@link NO_DIGIT}. */
const DIGITS: Uint8Array = new Uint8Array(128).fill(NO_DIGIT);
for (const [value, char] of [...ALPHABET].entries()) DIGITS[char.charCodeAt(0)] = value;

/** How many bytes `text` is in base64, if it is any. */
export function base64Bytes(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

/**
 * Decodes standard base64 with padding (RFC 4648 §4) into `target` from `offset` on, where there is
 * room for {@link base64Bytes}. Nothing else is overlooked: no spaces, no missing padding, no bits left.
 *
 * @throws `CHROMA_ARGUMENT_INVALID`
 */
export function decodeBase64(text: string, target: Uint8Array, offset: number): void {
  if (text.length % 4 !== 0) throw malformed('Invalid padding');
  const bytes = base64Bytes(text);
  const digits = text.length - (text.length / 4) * 3 + bytes;
  const whole = digits - (digits % 4);
  let at = offset;
  for (let index = 0; index < whole; index += 4) {
    const bits =
      (digit(text, index) << 18) |
      (digit(text, index + 1) << 12) |
      (digit(text, index + 2) << 6) |
      digit(text, index + 3);
    target[at] = bits >>> 16;
    target[at + 1] = bits >>> 8;
    target[at + 2] = bits;
    at += 3;
  }
  let rest = 0;
  for (let index = whole; index < digits; index += 1) rest = (rest << 6) | digit(text, index);
  const restBytes = bytes % 3;
  if (restBytes === 1) {
    target[at] = rest >>> 4;
    if ((rest & 0xf) !== 0) throw malformed('Invalid last symbol');
  } else if (restBytes === 2) {
    target[at] = rest >>> 10;
    target[at + 1] = rest >>> 2;
    if ((rest & 0x3) !== 0) throw malformed('Invalid last symbol');
  }
}

function digit(text: string, index: number): number {
  const code = text.charCodeAt(index);
  const value = code < 128 ? (DIGITS[code] as number) : NO_DIGIT;
  if (value === NO_DIGIT) {
    const symbol = code === PAD ? '=' : `code ${code}`;
    throw malformed(`Invalid symbol ${symbol}, offset ${index}`);
  }
  return value;
}

function malformed(reason: string): Error {
  return invalid(`Invalid base64 string: ${reason}.`);
}
