export { blake3 } from './blake3.ts';
export { chooseHashEngine, hashEngine } from './chosen-hash-engine.ts';
export {
  type Ed25519Engine,
  ed25519PointOf,
  isStrictEd25519Point,
  requireEd25519Lengths,
} from './ed25519-engine.ts';
export { decodeDerSignature, decodePublicKey } from './encodings.ts';
export { cryptoErrors } from './errors.ts';
export type { HashEngine } from './hash-engine.ts';
export { EMPTY_KECCAK, keccak256, keccak256Into } from './keccak.ts';
export { createKernelHashEngine } from './kernel-hash-engine.ts';
export { cryptoLimits } from './limits.ts';
export { type MerkleProof, MerkleTree, verifyMerkleProof } from './merkle-tree.ts';
export { messageDigest } from './message.ts';
export { pureEd25519Engine } from './pure-ed25519-engine.ts';
export { pureHashEngine } from './pure-hash-engine.ts';
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
