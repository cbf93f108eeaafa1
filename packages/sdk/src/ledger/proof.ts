import { equalBytes, fromHex, type Hex, toHex } from '@lucerna/base';
import { EMPTY_KECCAK } from '@lucerna/crypto';
import {
  type AccountProof,
  decodeHeader,
  EMPTY_TRIE_ROOT,
  encodeHeader,
  type HeaderView,
  headerHash,
  parseAddress,
} from '@lucerna/protocol';
import { stateErrors, verifyAccountProof, verifyStorageProof } from '@lucerna/state';
import { addressText } from '../contract-values.ts';
import { sdkErrors } from '../errors.ts';

/** An account and slots of it, with what proves them against a block. It can be stored as JSON. */
export type LedgerProof = {
  readonly address: Hex;
  /** Of the block. */
  readonly height: number;
  readonly blockHash: Hex;
  /** The block's header as Ethereum encodes it: it has the root of the state. */
  readonly header: Hex;
  /** Encoded nodes from the root towards the account (EIP-1186). */
  readonly accountProof: readonly Hex[];
  readonly slots: readonly { readonly slot: Hex; readonly proof: readonly Hex[] }[];
};

/** What a proof proves. */
export type ProvedAccount = {
  readonly address: Hex;
  /** False: there is no such account, which is proved as well. */
  readonly exists: boolean;
  readonly nonce: bigint;
  /** Wei. */
  readonly balance: bigint;
  readonly codeHash: Hex;
  readonly storageRoot: Hex;
  /** The words of the slots, in their order. */
  readonly slots: readonly { readonly slot: Hex; readonly word: Hex }[];
};

/** What somebody knows from elsewhere, and what the proof is checked against. */
export type TrustedRoot = { readonly blockHash: Hex } | { readonly stateRoot: Hex };

/** The 32 bytes of a slot. @throws `LEDGER_SLOT_INVALID`, `HEX_INVALID` */
export function slotBytes(slot: Hex | Uint8Array): Uint8Array {
  const bytes = typeof slot === 'string' ? fromHex(slot) : slot;
  if (bytes instanceof Uint8Array && bytes.length === 32) return bytes;
  throw sdkErrors.create('LEDGER_SLOT_INVALID');
}

/** The proof as it is given away. */
export function ledgerProof({ header, hash }: HeaderView, proof: AccountProof): LedgerProof {
  return {
    address: addressText(proof.address),
    height: header.height,
    blockHash: toHex(hash),
    header: toHex(encodeHeader(header)),
    accountProof: proof.accountProof.map(toHex),
    slots: proof.storageProofs.map((each) => ({
      slot: toHex(each.slot),
      proof: each.proof.map(toHex),
    })),
  };
}

/**
 * Checks a proof; needs no ledger. Nothing of the proof is believed but what leads to what is trusted.
 *
 * @throws `PROOF_INVALID`; `LEDGER_PROOF_FOREIGN` when it is of another block or root; `RLP_*`,
 *   `HEX_INVALID`, `ADDRESS_INVALID`, `LEDGER_SLOT_INVALID` for what is no proof
 */
export function verifyProof(proof: LedgerProof, trusted: TrustedRoot): ProvedAccount {
  if (!isProof(proof)) throw stateErrors.create('PROOF_INVALID', 'a part of it is missing');
  const header = decodeHeader(fromHex(proof.header));
  const { stateRoot } = header;
  const [known, expected] =
    'blockHash' in trusted
      ? [headerHash(header), trusted.blockHash]
      : [stateRoot, trusted.stateRoot];
  if (!equalBytes(known, fromHex(expected))) {
    throw sdkErrors.create('LEDGER_PROOF_FOREIGN', toHex(known), { trusted: expected });
  }
  const address = parseAddress(proof.address);
  const account = verifyAccountProof(stateRoot, address, proof.accountProof.map(fromHex));
  const storageRoot = account?.storageRoot ?? EMPTY_TRIE_ROOT;
  return {
    address: addressText(address),
    exists: account !== undefined,
    nonce: account?.nonce ?? 0n,
    balance: account?.balance ?? 0n,
    codeHash: toHex(account?.codeHash ?? EMPTY_KECCAK),
    storageRoot: toHex(storageRoot),
    slots: proof.slots.map(({ slot, proof: nodes }) => {
      // The path in the trie is a hash: of fewer bytes it would be that of another slot, without a word.
      const bytes = slotBytes(slot);
      const word = verifyStorageProof(storageRoot, bytes, nodes.map(fromHex));
      return { slot: toHex(bytes), word: toHex(word) };
    }),
  };
}

/** Whether all texts are there: it comes from anybody, as JSON. */
function isProof(value: unknown): boolean {
  const { address, header, accountProof, slots } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof address === 'string' &&
    typeof header === 'string' &&
    isTexts(accountProof) &&
    Array.isArray(slots) &&
    slots.every((each) => typeof each?.slot === 'string' && isTexts(each.proof))
  );
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
