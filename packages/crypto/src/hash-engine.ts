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
  /** Writes what `keccak256` gives into `output`, which has 32 bytes. */
  readonly keccak256Into: (data: Uint8Array, output: Uint8Array) => void;
  /** SHA-256 (FIPS 180-4); 32 new bytes. */
  readonly sha256: (data: Uint8Array) => Uint8Array;
  /** BLAKE3 in the unkeyed mode; the 32 new bytes of its usual output. */
  readonly blake3: (data: Uint8Array) => Uint8Array;
};
