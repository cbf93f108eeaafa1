import { bytesToBigInt } from '@lucerna/base';
import { cryptoErrors } from './errors.ts';

/** The order n of the secp256k1 group (SEC 2, section 2.4.1). */
export const SECP256K1_ORDER: bigint =
  0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The largest s that is low: of s and n − s, which sign the same, the smaller one (EIP-2). */
export const SECP256K1_HALF_ORDER: bigint = SECP256K1_ORDER / 2n;

/** Bytes of a private key and of a digest. */
const PRIVATE_KEY_BYTES = 32;
/** Bytes of an uncompressed public key: 0x04 ‖ x ‖ y. */
export const PUBLIC_KEY_BYTES = 65;
/** Bytes of a signature: r ‖ s. */
const SIGNATURE_BYTES = 64;

/** An ECDSA signature from which the signer's public key can be computed. */
export type RecoverableSignature = {
  /** r ‖ s, 32 big-endian bytes each. */
  readonly bytes: Uint8Array;
  /** Parity of the y coordinate of the point whose x is r. */
  readonly recovery: 0 | 1;
};

/**
 * ECDSA over secp256k1 as Ethereum uses it. Stateless; all implementations give equal results, which
 * `@lucerna/crypto/compliance` checks. Digests are 32 bytes, public keys 65 (0x04 ‖ x ‖ y).
 */
export type SignatureEngine = {
  readonly name: 'native' | 'pure';
  /**
   * The public key of `privateKey`.
   *
   * @throws `KEY_INVALID`
   */
  readonly publicKey: (privateKey: Uint8Array) => Uint8Array;
  /**
   * The signature with the nonce of RFC 6979 (HMAC-SHA-256, no extra entropy) and low s.
   *
   * @throws `KEY_INVALID`, `DIGEST_INVALID`
   */
  readonly sign: (digest: Uint8Array, privateKey: Uint8Array) => RecoverableSignature;
  /**
   * The public key that made `signature`. A high s is accepted, refusing it is the protocol's matter.
   *
   * @throws `DIGEST_INVALID`; `SIGNATURE_INVALID` when r or s is not in 1 … n − 1, or no key fits
   */
  readonly recover: (digest: Uint8Array, signature: RecoverableSignature) => Uint8Array;
  /**
   * Whether `signature` (r ‖ s) is `publicKey`'s over `digest`. False for a high s, for values out
   * of range and for a point that is not on the curve.
   *
   * @throws `DIGEST_INVALID`, `SIGNATURE_INVALID`, `PUBLIC_KEY_INVALID` for wrong lengths only
   */
  readonly verify: (digest: Uint8Array, signature: Uint8Array, publicKey: Uint8Array) => boolean;
};

/** True for 32 bytes whose value is in 1 … n − 1. */
export function isPrivateKey(bytes: Uint8Array): boolean {
  return bytes.length === PRIVATE_KEY_BYTES && isScalar(bytes);
}

/** Input check that the engines share: throws `KEY_INVALID`. Never puts the key in the error. */
export function requirePrivateKey(privateKey: Uint8Array): void {
  if (isPrivateKey(privateKey)) return;
  throw cryptoErrors.create('KEY_INVALID', undefined, { length: privateKey.length });
}

/** Input check that the engines share: throws `DIGEST_INVALID`. */
export function requireDigest(digest: Uint8Array): void {
  if (digest.length === 32) return;
  throw cryptoErrors.create('DIGEST_INVALID', undefined, { length: digest.length });
}

/** Input check that the engines share: throws `SIGNATURE_INVALID` unless r and s are in 1 … n − 1. */
export function requireRecoverable(signature: RecoverableSignature): void {
  const { bytes, recovery } = signature;
  requireSignatureLength(bytes);
  if (recovery !== 0 && recovery !== 1) {
    throw cryptoErrors.create('SIGNATURE_INVALID', 'recovery id', { recovery });
  }
  if (!isScalar(bytes.subarray(0, 32))) throw cryptoErrors.create('SIGNATURE_INVALID', 'r');
  if (!isScalar(bytes.subarray(32))) throw cryptoErrors.create('SIGNATURE_INVALID', 's');
}

/** Input check that the engines share: lengths of what `verify` takes. */
export function requireVerifiable(
  digest: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): void {
  requireDigest(digest);
  requireSignatureLength(signature);
  if (publicKey.length !== PUBLIC_KEY_BYTES) {
    throw cryptoErrors.create('PUBLIC_KEY_INVALID', undefined, { length: publicKey.length });
  }
}

function requireSignatureLength(bytes: Uint8Array): void {
  if (bytes.length === SIGNATURE_BYTES) return;
  throw cryptoErrors.create('SIGNATURE_INVALID', 'length', { length: bytes.length });
}

function isScalar(bytes: Uint8Array): boolean {
  const value = bytesToBigInt(bytes);
  return value > 0n && value < SECP256K1_ORDER;
}
