import { bytesToBigInt } from '@lucerna/base';
import { cryptoErrors } from './errors.ts';

const PUBLIC_KEY_BYTES = 32;
/** Bytes of R in a signature R ‖ S. */
const POINT_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** The prime p = 2²⁵⁵ − 19 of the field (RFC 8032, section 5.1). */
const FIELD_PRIME = 2n ** 255n - 19n;

/** The y of two of the four points of order 8; that of the others is its negative. */
const ORDER_8_Y = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;

/** The y of the eight points of small order: 1 has order 1, p − 1 order 2, 0 order 4. */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  1n,
  FIELD_PRIME - 1n,
  0n,
  ORDER_8_Y,
  FIELD_PRIME - ORDER_8_Y,
]);

/**
 * Verification of Ed25519 signatures (RFC 8032, without prehash and context). Stateless for the
 * caller; all implementations give equal verdicts, which `@lucerna/crypto/compliance` checks.
 *
 * Implementations of Ed25519 differ on signatures that no honest signer makes. Here the strictest
 * reading holds, and whoever verifies comes to the same verdict:
 *
 * - the public key A and R are encoded in the one canonical way (y below p; no sign where x is 0),
 * - neither has small order, so that no signature fits every message and no key every signature,
 * - S is below the order of the group,
 * - S·B = R + k·A holds exactly, not only after a multiplication by the cofactor.
 */
export type Ed25519Engine = {
  readonly name: 'native' | 'pure';
  /**
   * Whether `signature` (R ‖ S, 64 bytes) is that of `publicKey` (32 bytes) over `message`.
   *
   * @throws `SIGNATURE_INVALID`, `PUBLIC_KEY_INVALID` for wrong lengths only
   */
  readonly verify: (message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array) => boolean;
};

/** Input check that the engines share: lengths of what `verify` takes. */
export function requireEd25519Lengths(signature: Uint8Array, publicKey: Uint8Array): void {
  if (signature.length !== SIGNATURE_BYTES) {
    throw cryptoErrors.create('SIGNATURE_INVALID', 'length', { length: signature.length });
  }
  if (publicKey.length !== PUBLIC_KEY_BYTES) {
    throw cryptoErrors.create('PUBLIC_KEY_INVALID', 'length', { length: publicKey.length });
  }
}

/**
 * Whether `encoded` (32 bytes: a public key, or the R of a signature) is neither an uncanonical
 * encoding nor a point of small order. The engines share it because libraries disagree about both.
 * That there is a point with this y is not checked.
 */
export function isStrictEd25519Point(encoded: Uint8Array): boolean {
  const y = BigInt.asUintN(255, bytesToBigInt(encoded.toReversed()));
  return y < FIELD_PRIME && !SMALL_ORDER_Y.has(y);
}

/** The R of a signature. */
export function ed25519PointOf(signature: Uint8Array): Uint8Array {
  return signature.subarray(0, POINT_BYTES);
}
