import type { NodeApi } from '@lucerna/api';
import { equalBytes, present, turnTaker } from '@lucerna/base';
import { type Chain, chainErrors } from '@lucerna/chain';
import { traceBlock, traceCall, traceTransactionAt } from '@lucerna/execution';
import type { BlockView, TransactionTrace } from '@lucerna/protocol';
import { nodeLimits } from './limits.ts';
import type { LocalApiParts } from './local-api-parts.ts';
import { contextOf, type StatePoints } from './state-points.ts';

/** What is run once more to see how it ran. */
export type Traces = Pick<NodeApi, 'traceBlock' | 'traceCall' | 'traceTransaction'>;

/** Runs transactions of the chain again, each on the state that it had. */
export function traces(parts: LocalApiParts, points: StatePoints): Traces {
  const { chain, clock } = parts;
  return {
    traceTransaction: async (hash, options): Promise<TransactionTrace | undefined> => {
      const position = chain.findTransaction(hash);
      const view = position && (await chain.block(position.height));
      // While the block was read, another one may have taken its place.
      const index = view === undefined ? -1 : indexOf(view, hash);
      if (view === undefined || index < 0) return undefined;
      const { header, transactions } = view.block;
      const state = chain.state(header.height - 1);
      return traceTransactionAt(state, contextOf(parts, view.block), transactions, index, options);
    },
    traceBlock: async (height, options): Promise<readonly TransactionTrace[]> => {
      const { block } = present(await chain.block(height), 'the height is one of the chain');
      const { transactions } = block;
      if (transactions.length === 0) return [];
      const takeTurn = turnTaker(clock, nodeLimits.values.queryTurnMs);
      const traced: TransactionTrace[] = [];
      const state = chain.state(height - 1);
      for (const trace of traceBlock(state, contextOf(parts, block), transactions, options)) {
        traced.push(trace);
        await takeTurn();
        checkUnchanged(chain, block);
      }
      return traced;
    },
    traceCall: (request, at, overrides, options) => {
      const { state, context } = points.circumstances(at, overrides);
      return traceCall(state, context, request, options);
    },
  };
}

/** While others had their turn, the block may have gone, or the state before it. */
function checkUnchanged(chain: Chain, { hash, header }: BlockView['block']): void {
  if (chain.heightOf(hash) === undefined) throw chainErrors.create('CHAIN_REORGANISED');
  chain.state(header.height - 1);
}

function indexOf({ block }: BlockView, hash: Uint8Array): number {
  return block.transactions.findIndex((transaction) => equalBytes(transaction.hash, hash));
}
