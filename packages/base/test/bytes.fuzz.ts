import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import {
  bytesToBigInt,
  compareBytes,
  concatBytes,
  equalBytes,
  fixedBytes,
  minimalBytes,
  rangeToBigInt,
} from '../src/bytes.ts';
import { fromHex, fromHexKey, isHex, toHex, toHexKey, toQuantity } from '../src/hex.ts';

const bytes = fc.uint8Array({ maxLength: 70 });

describe('bytes', () => {
  it('orders byte strings as Buffer.compare does', () => {
    fc.assert(
      fc.property(bytes, bytes, (left, right) => {
        expect(Math.sign(compareBytes(left, right))).toBe(Buffer.compare(left, right));
        expect(equalBytes(left, right)).toBe(Buffer.compare(left, right) === 0);
      }),
      runs(100),
    );
  });

  it('joins as Buffer.concat does', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), (parts) => {
        expect(toHex(concatBytes(...parts))).toBe(`0x${Buffer.concat(parts).toString('hex')}`);
      }),
      runs(100),
    );
  });

  it('writes natural numbers big-endian and reads them back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), (value) => {
        const minimal = minimalBytes(value);
        expect(bytesToBigInt(minimal)).toBe(value);
        expect(minimal[0]).not.toBe(0);
        expect(fixedBytes(value, 32)).toHaveLength(32);
        expect(bytesToBigInt(fixedBytes(value, 32))).toBe(value);
        expect(BigInt(toQuantity(value))).toBe(value);
      }),
      runs(100),
    );
  });

  it('reads the number in any range of bytes, leading zeros or not', () => {
    const zeros = fc.nat({ max: 40 });
    fc.assert(
      fc.property(bytes, zeros, fc.nat(70), fc.nat(70), (tail, lead, one, other) => {
        const all = concatBytes(new Uint8Array(lead), tail);
        const [start, end] = [
          Math.min(one, other, all.length),
          Math.min(Math.max(one, other), all.length),
        ];
        const digits = toHexKey(all.slice(start, end));
        expect(rangeToBigInt(all, start, end)).toBe(BigInt(`0x0${digits}`));
      }),
      runs(300),
    );
  });

  it('refuses a number that does not fit', () => {
    expect(() => fixedBytes(256n, 1)).toThrow('does not fit');
    expect(() => minimalBytes(-1n)).toThrow('natural');
  });
});

describe('hex', () => {
  it('agrees with Buffer in both directions', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const text = Buffer.from(value).toString('hex');
        expect(toHexKey(value)).toBe(text);
        expect(compareBytes(fromHex(`0x${text.toUpperCase()}`), value)).toBe(0);
        expect(compareBytes(fromHexKey(text), value)).toBe(0);
      }),
      runs(100),
    );
  });

  it.each(['', '0', '0x0', 'ff', '0xfg', '0x 1', '0X00'])('refuses %j', (text) => {
    expect(isHex(text)).toBe(false);
    expect(() => fromHex(text)).toThrow(expect.objectContaining({ code: 'HEX_INVALID' }));
  });
});
