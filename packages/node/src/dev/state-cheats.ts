import type { DevApi } from '@lucerna/api';
import { checkCode } from '@lucerna/execution';
import { nodeErrors } from '../errors.ts';
import type { DevCore } from './core.ts';
import type { Miner } from './mining.ts';

/** One past the largest nonce. */
const NONCE_END = 2n ** 64n;

type StateCheats = Pick<DevApi, 'setBalance' | 'setCode' | 'setNonce' | 'setStorage'>;
type Edit = NonNullable<Parameters<DevCore['chain']['patch']>[0]>;

/** Changes of the state that no block makes. */
export function stateCheats(core: DevCore, miner: Miner): StateCheats {
  const patch = async (edit: Edit): Promise<void> => {
    await core.queue.run(() => {
      core.checkRunning();
      return core.chain.patch(edit, []);
    });
    await miner.drainIfPending();
  };
  return {
    setBalance: (address, wei) => patch((journal) => journal.setBalance(address, wei)),
    setNonce: async (address, nonce) => {
      if (nonce < 0n || nonce >= NONCE_END) {
        throw nodeErrors.create('NONCE_OUT_OF_RANGE', undefined, { nonce });
      }
      await patch((journal) => journal.setNonce(address, nonce));
    },
    setCode: async (address, code) => {
      const { height } = core.chain.head().header;
      checkCode(code, core.chain.rulesAt(height + 1));
      await patch((journal) => journal.setCode(address, code));
    },
    setStorage: (address, slot, word) =>
      patch((journal) => {
        // An account with nothing but storage counts as empty and goes at once (EIP-161). Contracts
        // begin with this nonce, so that does not happen to them before they have code.
        if (journal.isDead(address)) journal.setNonce(address, 1n);
        journal.setStorage(address, slot, word);
      }),
  };
}
