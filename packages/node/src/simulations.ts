import type { NodeApi, StatePoint } from '@lucerna/api';
import {
  createAccessList,
  estimateGas,
  type SimulationBase,
  simulateBlocks,
  simulateCall,
} from '@lucerna/execution';
import type { LocalApiParts } from './local-api-parts.ts';
import type { PendingBlock } from './pending-block.ts';
import type { StatePoints } from './state-points.ts';

/** What is tried out and forgotten. */
export type Simulations = Pick<
  NodeApi,
  'call' | 'createAccessList' | 'estimateGas' | 'simulateBlocks'
>;

/** Runs calls on the states of the chain. */
export function simulations(
  { chain, signatures }: LocalApiParts,
  points: StatePoints,
  pendingBlock: () => PendingBlock,
): Simulations {
  /** Tries are those of the head: on an older state there are no roots to be had. */
  const stateToChange = (at: StatePoint): Pick<SimulationBase, 'commit' | 'state'> => {
    if (at === 'pending') return chain.scratchState(pendingBlock().executed);
    if (at === chain.head().header.height) return chain.scratchState();
    return { state: points.state(at), commit: undefined };
  };
  return {
    call: (request, at, overrides) => {
      const { state, context } = points.circumstances(at, overrides);
      return simulateCall(state, context, request);
    },
    estimateGas: (request, at, overrides) => {
      const { state, context } = points.circumstances(at, overrides);
      return estimateGas(state, context, request);
    },
    createAccessList: (request, at, overrides) => {
      const { state, context } = points.circumstances(at, overrides);
      return createAccessList(state, context, request);
    },
    simulateBlocks: (blocks, at, options) => {
      const base: SimulationBase = {
        ...stateToChange(at),
        parent: points.header(at),
        chainId: chain.genesis.chainId,
        rulesAt: (height) => chain.rulesAt(height),
        hashAt: (height) => chain.header(height)?.hash,
        signatures,
      };
      return simulateBlocks(base, blocks, options);
    },
  };
}
