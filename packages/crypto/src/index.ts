export { blake3 } from './blake3.ts';
export { chooseHashEngine, hashEngine } from './chosen-hash-engine.ts';
export { cryptoErrors } from './errors.ts';
export type { HashEngine } from './hash-engine.ts';
export { EMPTY_KECCAK, keccak256 } from './keccak.ts';
export { createKernelHashEngine } from './kernel-hash-engine.ts';
export { cryptoLimits } from './limits.ts';
export { type MerkleProof, MerkleTree, verifyMerkleProof } from './merkle-tree.ts';
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
