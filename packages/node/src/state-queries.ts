import type { AccountView, NodeApi } from '@lucerna/api';
import { turnTaker } from '@lucerna/base';
import { EMPTY_KECCAK } from '@lucerna/crypto';
import { nodeLimits } from './limits.ts';
import type { LocalApiParts } from './local-api-parts.ts';
import type { StatePoints } from './state-points.ts';

/** What is asked of accounts. */
export type StateQueries = Pick<NodeApi, 'account' | 'code' | 'prove' | 'storage'>;

/** Answers from the states of the chain. */
export function stateQueries({ chain, clock }: LocalApiParts, points: StatePoints): StateQueries {
  return {
    account: (at, address): AccountView => {
      const account = points.state(at).account(address);
      if (account === undefined) return { nonce: 0n, balance: 0n, codeHash: EMPTY_KECCAK };
      return { nonce: account.nonce, balance: account.balance, codeHash: account.codeHash };
    },
    code: (at, address): Uint8Array => {
      const state = points.state(at);
      return state.code(state.account(address)?.codeHash ?? EMPTY_KECCAK);
    },
    storage: (at, address, slot) => points.state(at).storage(address, slot),
    prove: (height, address, slots) =>
      chain.prove(height, address, slots, turnTaker(clock, nodeLimits.values.queryTurnMs)),
  };
}
