import { bytesToBigInt, concatBytes } from '@lucerna/base';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import {
  type Ed25519Engine,
  ed25519PointOf,
  isStrictEd25519Point,
  requireEd25519Lengths,
} from './ed25519-engine.ts';

const { Point } = ed25519;

/** The Ed25519 engine for every platform, in JavaScript (noble). The reference for all others. */
export const pureEd25519Engine: Ed25519Engine = {
  name: 'pure',
  verify: (message, signature, publicKey) => {
    requireEd25519Lengths(signature, publicKey);
    const encodedR = ed25519PointOf(signature);
    if (!isStrictEd25519Point(publicKey) || !isStrictEd25519Point(encodedR)) return false;
    const s = littleEndian(signature.subarray(encodedR.length));
    if (s >= Point.Fn.ORDER) return false;
    const hash = sha512(concatBytes(encodedR, publicKey, message));
    return isExact(publicKey, encodedR, s, Point.Fn.create(littleEndian(hash)));
  },
};

/**
 * Whether S·B = R + k·A (RFC 8032, section 5.1.7). Not noble's own `verify`: that one multiplies by
 * the cofactor first, which forgives what libraries with the equation as it stands do not.
 */
function isExact(publicKey: Uint8Array, encodedR: Uint8Array, s: bigint, k: bigint): boolean {
  try {
    const expected = Point.fromBytes(encodedR).add(Point.fromBytes(publicKey).multiplyUnsafe(k));
    return Point.BASE.multiplyUnsafe(s).equals(expected);
  } catch {
    // No point has this y.
    return false;
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytesToBigInt(bytes.toReversed());
}
