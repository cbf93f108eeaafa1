/** The Castagnoli polynomial with its bits reversed. */
const POLYNOMIAL = 0x82f63b78;

/** Remainders by number of zero bytes behind the byte (`0 … 3`) and by byte, in one flat table. */
const TABLE: Int32Array = makeTable();

/**
 * CRC-32C (Castagnoli; RFC 3720 B.4), four bytes a step (Sarwate's table method, "slicing").
 * Finds damage, not forgery. `crc32c(b, crc32c(a))` is the checksum of `a ‖ b`.
 *
 * @param seed checksum of the bytes before these
 * @returns a natural number below 2³²
 */
export function crc32c(bytes: Uint8Array, seed: number = 0): number {
  let remainder = ~seed;
  let index = 0;
  for (const end = bytes.length - 3; index < end; index += 4) {
    remainder ^=
      (bytes[index] as number) |
      ((bytes[index + 1] as number) << 8) |
      ((bytes[index + 2] as number) << 16) |
      ((bytes[index + 3] as number) << 24);
    remainder =
      (TABLE[768 + (remainder & 0xff)] as number) ^
      (TABLE[512 + ((remainder >>> 8) & 0xff)] as number) ^
      (TABLE[256 + ((remainder >>> 16) & 0xff)] as number) ^
      (TABLE[remainder >>> 24] as number);
  }
  for (; index < bytes.length; index += 1) {
    remainder =
      (TABLE[(remainder ^ (bytes[index] as number)) & 0xff] as number) ^ (remainder >>> 8);
  }
  return ~remainder >>> 0;
}

function makeTable(): Int32Array {
  const table = new Int32Array(4 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
    }
    table[byte] = remainder;
  }
  for (let index = 256; index < table.length; index += 1) {
    const shorter = table[index - 256] as number;
    table[index] = (table[shorter & 0xff] as number) ^ (shorter >>> 8);
  }
  return table;
}
