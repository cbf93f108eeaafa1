import { defineErrors, type ErrorRegistry } from '@lucerna/base';

/** Codes of the crypto package. */
export const cryptoErrors: ErrorRegistry<
  | 'KEY_INVALID'
  | 'PUBLIC_KEY_INVALID'
  | 'DIGEST_INVALID'
  | 'SIGNATURE_INVALID'
  | 'MERKLE_TREE_TOO_LARGE'
  | 'MERKLE_INDEX_INVALID'
  | 'MNEMONIC_INVALID'
  | 'DERIVATION_PATH_INVALID'
  | 'ENTROPY_INVALID'
  | 'KEYSTORE_INVALID'
  | 'KEYSTORE_PASSWORD_WRONG'
  | 'KEYSTORE_UNSUPPORTED'
  | 'SEED_INVALID'
> = defineErrors('crypto', {
  KEY_INVALID: {
    summary: 'The private key is not valid for secp256k1',
    remedy: 'Use 32 bytes whose value is between 1 and the order of the curve minus 1.',
  },
  PUBLIC_KEY_INVALID: {
    summary: 'The public key does not have the form that is needed',
    remedy:
      'Use 65 bytes (0x04, x, y) for secp256k1, which decodePublicKey makes of 33; 32 bytes for ed25519.',
  },
  DIGEST_INVALID: {
    summary: 'The digest is not 32 bytes long',
    remedy: 'Hash the message first, for instance with keccak256.',
  },
  SIGNATURE_INVALID: {
    summary: 'The signature is not valid for any key',
    remedy:
      'Check that r and s were not cut, padded or swapped, and that the recovery id is 0 or 1.',
  },
  MERKLE_TREE_TOO_LARGE: {
    summary: 'The Merkle tree would have too many leaves',
    remedy: 'Split the list, or put the roots of parts into one tree.',
  },
  MERKLE_INDEX_INVALID: {
    summary: 'The Merkle tree has no leaf at the index',
    remedy: 'Use an index from 0 up to the number of leaves minus 1.',
  },
  MNEMONIC_INVALID: {
    summary: 'The mnemonic is not one of BIP-39 in English',
    remedy: 'Give 12, 15, 18, 21 or 24 words of the list; the last one has a checksum in it.',
  },
  DERIVATION_PATH_INVALID: {
    summary: 'The derivation path is not one of BIP-32',
    remedy: "Write it like m/44'/60'/0'/0, with numbers below 2147483648.",
  },
  ENTROPY_INVALID: {
    summary: 'The entropy of a mnemonic has a wrong length',
    remedy: 'Give 16, 20, 24, 28 or 32 random bytes: they become 12 to 24 words.',
  },
  KEYSTORE_INVALID: {
    summary: 'The keystore is not one of version 3',
    remedy: 'The file was cut or changed: restore it from a copy.',
  },
  KEYSTORE_PASSWORD_WRONG: {
    summary: 'The password does not open the keystore',
    remedy:
      'Try the password again, also without a line end; if it is right, the file was changed.',
  },
  KEYSTORE_UNSUPPORTED: {
    summary: 'The keystore needs something that is not supported',
    remedy: 'Write it anew with scrypt or pbkdf2, aes-128-ctr and ordinary costs.',
  },
  SEED_INVALID: {
    summary: 'The seed has a wrong length',
    remedy: 'Give 16 to 64 bytes, as BIP-32 wants.',
  },
});
