import { seededRandom } from '@lucerna/base';

/** Bytes of any values, the same ones each time. */
export function seededBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const random = seededRandom(seed);
  const bytes = new Uint8Array(length);
  // A mebibyte of them is enough: what is longer repeats it.
  const own = bytes.subarray(0, Math.min(length, 2 ** 20));
  for (let index = 0; index < own.length; index += 1) own[index] = random.below(256);
  for (let start = own.length; start < length; start += own.length) {
    bytes.set(own.subarray(0, Math.min(own.length, length - start)), start);
  }
  return bytes;
}

/** Gigabytes a second, from milliseconds for so many bytes. */
export function gigabytesPerSecond(bytes: number, ms: number): number {
  return bytes / ms / 1_000_000;
}
