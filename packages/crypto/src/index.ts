export { cryptoErrors } from './errors.ts';
export { EMPTY_KECCAK, keccak256 } from './keccak.ts';
export { pureSignatureEngine } from './pure-signature-engine.ts';
export { sha256 } from './sha256.ts';
export {
  isPrivateKey,
  PUBLIC_KEY_BYTES,
  type RecoverableSignature,
  requireDigest,
  requireVerifiable,
  SECP256K1_HALF_ORDER,
  SECP256K1_ORDER,
  type SignatureEngine,
} from './signature-engine.ts';
