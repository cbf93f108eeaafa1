import { bytesToBigInt, concatBytes, isErrorOf, minimalBytes, toHexKey } from '@lucerna/base';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import {
  cryptoErrors,
  decodeDerSignature,
  decodePublicKey,
  isPrivateKey,
  SECP256K1_ORDER,
} from '../src/index.ts';

function encodeInteger(value: bigint): Uint8Array {
  const bytes = value === 0n ? Uint8Array.of(0) : minimalBytes(value);
  const isNegative = (bytes[0] as number) >= 0x80;
  const contents = isNegative ? concatBytes(Uint8Array.of(0), bytes) : bytes;
  return concatBytes(Uint8Array.of(2, contents.length), contents);
}

/** The one encoding of r ‖ s. */
function encodeDer(signature: Uint8Array): Uint8Array {
  const scalars = [signature.subarray(0, 32), signature.subarray(32)];
  const integers = concatBytes(...scalars.map((bytes) => encodeInteger(bytesToBigInt(bytes))));
  return concatBytes(Uint8Array.of(0x30, integers.length), integers);
}

/** What `read` gives; undefined when it refuses with one of our codes. */
function tryTo(read: () => Uint8Array): Uint8Array | undefined {
  try {
    return read();
  } catch (error) {
    if (isErrorOf(error, cryptoErrors)) return undefined;
    throw error;
  }
}

// Short scalars come from shifting random ones.
const scalar = fc
  .tuple(fc.bigInt({ min: 1n, max: SECP256K1_ORDER - 1n }), fc.nat({ max: 255 }))
  .map(([value, shift]) => value >> BigInt(shift) || 1n);

it('decodes what noble encodes', () => {
  const agrees = (r: bigint, s: bigint): void => {
    const signature = new secp256k1.Signature(r, s);
    const decoded = decodeDerSignature(signature.toBytes('der'));
    expect(toHexKey(decoded)).toBe(toHexKey(signature.toBytes('compact')));
  };
  fc.assert(fc.property(scalar, scalar, agrees), runs(2000));
});

it('takes no bytes but the one encoding of what they decode to', () => {
  const start = fc
    .tuple(scalar, scalar)
    .map(([r, s]) => new secp256k1.Signature(r, s).toBytes('der'));
  const edit = fc.record({
    at: fc.nat(),
    remove: fc.nat({ max: 2 }),
    insert: fc.uint8Array({ maxLength: 2 }),
  });
  const edits = fc.array(edit, { maxLength: 3 });
  const isUnique = (
    bytes: Uint8Array,
    changes: readonly { at: number; remove: number; insert: Uint8Array }[],
  ): void => {
    let changed = bytes;
    for (const { at, remove, insert } of changes) {
      const index = at % (changed.length + 1);
      changed = concatBytes(changed.subarray(0, index), insert, changed.subarray(index + remove));
      // Without this, nearly every change would end at the first check.
      if (changed.length > 2 && at % 2 === 0) changed[1] = changed.length - 2;
    }
    const decoded = tryTo(() => decodeDerSignature(changed));
    if (decoded !== undefined) expect(toHexKey(encodeDer(decoded))).toBe(toHexKey(changed));
  };
  fc.assert(fc.property(start, edits, isUnique), runs(5000));
});

it('decodes public keys as noble encodes them, and nothing else but points', () => {
  const privateKey = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter(isPrivateKey);
  const agrees = (key: Uint8Array, isCompressed: boolean, at: number, change: number): void => {
    const encoded = secp256k1.getPublicKey(key, isCompressed);
    const whole = toHexKey(secp256k1.getPublicKey(key, false));
    expect(toHexKey(decodePublicKey(encoded))).toBe(whole);
    const index = at % encoded.length;
    encoded[index] = (encoded[index] as number) ^ change;
    const decoded = tryTo(() => decodePublicKey(encoded));
    if (decoded === undefined) return;
    // What else is taken is the compressed form of another point.
    expect(isCompressed).toBe(true);
    const { x, y } = secp256k1.Point.fromBytes(encoded).toAffine();
    const { Fp } = secp256k1.Point;
    expect(Fp.sqr(y)).toBe(Fp.add(Fp.mul(Fp.sqr(x), x), 7n));
    expect(bytesToBigInt(decoded.subarray(1))).toBe((x << 256n) + y);
    expect(toHexKey(decoded)).not.toBe(whole);
  };
  const changes = [fc.boolean(), fc.nat(), fc.integer({ min: 1, max: 255 })] as const;
  fc.assert(fc.property(privateKey, ...changes, agrees), runs(300));
});
