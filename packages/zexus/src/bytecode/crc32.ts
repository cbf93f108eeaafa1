/** The polynomial of IEEE 802.3 with its bits reversed. */
const POLYNOMIAL = 0xedb88320;

/** Bytes of one step. */
const STEP = 8;

/** Of each byte the remainder that it leaves when 0, 1, … 7 bytes follow it: 256 numbers each. */
const TABLES: Int32Array = makeTables();

/**
 * CRC-32 as in IEEE 802.3, zlib and `.zxc` version 1, eight bytes a step (Kounavis and Berry,
 * "slicing-by-8"; a byte a step is Sarwate's table method). Finds damage, not forgery.
 *
 * @returns a natural number below 2³²
 */
export function crc32(bytes: Uint8Array): number {
  const tables = TABLES;
  let remainder = -1;
  let index = 0;
  for (const end = bytes.length - STEP; index <= end; index += STEP) {
    const low =
      remainder ^
      ((bytes[index] as number) |
        ((bytes[index + 1] as number) << 8) |
        ((bytes[index + 2] as number) << 16) |
        ((bytes[index + 3] as number) << 24));
    remainder =
      (tables[0x700 | (low & 0xff)] as number) ^
      (tables[0x600 | ((low >>> 8) & 0xff)] as number) ^
      (tables[0x500 | ((low >>> 16) & 0xff)] as number) ^
      (tables[0x400 | (low >>> 24)] as number) ^
      (tables[0x300 | (bytes[index + 4] as number)] as number) ^
      (tables[0x200 | (bytes[index + 5] as number)] as number) ^
      (tables[0x100 | (bytes[index + 6] as number)] as number) ^
      (tables[bytes[index + 7] as number] as number);
  }
  for (; index < bytes.length; index += 1) {
    const byte = bytes[index] as number;
    remainder = (tables[(remainder ^ byte) & 0xff] as number) ^ (remainder >>> 8);
  }
  return ~remainder >>> 0;
}

function makeTables(): Int32Array {
  const tables = new Int32Array(STEP * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
    }
    tables[byte] = remainder;
  }
  for (let place = 256; place < tables.length; place += 1) {
    const before = tables[place - 256] as number;
    tables[place] = (tables[before & 0xff] as number) ^ (before >>> 8);
  }
  return tables;
}
