import { equalBytes } from '@lucerna/base';
import type { SignatureEngine } from '@lucerna/crypto';
import { type BlockView, encodeReceipt, logsBloom, mergeBlooms } from '@lucerna/protocol';
import { listRoot } from '@lucerna/state';
import { isSender } from './unsigned.ts';

/** What of a block's body and receipts is not what its header, or a signature, says; or undefined. */
export function contentProblem(
  { block, receipts }: BlockView,
  signatures: SignatureEngine,
): string | undefined {
  const { header, transactions } = block;
  const transactionsRoot = listRoot(transactions.map(({ raw }) => raw));
  if (!equalBytes(transactionsRoot, header.transactionsRoot)) return 'transactions root';
  const receiptsRoot = listRoot(receipts.map(encodeReceipt));
  if (!equalBytes(receiptsRoot, header.receiptsRoot)) return 'receipts root';
  for (const receipt of receipts) {
    if (!equalBytes(logsBloom(receipt.logs), receipt.logsBloom)) return 'bloom of a receipt';
  }
  const bloom = mergeBlooms(receipts.map((receipt) => receipt.logsBloom));
  if (!equalBytes(bloom, header.logsBloom)) return 'logs bloom';
  if ((receipts.at(-1)?.cumulativeGasUsed ?? 0n) !== header.gasUsed) return 'gas used';
  if (!transactions.every((each) => isSender(each, signatures))) return 'sender of a transaction';
  return undefined;
}
