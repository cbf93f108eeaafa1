import { fixedBytes, fromHexKey, toHexKey } from '@lucerna/base';
import { ed25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { ed25519EngineCompliance } from '../src/compliance/index.ts';
import { isStrictEd25519Point, pureEd25519Engine } from '../src/index.ts';

ed25519EngineCompliance('pure', () => pureEd25519Engine);

// Node's OpenSSL refuses some of these by itself, so the native engine does not show the check at work.
describe('isStrictEd25519Point', () => {
  const { Point } = ed25519;
  const encode = (value: bigint): Uint8Array => fixedBytes(value, 32).reverse();
  const signed = (value: bigint): readonly Uint8Array[] => [value, value + 2n ** 255n].map(encode);

  it('refuses every y that is not below p, and takes the one before', () => {
    const prime = Point.Fp.ORDER;
    for (let y = prime; y < 2n ** 255n; y += 1n) {
      for (const bytes of signed(y))
        expect(isStrictEd25519Point(bytes), toHexKey(bytes)).toBe(false);
    }
    for (const bytes of signed(prime - 2n)) expect(isStrictEd25519Point(bytes)).toBe(true);
  });

  it('refuses the points of small order, and with them the wrong sign of x = 0', () => {
    const generator = Point.fromBytes(
      fromHexKey('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'),
    );
    const seen = new Set<string>();
    for (let factor = 0n; factor < 8n; factor += 1n) {
      const bytes = generator.multiplyUnsafe(factor).toBytes();
      seen.add(toHexKey(bytes));
      expect(isStrictEd25519Point(bytes)).toBe(false);
      bytes[31] = (bytes[31] as number) ^ 0x80;
      expect(isStrictEd25519Point(bytes)).toBe(false);
    }
    expect(seen.size).toBe(8);
  });

  it('takes ordinary points', () => {
    for (let factor = 1n; factor < 50n; factor += 1n) {
      expect(isStrictEd25519Point(Point.BASE.multiply(factor).toBytes())).toBe(true);
    }
  });
});
