import { zexusLimits } from '../limits.ts';
import { PANIC, panic } from './halt.ts';
import type { Meter } from './meter.ts';

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

// A text has at least as many bytes as code units, whose number is known: that much is paid, or can be,
// before anything looks through a text to find out what it costs.

/** {@link utf8Bytes}, which are charged as read. @throws `Failure` OUT_OF_GAS */
export function readUtf8(meter: Meter, text: string): number {
  meter.chargeReading(text.length);
  const bytes = utf8Bytes(text);
  meter.chargeReading(bytes, text.length);
  return bytes;
}

/** {@link utf8Bytes}, which are charged as made. @throws `Failure` OUT_OF_GAS, `Revert` Panic 0x41 */
export function makeUtf8(meter: Meter, text: string): number {
  meter.chargeReading(text.length);
  const bytes = utf8Bytes(text);
  meter.chargeBytes(bytes, text.length);
  return bytes;
}

/**
 * {@link utf8Bytes} for who charges for them as for reading at least, before anything else can fail.
 *
 * @throws `Failure` OUT_OF_GAS
 */
export function affordableUtf8(meter: Meter, text: string): number {
  meter.requireReading(text.length);
  return utf8Bytes(text);
}

/**
 * For comparing two texts: the bytes of the UTF-8 of the one that has fewer.
 *
 * @throws `Failure` OUT_OF_GAS, `Revert` Panic 0x41
 */
export function chargeComparison(meter: Meter, left: string, right: string): void {
  const least = Math.min(left.length, right.length);
  meter.chargeReading(least);
  meter.chargeBytes(fewerUtf8Bytes(left, right), least);
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

/** `text` `count` times; nothing when `count` is zero or less. */
export function repeatText(meter: Meter, text: string, count: number | bigint): string {
  // First: the empty text costs nothing, so nothing of a long one may be looked at for it.
  if (count <= 0 || text === '') return '';
  // Whatever is beyond exact numbers is beyond the limit as well.
  const times = Number(count);
  const least = text.length * times;
  requireLength(least);
  meter.chargeReading(least);
  const total = utf8Bytes(text) * times;
  requireLength(total);
  meter.chargeBytes(total, least);
  return text.repeat(times);
}

/** @throws `Revert` Panic 0x41 above the limit of strings and bytes */
export function requireLength(bytes: number): void {
  if (bytes > zexusLimits.values.stringBytes) throw panic(PANIC.allocation);
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** Code units in the order of the code points that they begin: surrogates last. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
