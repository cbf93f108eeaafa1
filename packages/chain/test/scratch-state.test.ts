import { toHex } from '@lucerna/base';
import { StateJournal } from '@lucerna/state';
import { createMemoryFile, createMemoryStore } from '@lucerna/storage';
import { describe, expect, it } from 'vitest';
import type { Chain } from '../src/chain.ts';
import type { ScratchState } from '../src/scratch-state.ts';
import { ADDRESSES, grow, memoryDisk, openOn, testGenesis, transfer } from './support/ledger.ts';

const STRANGER = new Uint8Array(20).fill(0x77);

async function withChain(use: (chain: Chain) => Promise<void>): Promise<void> {
  const disk = memoryDisk(createMemoryFile(), createMemoryStore());
  const chain = await openOn(disk, { genesis: testGenesis() });
  await grow(chain, [transfer(0, 0, ADDRESSES[1]!, 9n)]);
  try {
    await use(chain);
  } finally {
    await chain.close();
  }
}

/** Gives a stranger so much; the root of the state then. */
function give({ state, commit }: ScratchState, wei: bigint): string {
  const journal = new StateJournal(state);
  journal.addBalance(STRANGER, wei);
  journal.endTransaction();
  return toHex(commit(journal.diff()));
}

describe('a scratch state', () => {
  it('has the roots that the chain gets by the same changes, and changes nothing', async () => {
    await withChain(async (chain) => {
      const scratch = chain.scratchState();
      const { stateRoot } = chain.head().header;
      const roots = [give(scratch, 5n), give(scratch, 6n)];
      expect(scratch.state.account(STRANGER)?.balance).toBe(11n);
      expect(chain.state().account(STRANGER)).toBeUndefined();
      expect(toHex(chain.scratchState().commit({ accounts: [], storage: [], code: [] }))).toBe(
        toHex(stateRoot),
      );
      expect(give(chain.scratchState(), 11n)).toBe(roots[1]);
      expect(roots[0]).not.toBe(roots[1]);
      const again = chain.scratchState();
      expect(give(again, 5n)).toBe(roots[0]);
    });
  });

  it('begins after a block that was only built', async () => {
    await withChain(async (chain) => {
      const transaction = transfer(0, 1, STRANGER, 5n);
      const attributes = { ...chain.head().header, timestamp: chain.head().header.timestamp + 1 };
      const { timestamp, coinbase, gasLimit, mixHash } = attributes;
      const offered = [transaction];
      const { executed } = chain.build(
        { timestamp, coinbase, gasLimit, mixHash },
        { next: () => offered.shift(), skipSender: () => undefined },
      );
      const scratch = chain.scratchState(executed);
      expect(scratch.state.account(STRANGER)?.balance).toBe(5n);
      const root = give(scratch, 1n);
      expect(chain.state().account(STRANGER)).toBeUndefined();
      await chain.commit(executed);
      expect(give(chain.scratchState(), 1n)).toBe(root);
    });
  });
});
