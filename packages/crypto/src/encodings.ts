import { secp256k1 } from '@noble/curves/secp256k1.js';
import { cryptoErrors } from './errors.ts';
import { PUBLIC_KEY_BYTES } from './signature-engine.ts';

// First bytes of ASN.1 values (X.690, section 8.1).
const SEQUENCE = 0x30;
const INTEGER = 0x02;
/** Bytes before the contents of a value: its kind, and its length in one byte. */
const HEADER_BYTES = 2;

/** Bytes of r and of s. */
const SCALAR_BYTES = 32;
const COMPRESSED_KEY_BYTES = 33;

/**
 * r ‖ s (64 bytes) of an ECDSA signature in DER: a SEQUENCE of two INTEGERs (RFC 3279, section
 * 2.2.3). There is one encoding for every signature: no other lengths, no leading zeros that are not
 * needed, nothing behind the end. That r and s are in 1 … n − 1 is for `verify` and `recover` to say.
 *
 * @throws `SIGNATURE_INVALID` with the reason
 */
export function decodeDerSignature(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== SEQUENCE) throw invalidDer('not a sequence', 0);
  // Two integers of 32 bytes need less than the 128 bytes that a longer form of the length is for.
  if (bytes[1] !== bytes.length - HEADER_BYTES) throw invalidDer('length of the sequence', 1);
  const signature = new Uint8Array(2 * SCALAR_BYTES);
  const middle = decodeInteger(bytes, HEADER_BYTES, signature.subarray(0, SCALAR_BYTES));
  const end = decodeInteger(bytes, middle, signature.subarray(SCALAR_BYTES));
  if (end !== bytes.length) throw invalidDer('bytes behind s', end);
  return signature;
}

/** Writes the integer at `offset` into `target`, 32 zeros; where the next value begins. */
function decodeInteger(bytes: Uint8Array, offset: number, target: Uint8Array): number {
  const start = offset + HEADER_BYTES;
  const length = bytes[offset + 1] ?? 0;
  const end = start + length;
  if (bytes[offset] !== INTEGER) throw invalidDer('not an integer', offset);
  if (length === 0 || end > bytes.length) throw invalidDer('length of an integer', offset + 1);
  const first = bytes[start] as number;
  if (first >= 0x80) throw invalidDer('negative integer', start);
  const isPadded = first === 0 && length > 1;
  // A zero in front only keeps an integer with a high first bit from being negative.
  if (isPadded && (bytes[start + 1] as number) < 0x80) throw invalidDer('superfluous zero', start);
  const magnitude = bytes.subarray(isPadded ? start + 1 : start, end);
  if (magnitude.length > SCALAR_BYTES) throw invalidDer('integer of over 32 bytes', offset + 1);
  target.set(magnitude, SCALAR_BYTES - magnitude.length);
  return end;
}

function invalidDer(reason: string, offset: number): Error {
  return cryptoErrors.create('SIGNATURE_INVALID', `DER: ${reason}`, { offset });
}

/**
 * A secp256k1 public key as the engines take it (65 bytes, 0x04 ‖ x ‖ y) from either form of SEC 1,
 * section 2.3: uncompressed, or compressed (33 bytes, 0x02 or 0x03 ‖ x). The point is on the curve.
 * The hybrid forms 0x06 and 0x07 are refused.
 *
 * @throws `PUBLIC_KEY_INVALID` with the reason
 */
export function decodePublicKey(bytes: Uint8Array): Uint8Array {
  const [prefix] = bytes;
  const isCompressed = bytes.length === COMPRESSED_KEY_BYTES && (prefix === 2 || prefix === 3);
  const isUncompressed = bytes.length === PUBLIC_KEY_BYTES && prefix === 4;
  if (!isCompressed && !isUncompressed) {
    const fields = { length: bytes.length, ...(prefix === undefined ? {} : { prefix }) };
    throw cryptoErrors.create('PUBLIC_KEY_INVALID', 'length or first byte', fields);
  }
  try {
    return secp256k1.Point.fromBytes(bytes).toBytes(false);
  } catch (cause) {
    throw cryptoErrors.create('PUBLIC_KEY_INVALID', 'no point of the curve', {}, cause);
  }
}
