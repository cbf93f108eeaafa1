import { assert, bytesToBigInt, fixedBytes, type Log } from '@lucerna/base';
import {
  cryptoErrors,
  pureSignatureEngine,
  requireDigest,
  requireVerifiable,
  SECP256K1_ORDER,
  type SignatureEngine,
} from '@lucerna/crypto';

export { createNativeEd25519Engine } from './ed25519.ts';

type Secp256k1 = typeof import('secp256k1/bindings.js');

/**
 * libsecp256k1 as a signature engine, some 25 times as fast as the pure one.
 *
 * Not the package's main file: that one falls back to JavaScript silently.
 *
 * @throws whatever loading throws when there is no binary for this platform
 */
export async function nativeSignatureEngine(
  load: () => Promise<{ readonly default: Secp256k1 }> = () => import('secp256k1/bindings.js'),
): Promise<SignatureEngine> {
  return engineOf((await load()).default);
}

/** The native engine, or the pure one and a warning where there is no binary for this platform. */
export async function loadSignatureEngine(
  log: Log,
  load?: () => Promise<{ readonly default: Secp256k1 }>,
): Promise<SignatureEngine> {
  try {
    return await nativeSignatureEngine(load);
  } catch (error) {
    log.warn('signatures are computed in JavaScript, about 25 times slower: no native secp256k1', {
      platform: `${process.platform}-${process.arch}`,
      reason: error instanceof Error ? error.message : String(error),
    });
    return pureSignatureEngine;
  }
}

/**
 * The library checks the lengths and ranges of keys and signatures itself, and fails without saying
 * in a stable way why. Each call has one thing left that can be wrong once the digest is checked.
 */
function engineOf(library: Secp256k1): SignatureEngine {
  return {
    name: 'native',
    publicKey: (privateKey): Uint8Array => {
      try {
        return library.publicKeyCreate(privateKey, false);
      } catch {
        // Without the cause: nothing about a key goes into an error.
        throw cryptoErrors.create('KEY_INVALID', undefined, { length: privateKey.length });
      }
    },
    sign: (digest, privateKey) => {
      requireDigest(digest);
      const { signature, recid } = signWith(library, reduced(digest), privateKey);
      // 2 and 3 mean that the nonce's point has an x of at least n: one in 2¹²⁷ for RFC 6979 nonces.
      assert(recid === 0 || recid === 1, 'the recovery id is a parity');
      return { bytes: signature, recovery: recid };
    },
    recover: (digest, { bytes, recovery }): Uint8Array => {
      requireDigest(digest);
      if (recovery !== 0 && recovery !== 1) {
        throw cryptoErrors.create('SIGNATURE_INVALID', 'recovery id', { recovery });
      }
      try {
        return library.ecdsaRecover(bytes, recovery, digest, false);
      } catch (cause) {
        const fields = { length: bytes.length };
        throw cryptoErrors.create('SIGNATURE_INVALID', 'no public key fits it', fields, cause);
      }
    },
    verify: (digest, signature, publicKey): boolean => {
      requireVerifiable(digest, signature, publicKey);
      // The library also takes the hybrid encodings 0x06 and 0x07.
      if (publicKey[0] !== 4) return false;
      try {
        return library.ecdsaVerify(signature, digest, publicKey);
      } catch {
        // r or s is not below n, or the point is not on the curve.
        return false;
      }
    },
  };
}

function signWith(
  library: Secp256k1,
  digest: Uint8Array,
  privateKey: Uint8Array,
): ReturnType<Secp256k1['ecdsaSign']> {
  try {
    return library.ecdsaSign(digest, privateKey);
  } catch {
    throw cryptoErrors.create('KEY_INVALID', undefined, { length: privateKey.length });
  }
}

/**
 * `digest` modulo the group's order, which signs the same. The library puts the digest into the nonce
 * as it is, RFC 6979 reduces it first (2.3.4, bits2octets); only one digest in 2¹²⁸ shows it.
 */
function reduced(digest: Uint8Array): Uint8Array {
  if (digest[0] !== 0xff) return digest;
  return fixedBytes(bytesToBigInt(digest) % SECP256K1_ORDER, 32);
}
