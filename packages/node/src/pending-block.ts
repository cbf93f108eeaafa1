import { toHexKey } from '@lucerna/base';
import type { Chain } from '@lucerna/chain';
import { type BlockAttributes, type ExecutedBlock, stateAfter } from '@lucerna/execution';
import type { LocalApiParts } from './local-api-parts.ts';

/** The block that would follow the head if it were made now, and the state after it. */
export type PendingBlock = {
  readonly executed: ExecutedBlock;
  readonly state: ReturnType<Chain['state']>;
};

/**
 * What gives the pending block, and builds it anew only when something that goes into it is new. To be
 * used before anything else can run: the state changes with the chain's.
 */
export function createPendingBlocks({ chain, pool, sealer }: LocalApiParts): () => PendingBlock {
  let last: { readonly made: readonly unknown[]; readonly pending: PendingBlock } | undefined;
  chain.onPatch(() => {
    last = undefined;
  });
  return () => {
    const attributes = sealer.attributes();
    const made = [chain.head(), pool.version, ...parameters(attributes)];
    if (last === undefined || made.some((part, index) => part !== last?.made[index])) {
      const executed = chain.draft(attributes, pool.source());
      last = { made, pending: { executed, state: stateAfter(chain.state(), executed.diff) } };
    }
    return last.pending;
  };
}

/** The attributes as values that can be compared. */
function parameters(attributes: BlockAttributes): readonly unknown[] {
  const { timestamp, coinbase, gasLimit, mixHash, lifted, baseFeePerGas } = attributes;
  return [timestamp, toHexKey(coinbase), gasLimit, toHexKey(mixHash), lifted, baseFeePerGas];
}
