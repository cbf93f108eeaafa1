import { assert, isErrorOf, type LucernaError, toHex } from '@lucerna/base';
import { protocolErrors, type RecoveredTransaction, validateTransaction } from '@lucerna/protocol';
import type { StateJournal } from '@lucerna/state';
import { applyTransaction, checkFees, hasCode } from './apply.ts';
import type { BlockContext } from './context.ts';
import { executionErrors } from './errors.ts';
import type { TransactionOutcome } from './outcome.ts';
import type { TransactionWatch } from './transaction-watch.ts';

/**
 * Executes `recovered` as the next transaction of the block: Ethereum's rules as of Paris, see the
 * README for what this chain leaves out. An error means that it cannot be included, and `journal`
 * is then as it was; a transaction that was included and failed has an outcome with status 0.
 *
 * @param gasAvailable what the block's transactions so far have left of its gas limit
 * @throws `TX_*` of `validateTransaction`, `TX_NONCE_TOO_LOW`, `TX_NONCE_TOO_HIGH`,
 *   `SENDER_HAS_CODE`, `TX_FEE_CAP_TOO_LOW`, `TX_INSUFFICIENT_FUNDS`, `TX_GAS_LEFT`,
 *   `TX_BALANCE_OVERFLOW`, `BLOCK_HASH_MISSING`
 */
export function executeTransaction(
  journal: StateJournal,
  context: BlockContext,
  recovered: RecoveredTransaction,
  gasAvailable: bigint,
  watch?: TransactionWatch,
): TransactionOutcome {
  assert(gasAvailable >= 0n, 'a block does not use more gas than its limit');
  assert(gasAvailable <= context.gasLimit, 'a block has no more gas than its limit');
  const { transaction, sender } = recovered;
  validateTransaction(transaction, {
    chainId: context.chainId,
    rules: context.rules,
    blockGasLimit: context.gasLimit,
  });
  checkNonce(journal.nonce(sender), transaction.nonce);
  // Who sends for an account without its key may send for a contract as well.
  if (recovered.unsigned !== true && hasCode(journal, sender)) {
    throw executionErrors.create('SENDER_HAS_CODE', `address ${toHex(sender)}`);
  }
  checkFees(journal, context, sender, transaction);
  if (transaction.gasLimit > gasAvailable) {
    throw executionErrors.create('TX_GAS_LEFT', undefined, {
      gasLimit: transaction.gasLimit,
      gasAvailable,
    });
  }
  return applyTransaction(journal, context, sender, transaction, watch);
}

/** @throws `TX_NONCE_TOO_LOW`, `TX_NONCE_TOO_HIGH` */
export function checkNonce(stateNonce: bigint, nonce: bigint): void {
  if (nonce === stateNonce) return;
  const code = nonce < stateNonce ? 'TX_NONCE_TOO_LOW' : 'TX_NONCE_TOO_HIGH';
  throw protocolErrors.create(code, `tx: ${nonce} state: ${stateNonce}`, { nonce, stateNonce });
}

/**
 * True for the errors that say something of the transaction. Any other one, also a coded one such
 * as a damaged state, is not the transaction's fault and must not be held against it.
 */
export function isRefusal(error: unknown): error is LucernaError {
  return isErrorOf(error, executionErrors, protocolErrors);
}
