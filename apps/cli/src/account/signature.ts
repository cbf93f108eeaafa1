import { bytesToBigInt, concatBytes, fromHex, type Hex, isHex, toHex } from '@lucerna/base';
import {
  pureSignatureEngine,
  type RecoverableSignature,
  SECP256K1_HALF_ORDER,
} from '@lucerna/crypto';
import { publicKeyToAddress } from '@lucerna/protocol';
import { cliErrors } from '../errors.ts';

/** v of the parity 0 in a signature of a message (Yellow Paper, appendix F). */
const V_OFFSET = 27;

/** Signs a digest: r, s and v (27 or 28), 65 bytes in hex, as wallets write it. */
export function signDigest(digest: Uint8Array, privateKey: Uint8Array): Hex {
  const { bytes, recovery } = pureSignatureEngine.sign(digest, privateKey);
  return toHex(concatBytes(bytes, Uint8Array.of(V_OFFSET + recovery)));
}

/**
 * Who has signed a digest.
 *
 * @returns 20 bytes
 * @throws `SIGNATURE_MALFORMED` also for a high s, of which every signature has a second one (EIP-2);
 *   `SIGNATURE_INVALID` when no key fits
 */
export function signerOf(digest: Uint8Array, signature: string): Uint8Array {
  return publicKeyToAddress(pureSignatureEngine.recover(digest, parseSignature(signature)));
}

function parseSignature(text: string): RecoverableSignature {
  if (!isHex(text)) throw cliErrors.create('SIGNATURE_MALFORMED');
  const given = fromHex(text);
  const signature = given.length === 64 ? fromCompact(given) : fromLong(given);
  if (bytesToBigInt(signature.bytes.subarray(32)) <= SECP256K1_HALF_ORDER) return signature;
  throw cliErrors.create('SIGNATURE_MALFORMED', 's is high');
}

function fromLong(given: Uint8Array): RecoverableSignature {
  const v = given[64] ?? -1;
  const recovery = v >= V_OFFSET ? v - V_OFFSET : v;
  if (given.length !== 65 || (recovery !== 0 && recovery !== 1)) {
    throw cliErrors.create('SIGNATURE_MALFORMED');
  }
  return { bytes: given.subarray(0, 64), recovery };
}

/** The parity is in the first bit of s, which is free there (EIP-2098). */
function fromCompact(given: Uint8Array): RecoverableSignature {
  const bytes = given.slice();
  const first = bytes[32] as number;
  bytes[32] = first & 0x7f;
  return { bytes, recovery: first >= 0x80 ? 1 : 0 };
}
