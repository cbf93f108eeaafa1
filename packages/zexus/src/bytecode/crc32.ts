/** The polynomial of IEEE 802.3 with its bits reversed. */
const POLYNOMIAL = 0xedb88320;

const TABLE: Int32Array = makeTable();

/**
 * CRC-32 as in IEEE 802.3, zlib and `.zxc` version 1, a byte a step (Sarwate's table method). Finds
 * damage, not forgery.
 *
 * @returns a natural number below 2³²
 */
export function crc32(bytes: Uint8Array): number {
  let remainder = -1;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] as number;
    remainder = (TABLE[(remainder ^ byte) & 0xff] as number) ^ (remainder >>> 8);
  }
  return ~remainder >>> 0;
}

function makeTable(): Int32Array {
  const table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
    }
    table[byte] = remainder;
  }
  return table;
}
