import { createBlockFromRPC, type JSONRPCBlock } from '@ethereumjs/block';
import type { Common } from '@ethereumjs/common';
import { toHex } from '@lucerna/base';
import { parisRules } from './ethereumjs-chain.ts';
import { rpcClient } from './json-rpc.ts';
import type { RpcBlock, RpcTransaction } from './rpc-types.ts';

/** What a client can compute of a block from its fields. */
type Recomputed = Pick<RpcBlock, 'hash' | 'transactionsRoot'> & {
  readonly transactions: readonly Pick<RpcTransaction, 'hash' | 'from'>[];
};

/** Counts, so that a test can see that there was something to check. */
export type RecomputedCounts = { readonly blocks: number; readonly transactions: number };

/**
 * Asks the node for every block and computes hashes, transaction root and senders anew with
 * @ethereumjs/block and @ethereumjs/tx.
 *
 * @throws at the first value that differs
 */
export async function recomputeAllHashes(endpoint: string): Promise<RecomputedCounts> {
  const rpc = rpcClient(endpoint);
  const rules = parisRules(BigInt(await rpc.call<string>('eth_chainId')));
  const head = Number(await rpc.call<string>('eth_blockNumber'));
  let transactions = 0;
  for (let height = 0; height <= head; height += 1) {
    const block = await rpc.call<RpcBlock>(
      'eth_getBlockByNumber',
      `0x${height.toString(16)}`,
      true,
    );
    const answered = answeredValues(block);
    const computed = await computeValues(block, rules);
    if (JSON.stringify(answered) !== JSON.stringify(computed)) {
      throw new Error(
        `block ${height}: answered ${JSON.stringify(answered)}, computed ${JSON.stringify(computed)}`,
      );
    }
    transactions += block.transactions.length;
  }
  return { blocks: head + 1, transactions };
}

function answeredValues(block: RpcBlock): Recomputed {
  return {
    hash: block.hash,
    transactionsRoot: block.transactionsRoot,
    transactions: block.transactions.map((entry) => {
      const { hash, from } = entry as RpcTransaction;
      return { hash, from: from.toLowerCase() as RpcTransaction['from'] };
    }),
  };
}

async function computeValues(block: RpcBlock, common: Common): Promise<Recomputed> {
  const parsed = createBlockFromRPC(block as unknown as JSONRPCBlock, [], { common });
  return {
    hash: toHex(parsed.hash()),
    transactionsRoot: toHex(await parsed.genTxTrie()),
    transactions: parsed.transactions.map((transaction) => ({
      hash: toHex(transaction.hash()),
      from: transaction.getSenderAddress().toString(),
    })),
  };
}
