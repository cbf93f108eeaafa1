import { toHex, toHexKey } from '@lucerna/base';
import type { SignatureEngine } from '@lucerna/crypto';
import {
  encodeTransaction,
  publicKeyToAddress,
  signTransaction,
  type UnsignedTransaction,
} from '@lucerna/protocol';
import { nodeErrors } from './errors.ts';

/** The accounts that a node signs for. */
export type Keyring = {
  /** Addresses in the order in which their keys were given. */
  readonly addresses: readonly Uint8Array[];
  /** The raw signed transaction. @throws `ACCOUNT_UNKNOWN` for an address without a key */
  readonly sign: (address: Uint8Array, transaction: UnsignedTransaction) => Uint8Array;
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
  return {
    addresses,
    sign: (address, transaction): Uint8Array => {
      const privateKey = keys.get(toHexKey(address));
      if (privateKey === undefined) {
        throw nodeErrors.create('ACCOUNT_UNKNOWN', toHex(address), { address: toHex(address) });
      }
      return encodeTransaction(signTransaction(transaction, privateKey, signatures));
    },
  };
}
