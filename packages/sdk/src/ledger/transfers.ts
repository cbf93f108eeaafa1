import type { NodeApi } from '@lucerna/api';
import { type Hex, LruCache, toHex, toHexKey } from '@lucerna/base';
import {
  type BlockView,
  type CallTrace,
  intrinsicGas,
  type Rules,
  type TransactionTrace,
} from '@lucerna/protocol';
import { addressText } from '../contract-values.ts';
import { sdkLimits } from '../limits.ts';
import type { WatchSource } from './watch.ts';

/** Coins that went from one account to another. */
export type LedgerTransfer = {
  readonly from: Hex;
  readonly to: Hex;
  /** Wei. */
  readonly value: bigint;
  /** Whether the sender of the transaction sent them, or a contract that it led to. */
  readonly by: 'sender' | 'contract';
  readonly transactionHash: Hex;
  readonly height: number;
  readonly blockHash: Hex;
};

type Parts = {
  readonly api: NodeApi;
  readonly rulesAt: (height: number) => Rules;
};

/**
 * The transfers of blocks, those by contracts too: for these a block is executed once more, on the state
 * before it.
 */
export function transferSource(
  parts: Parts,
  isWanted: (transfer: LedgerTransfer) => boolean,
): WatchSource<LedgerTransfer> {
  const told = new LruCache<string, readonly LedgerTransfer[]>(sdkLimits.values.ledgerToldBlocks);
  return {
    added: async (view): Promise<readonly LedgerTransfer[]> => {
      const transfers = (await transfersOf(parts, view)).filter(isWanted);
      told.set(toHexKey(view.block.hash), transfers);
      return transfers;
    },
    // What a block did that is gone cannot be seen any more: what was told of it is taken back.
    removed: (view) => told.get(toHexKey(view.block.hash)) ?? [],
  };
}

async function transfersOf(parts: Parts, view: BlockView): Promise<readonly LedgerTransfer[]> {
  const { header, hash, transactions } = view.block;
  const rules = parts.rulesAt(header.height);
  const isPlain = transactions.every(({ transaction }, index) => {
    const receipt = view.receipts[index];
    const before = view.receipts[index - 1]?.cumulativeGasUsed ?? 0n;
    const gasUsed = (receipt?.cumulativeGasUsed ?? 0n) - before;
    return receipt?.status === 1 && gasUsed === intrinsicGas(transaction, rules);
  });
  const place = { height: header.height, blockHash: toHex(hash) };
  if (isPlain) {
    return transactions.flatMap(({ transaction, sender, hash: transactionHash }) =>
      transaction.to === null || transaction.value === 0n
        ? []
        : [
            {
              from: addressText(sender),
              to: addressText(transaction.to),
              value: transaction.value,
              by: 'sender' as const,
              transactionHash: toHex(transactionHash),
              ...place,
            },
          ],
    );
  }
  const traces = await tracesOf(parts.api, view);
  return traces.flatMap(({ calls }, index) => {
    const transaction = transactions[index];
    if (transaction === undefined) return [];
    const transactionHash = toHex(transaction.hash);
    return movesIn(calls, 'sender').map((move) => ({ ...move, transactionHash, ...place }));
  });
}

/** None for a block that made way for another one meanwhile: nothing will be told of it. */
async function tracesOf(api: NodeApi, { block }: BlockView): Promise<readonly TransactionTrace[]> {
  const isThere = (): boolean => api.heightOf(block.hash) !== undefined;
  if (!isThere()) return [];
  const traces = await api.traceBlock(block.header.height, {});
  return isThere() ? traces : [];
}

type Move = Pick<LedgerTransfer, 'by' | 'from' | 'to' | 'value'>;

/** What a frame and those within it have moved, in order; nothing of what was taken back. */
function movesIn(frame: CallTrace, by: LedgerTransfer['by']): readonly Move[] {
  if (frame.error !== undefined || frame.isTakenBack === true) return [];
  const { kind, from, to, value } = frame;
  const isMove = value > 0n && kind !== 'static' && kind !== 'delegate';
  const own = isMove ? [{ from: addressText(from), to: addressText(to), value, by }] : [];
  return [...own, ...frame.calls.flatMap((call) => movesIn(call, 'contract'))];
}
