import { equalBytes, fixedBytes } from '@lucerna/base';
import type { SignatureEngine } from '@lucerna/crypto';
import {
  ADDRESS_BYTES,
  decodeBlock,
  decodeTransaction,
  headerHash,
  protocolErrors,
  type RecoveredBlock,
  type RecoveredTransaction,
  recoverSender,
  recoverTransaction,
  unsignedTransaction,
} from '@lucerna/protocol';

/** The low bits of r, which are the sender where nobody has signed. */
const ADDRESS_END = 1n << 160n;

/**
 * Decodes a block, its transactions and their senders.
 *
 * @param unsigned positions of the transactions whose signature is a placeholder
 * @throws as `recoverBlock`; `TX_SIGNATURE_INVALID` when one of these is none
 */
export function recoverDevBlock(
  encoded: Uint8Array,
  unsigned: readonly number[],
  engine: SignatureEngine,
): RecoveredBlock {
  const { header, rawTransactions } = decodeBlock(encoded);
  const positions = new Set(unsigned);
  return {
    header,
    hash: headerHash(header),
    transactions: rawTransactions.map((raw, index) =>
      positions.has(index) ? fromPlaceholder(raw) : recoverTransaction(raw, engine),
    ),
  };
}

/** Whether the sender that is stated is the one that the bytes of the transaction name. */
export function isSender(
  { transaction, raw, sender, unsigned }: RecoveredTransaction,
  engine: SignatureEngine,
): boolean {
  if (unsigned !== true) return equalBytes(recoverSender(transaction, engine), sender);
  return equalBytes(unsignedTransaction(transaction, sender).raw, raw);
}

function fromPlaceholder(raw: Uint8Array): RecoveredTransaction {
  const transaction = decodeTransaction(raw);
  const sender = fixedBytes(transaction.signature.r % ADDRESS_END, ADDRESS_BYTES);
  const made = unsignedTransaction(transaction, sender);
  if (equalBytes(made.raw, raw)) return made;
  throw protocolErrors.create('TX_SIGNATURE_INVALID', 'not the placeholder of a sender');
}
