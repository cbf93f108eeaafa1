import { assert, EMPTY_BYTES, equalBytes } from '@lucerna/base';
import { EMPTY_KECCAK } from '@lucerna/crypto';
import {
  createAddress,
  effectiveGasPrice,
  effectiveTip,
  intrinsicGas,
  maxCost,
  maxFeePerGas,
  type UnsignedTransaction,
} from '@lucerna/protocol';
import type { StateJournal } from '@lucerna/state';
import type { BlockContext } from './context.ts';
import { executionErrors } from './errors.ts';
import type { TransactionOutcome } from './outcome.ts';

/** What of the block a transaction's fee and effect depend on. */
export type ApplyContext = Pick<BlockContext, 'baseFeePerGas' | 'coinbase' | 'rules'>;

/**
 * Checks that the block's base fee and the sender's balance allow the transaction: the balance must
 * cover gas limit · fee cap + value, although less will be paid.
 *
 * @throws `TX_FEE_CAP_TOO_LOW`, `TX_INSUFFICIENT_FUNDS`
 */
export function checkFees(
  journal: StateJournal,
  context: ApplyContext,
  sender: Uint8Array,
  tx: UnsignedTransaction,
): void {
  const cap = maxFeePerGas(tx);
  const { baseFeePerGas } = context;
  if (cap < baseFeePerGas) {
    throw executionErrors.create(
      'TX_FEE_CAP_TOO_LOW',
      `maxFeePerGas: ${cap}, baseFee: ${baseFeePerGas}`,
      { maxFeePerGas: cap, baseFeePerGas },
    );
  }
  const balance = journal.balance(sender);
  const required = maxCost(tx);
  if (balance < required) {
    throw executionErrors.create('TX_INSUFFICIENT_FUNDS', `have ${balance} want ${required}`, {
      balance,
      required,
    });
  }
}

/**
 * Executes a transaction that may be included: buys the gas, runs it, returns what it left of the
 * gas, pays the tip, burns the base fee and deletes what it left empty (EIP-161, EIP-1559).
 */
export function applyTransaction(
  journal: StateJournal,
  context: ApplyContext,
  sender: Uint8Array,
  tx: UnsignedTransaction,
): TransactionOutcome {
  const price = effectiveGasPrice(tx, context.baseFeePerGas);
  const tip = effectiveTip(tx, context.baseFeePerGas);
  assert(tip >= 0n, 'the fee cap covers the base fee');
  const deposit = tx.gasLimit * price;
  journal.subtractBalance(sender, deposit);
  journal.setNonce(sender, tx.nonce + 1n);

  const outcome = run(journal, context, sender, tx);

  assert(outcome.gasUsed <= tx.gasLimit, 'a transaction uses no more gas than it bought');
  journal.addBalance(sender, deposit - outcome.gasUsed * price);
  // A tip of zero creates no coinbase, but touches it: an empty account does not stay.
  journal.addBalance(context.coinbase, outcome.gasUsed * tip);
  journal.endTransaction();
  return outcome;
}

/** The effect of the transaction between the purchase of its gas and the refund. */
function run(
  journal: StateJournal,
  context: ApplyContext,
  sender: Uint8Array,
  tx: UnsignedTransaction,
): TransactionOutcome {
  const nothing = { logs: [], returnData: EMPTY_BYTES, contractAddress: undefined };
  if (tx.to === null || hasCode(journal, tx.to)) {
    // An exceptional failure: all the gas is gone, nothing else has changed.
    return {
      ...nothing,
      status: 0,
      gasUsed: tx.gasLimit,
      contractAddress: tx.to === null ? createAddress(sender, tx.nonce) : undefined,
      error: executionErrors.create('ENGINE_MISSING'),
    };
  }
  journal.transfer(sender, tx.to, tx.value);
  const gasUsed = intrinsicGas(tx, context.rules);
  return { ...nothing, status: 1, gasUsed, error: undefined };
}

/** True for a contract. */
export function hasCode(journal: StateJournal, address: Uint8Array): boolean {
  return !equalBytes(journal.codeHash(address), EMPTY_KECCAK);
}
