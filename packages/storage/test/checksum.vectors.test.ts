import { crc32c } from '@lucerna/storage';
import { describe, expect, it } from 'vitest';

/** RFC 3720 B.4 (its bytes are in the order of the wire), and the check value of the CRC catalogue. */
const VECTORS: readonly (readonly [name: string, bytes: Uint8Array, checksum: number])[] = [
  ['nothing', new Uint8Array(0), 0],
  ['"123456789"', new TextEncoder().encode('123456789'), 0xe3069283],
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 bytes upward', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  ['32 bytes downward', Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
];

describe('CRC-32C', () => {
  it.each(VECTORS)('of %s', (_, bytes, checksum) => {
    expect(crc32c(bytes)).toBe(checksum);
  });
});
