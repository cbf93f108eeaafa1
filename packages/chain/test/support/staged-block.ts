import { equalBytes } from '@lucerna/base';
import type { ExecutedBlock } from '@lucerna/execution';
import {
  encodeReceipt,
  headerHash,
  type Log,
  logsBloom,
  mergeBlooms,
  type Receipt,
  type RecoveredTransaction,
} from '@lucerna/protocol';
import { commitDiff, listRoot, type StateDiff } from '@lucerna/state';
import type { KvStore } from '@lucerna/storage';
import type { Chain } from '../../src/chain.ts';
import { attributesOn, sourceOf } from './ledger.ts';

/** Commits a block whose transactions, transfers in truth, are said to have made these logs. */
export async function growWithLogs(
  chain: Chain,
  transactions: readonly RecoveredTransaction[],
  logs: readonly (readonly Log[])[],
): Promise<ExecutedBlock> {
  const { executed, skipped } = chain.build(attributesOn(chain), sourceOf(transactions));
  if (skipped.length > 0) throw skipped[0]!.error;
  const receipts = executed.receipts.map((receipt, index): Receipt => {
    const made = logs[index] ?? [];
    return { ...receipt, logs: made, logsBloom: logsBloom(made) };
  });
  const header = {
    ...executed.block.header,
    receiptsRoot: listRoot(receipts.map(encodeReceipt)),
    logsBloom: mergeBlooms(receipts.map((receipt) => receipt.logsBloom)),
  };
  const block = { ...executed.block, header, hash: headerHash(header) };
  const staged = { ...executed, block, receipts };
  await chain.commit(staged);
  return staged;
}

/** Commits an empty block that is said to have changed the state like this. `store` is the chain's. */
export async function growWithDiff(
  chain: Chain,
  store: KvStore,
  diff: StateDiff,
): Promise<ExecutedBlock> {
  // Only what is flushed is in the store, and the diff applies to all of it.
  await chain.flush();
  const { executed } = chain.build(attributesOn(chain), sourceOf([]));
  const parentRoot = chain.head().header.stateRoot;
  if (!equalBytes(executed.block.header.stateRoot, parentRoot)) throw new Error('not empty');
  const { height } = executed.block.header;
  const committed = commitDiff(store, diff, { parentRoot, height, history: true });
  const header = { ...executed.block.header, stateRoot: committed.stateRoot };
  const block = { ...executed.block, header, hash: headerHash(header) };
  const staged = { ...executed, block, diff: committed.diff, batch: committed.batch };
  await chain.commit(staged);
  return staged;
}
