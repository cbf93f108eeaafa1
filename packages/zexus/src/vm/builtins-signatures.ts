import { bytesToBigInt, isErrorOf } from '@lucerna/base';
import { cryptoErrors, decodePublicKey, SECP256K1_HALF_ORDER, sha256 } from '@lucerna/crypto';
import { publicKeyToAddress } from '@lucerna/protocol';
import { type BuiltinBody, requireBytes } from './builtin-arguments.ts';
import { chargeSha256, hashedBytes, hashInput } from './builtins-hashes.ts';
import type { Machine } from './machine.ts';
import { Address, type Value } from './value.ts';

const DIGEST_BYTES = 32;
/** r ‖ s. */
const SIGNATURE_BYTES = 64;
/** r ‖ s ‖ v. */
const RECOVERABLE_BYTES = 65;
/** What Ethereum's wallets add to the parity. */
const V_OFFSET = 27;

/**
 * VERIFY_SIGNATURE: whether `signature` (r ‖ s) is that of `publicKey` (33 or 65 bytes, SEC 1) over the
 * SHA-256 of `message`, bytes or the UTF-8 of a text: ECDSA over secp256k1 with a low s. Whatever is
 * malformed is false.
 *
 * @throws `Revert` Panic 0x01 for a signature or a key that is not bytes, a message that is neither
 *   bytes nor text
 */
export function verifySignature(
  machine: Machine,
  signature: Value,
  message: Value,
  publicKey: Value,
): boolean {
  const signatureBytes = requireBytes(signature);
  const key = requireBytes(publicKey);
  chargeSha256(machine, hashedBytes(machine, message));
  const digest = sha256(hashInput(message));
  machine.meter.charge(machine.meter.schedule.signature);
  if (signatureBytes.length !== SIGNATURE_BYTES) return false;
  const point = pointOf(key);
  return point !== undefined && machine.signatures.verify(digest, signatureBytes, point);
}

export const SIGNATURE_BODIES: Readonly<Record<string, BuiltinBody>> = {
  recover_address: (machine, digest, signature) => {
    const digestBytes = requireBytes(digest);
    const signatureBytes = requireBytes(signature);
    machine.meter.charge(machine.meter.schedule.signature);
    const key = recoverKey(machine, digestBytes, signatureBytes);
    return key === undefined ? null : addressOfKey(machine, key);
  },
  derive_address: (machine, publicKey) => {
    const key = requireBytes(publicKey);
    machine.meter.charge(machine.meter.schedule.signature);
    const point = pointOf(key);
    return point === undefined ? null : addressOfKey(machine, point);
  },
};

function addressOfKey({ meter }: Machine, key: Uint8Array): Address {
  meter.chargeKeccak(SIGNATURE_BYTES);
  return new Address(publicKeyToAddress(key));
}

/** The key that made a signature over a digest; undefined when none did, or its s is not low (EIP-2). */
function recoverKey(
  { signatures }: Machine,
  digest: Uint8Array,
  signature: Uint8Array,
): Uint8Array | undefined {
  if (digest.length !== DIGEST_BYTES || signature.length !== RECOVERABLE_BYTES) return undefined;
  const v = signature[SIGNATURE_BYTES] as number;
  const recovery = v >= V_OFFSET ? v - V_OFFSET : v;
  if (recovery !== 0 && recovery !== 1) return undefined;
  const bytes = signature.subarray(0, SIGNATURE_BYTES);
  if (bytesToBigInt(bytes.subarray(DIGEST_BYTES)) > SECP256K1_HALF_ORDER) return undefined;
  return unlessRefused(() => signatures.recover(digest, { bytes, recovery }));
}

/** The point of a key in either form; undefined when it is none. */
function pointOf(key: Uint8Array): Uint8Array | undefined {
  return unlessRefused(() => decodePublicKey(key));
}

function unlessRefused<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (isErrorOf(error, cryptoErrors)) return undefined;
    throw error;
  }
}
