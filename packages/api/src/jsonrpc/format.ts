import { assert, present, toHex, toQuantity } from '@lucerna/base';
import {
  type BlockView,
  blockSize,
  createAddress,
  effectiveGasPrice,
  headerToJson,
  type JsonObject,
  type LogView,
  logToJson,
  type Receipt,
  type RecoveredBlock,
  type RecoveredTransaction,
  receiptToJson,
  transactionToJson,
} from '@lucerna/protocol';

/**
 * A block as `eth_getBlockBy…` answers it, with the hashes of its transactions or with all of them.
 * In a pending block the transactions themselves still count as pending.
 */
export function formatBlock(
  block: RecoveredBlock,
  options: { readonly full: boolean; readonly pending: boolean },
): JsonObject {
  const { header, hash, transactions } = block;
  const format = (transaction: RecoveredTransaction, index: number): JsonObject =>
    options.pending
      ? formatPendingTransaction(transaction)
      : formatMinedTransaction(block, transaction, index);
  return {
    ...headerToJson(header, hash),
    size: toQuantity(blockSize(block)),
    transactions: options.full
      ? transactions.map(format)
      : transactions.map((transaction) => toHex(transaction.hash)),
    uncles: [],
  };
}

/** The transaction at `index` of a block; undefined when the block has fewer. */
export function formatTransactionAt(
  block: RecoveredBlock,
  index: number,
  options: { readonly pending: boolean },
): JsonObject | undefined {
  const transaction = block.transactions[index];
  if (transaction === undefined) return undefined;
  return options.pending
    ? formatPendingTransaction(transaction)
    : formatMinedTransaction(block, transaction, index);
}

/** A transaction in a block: its gas price is what it paid for one unit of gas. */
function formatMinedTransaction(
  { header, hash }: RecoveredBlock,
  recovered: RecoveredTransaction,
  index: number,
): JsonObject {
  return {
    ...transactionToJson(recovered),
    gasPrice: toQuantity(effectiveGasPrice(recovered.transaction, header.baseFeePerGas)),
    blockHash: toHex(hash),
    blockNumber: toQuantity(header.height),
    blockTimestamp: toQuantity(header.timestamp),
    transactionIndex: toQuantity(index),
  };
}

/** A transaction that is in no block; its gas price is the most that it would pay. */
export function formatPendingTransaction(recovered: RecoveredTransaction): JsonObject {
  return {
    ...transactionToJson(recovered),
    blockHash: null,
    blockNumber: null,
    blockTimestamp: null,
    transactionIndex: null,
  };
}

/** All receipts of a block. */
export function formatReceipts(view: BlockView): readonly JsonObject[] {
  let firstLogIndex = 0;
  return view.receipts.map((receipt, index) => {
    const formatted = formatReceipt(view, index, firstLogIndex);
    firstLogIndex += receipt.logs.length;
    return formatted;
  });
}

/** The receipt at `index`, which the block has. */
export function formatReceiptAt(view: BlockView, index: number): JsonObject {
  let firstLogIndex = 0;
  for (const receipt of view.receipts.slice(0, index)) firstLogIndex += receipt.logs.length;
  return formatReceipt(view, index, firstLogIndex);
}

/** Gas of the transaction at `index` alone: receipts hold the sum up to and including theirs. */
export function gasUsedBy(receipts: readonly Receipt[], index: number): bigint {
  const { cumulativeGasUsed } = present(receipts[index], 'a receipt for every transaction');
  const before = receipts[index - 1]?.cumulativeGasUsed ?? 0n;
  assert(cumulativeGasUsed >= before, 'cumulative gas does not decrease');
  return cumulativeGasUsed - before;
}

// The published schema closes receipts and logs: no field may be added here.
function formatReceipt(view: BlockView, index: number, firstLogIndex: number): JsonObject {
  const { header, transactions } = view.block;
  const receipt = present(view.receipts[index], 'a receipt for every transaction');
  const recovered = present(transactions[index], 'a transaction for every receipt');
  const { transaction, sender } = recovered;
  assert(receipt.type === transaction.type, 'a receipt has the type of its transaction');
  const created = transaction.to === null ? createAddress(sender, transaction.nonce) : undefined;
  return {
    ...receiptToJson(receipt),
    transactionHash: toHex(recovered.hash),
    transactionIndex: toQuantity(index),
    blockHash: toHex(view.block.hash),
    blockNumber: toQuantity(header.height),
    from: toHex(sender),
    to: transaction.to === null ? null : toHex(transaction.to),
    contractAddress: created === undefined ? null : toHex(created),
    gasUsed: toQuantity(gasUsedBy(view.receipts, index)),
    effectiveGasPrice: toQuantity(effectiveGasPrice(transaction, header.baseFeePerGas)),
    logs: receipt.logs.map((log, position) =>
      formatLog({
        log,
        blockHash: view.block.hash,
        height: header.height,
        timestamp: header.timestamp,
        transactionHash: recovered.hash,
        transactionIndex: index,
        logIndex: firstLogIndex + position,
      }),
    ),
  };
}

/** A log as receipts and `eth_getLogs` answer it; `removed` when its block is no longer in the chain. */
export function formatLog(view: LogView, removed = false): JsonObject {
  return {
    ...logToJson(view.log),
    transactionHash: toHex(view.transactionHash),
    transactionIndex: toQuantity(view.transactionIndex),
    blockHash: toHex(view.blockHash),
    blockNumber: toQuantity(view.height),
    blockTimestamp: toQuantity(view.timestamp),
    logIndex: toQuantity(view.logIndex),
    removed,
  };
}
