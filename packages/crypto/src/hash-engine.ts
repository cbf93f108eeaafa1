/** Bytes of every digest here. */
export const DIGEST_BYTES = 32;

/**
 * The hash functions that may have a faster implementation somewhere. Stateless for the caller; all
 * implementations give equal results, which `@lucerna/crypto/compliance` checks.
 */
export type HashEngine = {
  readonly name: 'kernel' | 'pure';
  /** Keccak-256 with the original padding, as Ethereum uses it (not SHA3-256); 32 new bytes. */
  readonly keccak256: (data: Uint8Array) => Uint8Array;
  /** SHA-256 (FIPS 180-4); 32 new bytes. */
  readonly sha256: (data: Uint8Array) => Uint8Array;
};
