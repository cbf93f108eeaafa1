/** The Castagnoli polynomial with its bits reversed. */
const POLYNOMIAL = 0x82f63b78;

/** Remainders by number of zero bytes behind the byte (`0 … 7`) and by byte, in one flat table. */
const TABLE: Int32Array = makeTable();

/**
 * CRC-32C (Castagnoli; RFC 3720 B.4), eight bytes a step (Sarwate's table method, "slicing by 8").
 * Finds damage, not forgery. `crc32c(b, crc32c(a))` is the checksum of `a ‖ b`.
 *
 * @param seed checksum of the bytes before these
 * @param end only the bytes before this index count
 * @returns a natural number below 2³²
 */
export function crc32c(bytes: Uint8Array, seed: number = 0, end: number = bytes.length): number {
  let remainder = ~seed;
  let index = 0;
  for (const last = end - 8; index <= last; index += 8) {
    remainder =
      ofWord(remainder ^ wordAt(bytes, index), 1024) ^
      (TABLE[768 + (bytes[index + 4] as number)] as number) ^
      (TABLE[512 + (bytes[index + 5] as number)] as number) ^
      (TABLE[256 + (bytes[index + 6] as number)] as number) ^
      (TABLE[bytes[index + 7] as number] as number);
  }
  // Most rows are short: four bytes at once are worth their own step.
  if (index <= end - 4) {
    remainder = ofWord(remainder ^ wordAt(bytes, index), 0);
    index += 4;
  }
  for (; index < end; index += 1) {
    remainder =
      (TABLE[(remainder ^ (bytes[index] as number)) & 0xff] as number) ^ (remainder >>> 8);
  }
  return ~remainder >>> 0;
}

/** Four bytes, the first one lowest. */
function wordAt(bytes: Uint8Array, index: number): number {
  return (
    (bytes[index] as number) |
    ((bytes[index + 1] as number) << 8) |
    ((bytes[index + 2] as number) << 16) |
    ((bytes[index + 3] as number) << 24)
  );
}

/** Remainder of the four bytes of `word`, behind which `base / 256` more bytes come. */
function ofWord(word: number, base: number): number {
  return (
    (TABLE[base + 768 + (word & 0xff)] as number) ^
    (TABLE[base + 512 + ((word >>> 8) & 0xff)] as number) ^
    (TABLE[base + 256 + ((word >>> 16) & 0xff)] as number) ^
    (TABLE[base + (word >>> 24)] as number)
  );
}

function makeTable(): Int32Array {
  const table = new Int32Array(8 * 256);
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
