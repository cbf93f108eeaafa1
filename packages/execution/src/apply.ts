import { assert, equalBytes, isLucernaError } from '@lucerna/base';
import { EMPTY_KECCAK } from '@lucerna/crypto';
import {
  createAddress,
  effectiveGasPrice,
  effectiveTip,
  intrinsicGas,
  maxCost,
  maxFeePerGas,
  protocolErrors,
  type Rules,
  type UnsignedTransaction,
} from '@lucerna/protocol';
import type { StateJournal } from '@lucerna/state';
import type { BlockContext } from './context.ts';
import { executionErrors } from './errors.ts';
import { runFrame } from './frame.ts';
import type { TransactionOutcome } from './outcome.ts';
import { TransactionScope } from './transaction-scope.ts';
import type { TransactionWatch } from './transaction-watch.ts';

/**
 * Checks that the block's base fee and the sender's balance allow the transaction: the balance must
 * cover gas limit · fee cap + value, although less will be paid.
 *
 * @throws `TX_FEE_CAP_TOO_LOW`, `TX_INSUFFICIENT_FUNDS`
 */
export function checkFees(
  journal: StateJournal,
  context: Pick<BlockContext, 'baseFeePerGas'>,
  sender: Uint8Array,
  tx: UnsignedTransaction,
): void {
  const cap = maxFeePerGas(tx);
  const { baseFeePerGas } = context;
  if (cap < baseFeePerGas) {
    throw protocolErrors.create(
      'TX_FEE_CAP_TOO_LOW',
      `maxFeePerGas: ${cap}, baseFee: ${baseFeePerGas}`,
      { maxFeePerGas: cap, baseFeePerGas },
    );
  }
  const balance = journal.balance(sender);
  const required = maxCost(tx);
  if (balance < required) {
    throw protocolErrors.create('TX_INSUFFICIENT_FUNDS', `have ${balance} want ${required}`, {
      balance,
      required,
    });
  }
}

/**
 * Executes a transaction that may be included: buys the gas, runs it, returns what it left of the
 * gas, pays the tip, burns the base fee and deletes what it left empty (EIP-161, EIP-1559). `watch` is
 * told on the way.
 *
 * @throws `TX_BALANCE_OVERFLOW` when what is given back, or the tip, does not fit a balance;
 *   `BLOCK_HASH_MISSING`; after any error `journal` is as it was
 */
export function applyTransaction(
  journal: StateJournal,
  context: BlockContext,
  sender: Uint8Array,
  tx: UnsignedTransaction,
  watch: TransactionWatch = {},
): TransactionOutcome {
  const checkpoint = journal.checkpoint();
  try {
    return payAndRun(journal, context, sender, tx, watch);
  } catch (error) {
    journal.revertTo(checkpoint);
    journal.endTransaction();
    if (!isLucernaError(error, 'BALANCE_OVERFLOW')) throw error;
    throw executionErrors.create('TX_BALANCE_OVERFLOW', undefined, error.fields, error);
  }
}

function payAndRun(
  journal: StateJournal,
  context: BlockContext,
  sender: Uint8Array,
  tx: UnsignedTransaction,
  watch: TransactionWatch,
): TransactionOutcome {
  const price = effectiveGasPrice(tx, context.baseFeePerGas);
  const tip = effectiveTip(tx, context.baseFeePerGas);
  assert(tip >= 0n, 'the fee cap covers the base fee');
  const deposit = tx.gasLimit * price;
  journal.subtractBalance(sender, deposit);
  journal.setNonce(sender, tx.nonce + 1n);

  const outcome = run(journal, context, sender, tx, watch);

  assert(outcome.gasUsed <= tx.gasLimit, 'a transaction uses no more gas than it bought');
  journal.addBalance(sender, deposit - outcome.gasUsed * price);
  // A tip of zero creates no coinbase, but touches it: an empty account does not stay.
  journal.addBalance(context.coinbase, outcome.gasUsed * tip);
  journal.endTransaction();
  return outcome;
}

/** The frame of a transaction: there is none around it. */
const OUTERMOST = { depth: 1, isStatic: false, isReentrant: false, active: [] } as const;

/** The effect of the transaction between the purchase of its gas and the return of what is left. */
function run(
  journal: StateJournal,
  context: BlockContext,
  sender: Uint8Array,
  tx: UnsignedTransaction,
  { tracer, access }: TransactionWatch,
): TransactionOutcome {
  const { rules } = context;
  const isCreation = tx.to === null;
  const to = tx.to ?? createAddress(sender, tx.nonce);
  const accessList = tx.type === 0 ? [] : tx.accessList;
  const scope = new TransactionScope(rules, [sender, to], accessList, access);
  const gasPrice = effectiveGasPrice(tx, context.baseFeePerGas);
  const frame = runFrame(
    { ...OUTERMOST, journal, context, scope, tracer, origin: sender, gasPrice },
    {
      kind: isCreation ? 'create' : 'call',
      sender,
      to,
      codeOf: undefined,
      value: tx.value,
      data: tx.data,
      gas: tx.gasLimit - intrinsicGas(tx, rules),
    },
  );
  const spent = tx.gasLimit - frame.gasLeft;
  const refund = cappedRefund(frame.refund, spent, rules);
  const { status, returnData, error } = frame;
  return {
    status,
    gasUsed: spent - refund,
    refund,
    logs: status === 1 ? scope.logs : [],
    returnData,
    contractAddress: isCreation ? to : undefined,
    participants: scope.participants,
    error,
    statistics: scope.statistics,
  };
}

/** Some part of the gas that was spent, at most (EIP-3529). */
function cappedRefund(refund: bigint, spent: bigint, { refundQuotient }: Rules): bigint {
  // Rules under which a changed slot costs less than a read would make it negative.
  if (refund < 0n) return 0n;
  const cap = spent / refundQuotient;
  return refund < cap ? refund : cap;
}

/** True for a contract. */
export function hasCode(journal: StateJournal, address: Uint8Array): boolean {
  return !equalBytes(journal.codeHash(address), EMPTY_KECCAK);
}
