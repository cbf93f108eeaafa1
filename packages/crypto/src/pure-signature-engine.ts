import { assert, concatBytes } from '@lucerna/base';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { cryptoErrors } from './errors.ts';
import {
  type RecoverableSignature,
  requireDigest,
  requirePrivateKey,
  requireRecoverable,
  requireVerifiable,
  type SignatureEngine,
} from './signature-engine.ts';

/** The signature engine for every platform, in JavaScript (noble). The reference for all others. */
export const pureSignatureEngine: SignatureEngine = {
  name: 'pure',
  publicKey: (privateKey) => {
    requirePrivateKey(privateKey);
    return secp256k1.getPublicKey(privateKey, false);
  },
  sign: (digest, privateKey) => {
    requireDigest(digest);
    requirePrivateKey(privateKey);
    const options = { prehash: false, lowS: true, format: 'recovered' } as const;
    const signed = secp256k1.sign(digest, privateKey, options);
    const recovery = signed[0];
    // 2 and 3 mean that the nonce's point has an x of at least n: one in 2¹²⁷ for RFC 6979 nonces.
    assert(recovery === 0 || recovery === 1, 'the recovery id is a parity');
    return { bytes: signed.subarray(1), recovery };
  },
  recover: (digest, signature) => {
    requireDigest(digest);
    requireRecoverable(signature);
    return recoverPoint(digest, signature);
  },
  verify: (digest, signature, publicKey) => {
    requireVerifiable(digest, signature, publicKey);
    // Noble takes hybrid encodings for what they are not; ours has one first byte.
    if (publicKey[0] !== 4) return false;
    return secp256k1.verify(signature, digest, publicKey, { prehash: false, lowS: true });
  },
};

function recoverPoint(digest: Uint8Array, { bytes, recovery }: RecoverableSignature): Uint8Array {
  const recovered = concatBytes(Uint8Array.of(recovery), bytes);
  try {
    const parsed = secp256k1.Signature.fromBytes(recovered, 'recovered');
    return parsed.recoverPublicKey(digest).toBytes(false);
  } catch (cause) {
    throw cryptoErrors.create('SIGNATURE_INVALID', 'no public key fits it', {}, cause);
  }
}
