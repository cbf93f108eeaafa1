import { concatBytes } from '@lucerna/base';
import { crc32c } from '@lucerna/storage';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';

/** The definition: division of polynomials over GF(2), one bit at a time. */
function bitwise(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f63b78 : 0);
    }
  }
  return ~remainder >>> 0;
}

const bytes = fc.uint8Array({ maxLength: 70 });

it('is the remainder of the division', () => {
  fc.assert(
    fc.property(bytes, (data) => {
      expect(crc32c(data)).toBe(bitwise(data));
    }),
    runs(100),
  );
});

it('goes on from the checksum of what came before', () => {
  fc.assert(
    fc.property(bytes, bytes, (left, right) => {
      expect(crc32c(right, crc32c(left))).toBe(crc32c(concatBytes(left, right)));
    }),
    runs(100),
  );
});

it('leaves out what is behind the end', () => {
  fc.assert(
    fc.property(bytes, bytes, (counted, behind) => {
      const all = concatBytes(counted, behind);
      expect(crc32c(all, 7, counted.length)).toBe(crc32c(counted, 7));
    }),
    runs(100),
  );
});

it('notices every change of up to 32 neighbouring bits', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 4, maxLength: 70 }),
      fc.nat(),
      fc.integer({ min: 1, max: 0xffffffff }),
      (data, position, change) => {
        const at = position % (data.length - 3);
        const changed = data.slice();
        const view = new DataView(changed.buffer);
        view.setUint32(at, view.getUint32(at) ^ change);
        expect(crc32c(changed)).not.toBe(crc32c(data));
      },
    ),
    runs(100),
  );
});
