import { bytesToBigInt, toHex, toQuantity } from '@lucerna/base';
import type { AccountProof, JsonObject } from '@lucerna/protocol';
import { apiLimits } from '../../limits.ts';
import { block, LATEST, stateHeight } from '../block-parameter.ts';
import { address, type StorageKey, storageKey } from '../forms.ts';
import { defineMethod, type Method } from '../method.ts';
import { arrayOf, optional, required } from '../params.ts';

/** What the state says, for callers who check it. */
export const proofMethods: readonly Method[] = [
  defineMethod({
    name: 'eth_getProof',
    summary: 'An account and words of its storage with their Merkle proofs (EIP-1186).',
    params: [
      required('address', address, 'The account.'),
      required('slots', arrayOf(storageKey, apiLimits.values.proofSlots), 'Storage slots.'),
      optional('block', block, LATEST, 'Height, tag, hash or EIP-1898 object of the block.'),
    ],
    result: {
      name: 'proof',
      summary:
        'Proven against the state root of the block, also what does not exist. Error 4444 when too much has changed since.',
    },
    handler: async (node, account, keys, at) => {
      const slots = keys.map(({ slot }) => slot);
      return formatProof(await node.prove(stateHeight(node, at), account, slots), keys);
    },
  }),
  defineMethod({
    name: 'eth_getAccount',
    summary: 'Nonce, balance and hashes of an account as the state trie has them.',
    params: [
      required('address', address, 'The account.'),
      optional('block', block, LATEST, 'Height, tag, hash or EIP-1898 object of the block.'),
    ],
    result: { name: 'account', summary: 'Quantities and hashes. Error 4444 as for eth_getProof.' },
    handler: async (node, account, at) => {
      const proof = await node.prove(stateHeight(node, at), account, []);
      return {
        codeHash: toHex(proof.codeHash),
        storageRoot: toHex(proof.storageRoot),
        balance: toQuantity(proof.balance),
        nonce: toQuantity(proof.nonce),
      };
    },
  }),
];

function formatProof(proof: AccountProof, keys: readonly StorageKey[]): JsonObject {
  return {
    address: toHex(proof.address),
    balance: toQuantity(proof.balance),
    codeHash: toHex(proof.codeHash),
    nonce: toQuantity(proof.nonce),
    storageHash: toHex(proof.storageRoot),
    accountProof: proof.accountProof.map(toHex),
    storageProof: proof.storageProofs.map(({ slot, word, proof: nodes }, index) => ({
      // As geth does: a key comes back as 32 bytes if it was written so, else as a quantity.
      key: keys[index]?.isFull === true ? toHex(slot) : toQuantity(bytesToBigInt(slot)),
      value: toQuantity(bytesToBigInt(word)),
      proof: nodes.map(toHex),
    })),
  };
}
