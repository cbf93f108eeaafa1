import { toHex, toHexKey } from '@lucerna/base';
import type { RecoverableSignature, SignatureEngine } from '@lucerna/crypto';
import {
  encodeTransaction,
  publicKeyToAddress,
  type RecoveredTransaction,
  signTransaction,
  transactionHash,
  type UnsignedTransaction,
} from '@lucerna/protocol';
import { nodeErrors } from './errors.ts';

/** The accounts that a node signs for. */
export type Keyring = {
  /** Addresses in the order in which their keys were given. */
  readonly addresses: readonly Uint8Array[];
  readonly has: (address: Uint8Array) => boolean;
  /** @throws `ACCOUNT_UNKNOWN` for an address without a key */
  readonly check: (address: Uint8Array) => void;
  /** The signed transaction. @throws `ACCOUNT_UNKNOWN` for an address without a key */
  readonly sign: (address: Uint8Array, transaction: UnsignedTransaction) => RecoveredTransaction;
  /** Signs 32 bytes. @throws `ACCOUNT_UNKNOWN` for an address without a key */
  readonly signDigest: (address: Uint8Array, digest: Uint8Array) => RecoverableSignature;
};

/** A keyring over `privateKeys` of 32 bytes each. */
export function createKeyring(
  privateKeys: readonly Uint8Array[],
  signatures: SignatureEngine,
): Keyring {
  const keys = new Map<string, Uint8Array>();
  const addresses = privateKeys.map((privateKey) => {
    const address = publicKeyToAddress(signatures.publicKey(privateKey));
    keys.set(toHexKey(address), privateKey);
    return address;
  });
  const keyOf = (address: Uint8Array): Uint8Array => {
    const privateKey = keys.get(toHexKey(address));
    if (privateKey !== undefined) return privateKey;
    throw nodeErrors.create('ACCOUNT_UNKNOWN', toHex(address), { address: toHex(address) });
  };
  return {
    addresses,
    has: (address) => keys.has(toHexKey(address)),
    check: (address): void => {
      keyOf(address);
    },
    sign: (address, unsigned): RecoveredTransaction => {
      const transaction = signTransaction(unsigned, keyOf(address), signatures);
      const raw = encodeTransaction(transaction);
      return { transaction, raw, hash: transactionHash(raw), sender: address };
    },
    signDigest: (address, digest) => signatures.sign(digest, keyOf(address)),
  };
}
