import { zexusLimits } from '../limits.ts';
import { PANIC, panic } from './halt.ts';
import type { Meter } from './meter.ts';
import { Address, canonicalText, type Value } from './value.ts';

const HEX_PREFIX_CHARS = 2;

/** Bytes of the UTF-8 of a text without lone surrogates. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    // A surrogate pair has four bytes, and two of them are counted with its two code units.
    bytes += unit < 0x800 || isSurrogate(unit) ? 1 : 2;
  }
  return bytes;
}

/**
 * Bytes of the UTF-8 of the text that has fewer. Takes no longer than that many bytes do, however
 * long the other text is: a comparison pays for no more.
 */
export function fewerUtf8Bytes(left: string, right: string): number {
  const [short, long] = left.length <= right.length ? [left, right] : [right, left];
  const bytes = utf8Bytes(short);
  // A text has at least as many bytes as code units.
  return long.length >= bytes ? bytes : Math.min(bytes, utf8Bytes(long));
}

/** Unicode code points of a text. */
export function codePoints(text: string): number {
  let points = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xdc00 && unit <= 0xdfff) points -= 1;
  }
  return points;
}

/** Order by code points, which is that of the UTF-8 bytes. Below, equal to or above zero. */
export function compareText(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = rank(left.charCodeAt(index)) - rank(right.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** The canonical text of a value, charged by its bytes before it is made. */
export function meteredText(meter: Meter, value: Value): string {
  const bytes = textBytes(value);
  requireLength(bytes);
  meter.chargeBytes(bytes);
  return canonicalText(value);
}

/** Canonical texts of both, one after the other. */
export function concatenate(meter: Meter, left: Value, right: Value): string {
  const bytes = textBytes(left) + textBytes(right);
  requireLength(bytes);
  meter.chargeBytes(bytes);
  return canonicalText(left) + canonicalText(right);
}

/** `text` `count` times; nothing when `count` is zero or less. */
export function repeatText(meter: Meter, text: string, count: number | bigint): string {
  // First: the empty text costs nothing, so nothing of a long one may be looked at for it.
  if (count <= 0 || text === '') return '';
  const bytes = utf8Bytes(text);
  // Whatever is beyond exact numbers is beyond the limit as well.
  const total = bytes * Number(count);
  requireLength(total);
  meter.chargeBytes(total);
  return text.repeat(Number(count));
}

/** @throws `Revert` Panic 0x41 above the limit of strings and bytes */
export function requireLength(bytes: number): void {
  if (bytes > zexusLimits.values.stringBytes) throw panic(PANIC.allocation);
}

/** Bytes of the canonical text, without making it where it may be long. */
function textBytes(value: Value): number {
  if (typeof value === 'string') return utf8Bytes(value);
  if (value instanceof Uint8Array) return HEX_PREFIX_CHARS + 2 * value.length;
  if (value instanceof Address) return HEX_PREFIX_CHARS + 2 * value.bytes.length;
  return canonicalText(value).length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** Code units in the order of the code points that they begin: surrogates last. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
