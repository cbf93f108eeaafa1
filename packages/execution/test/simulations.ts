import type { SimulatedBlockRequest, UnsignedTransaction } from '@lucerna/protocol';
import { confirmedState, StateCommitter } from '@lucerna/state';
import { DiffLayer } from '@lucerna/storage';
import type { SimulationBase } from '../src/simulate-blocks.ts';
import { CHAIN_ID, RULES, type TestChain } from './support.ts';

export type SimulatedCall = SimulatedBlockRequest['calls'][number];

/** The head of the chain as the base of a simulation. */
export function baseOf(chain: TestChain): SimulationBase {
  const layer = new DiffLayer(chain.store);
  const committer = new StateCommitter();
  let parentRoot = chain.head.header.stateRoot;
  return {
    state: confirmedState(layer, () => parentRoot),
    commit: (diff) => {
      const options = { parentRoot, height: 1, history: false };
      const { stateRoot, batch } = committer.commit(layer, diff, options);
      layer.publish(batch);
      parentRoot = stateRoot;
      return stateRoot;
    },
    parent: chain.head,
    chainId: CHAIN_ID,
    rulesAt: () => RULES,
    hashAt: (height) => chain.hashes[height],
  };
}

/** The call as the transaction that the simulation shows. */
export function asSent(call: SimulatedCall, nonce: bigint): UnsignedTransaction {
  const { to, gasPrice, accessList = [] } = call;
  const common = {
    chainId: CHAIN_ID,
    nonce,
    gasLimit: call.gas as bigint,
    to,
    value: call.value ?? 0n,
    data: call.data ?? new Uint8Array(0),
  };
  if (gasPrice !== undefined) {
    return accessList.length > 0
      ? { type: 1, ...common, gasPrice, accessList }
      : { type: 0, ...common, gasPrice };
  }
  const { maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = call;
  return { type: 2, ...common, maxFeePerGas, maxPriorityFeePerGas, accessList };
}
