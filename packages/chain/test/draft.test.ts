import { setImmediate as turn } from 'node:timers/promises';
import { createMemoryFile, createMemoryStore, KEYSPACES, type KvStore } from '@lucerna/storage';
import { describe, expect, it } from 'vitest';
import type { Chain } from '../src/chain.ts';
import {
  ADDRESSES,
  attributesOn,
  grow,
  memoryDisk,
  openMemoryChain,
  openOn,
  sourceOf,
  testGenesis,
  transfer,
} from './support/ledger.ts';

/** Enough for everything in memory that waits for itself to end. */
const TURNS = 50;

const FILLING = Array.from({ length: 200 }, (_, index) => ({
  address: new Uint8Array(20).fill(index + 1),
  balance: 1n,
  nonce: 0n,
}));

/**
 * How many nodes of the account trie the second block reads from the store, after a first one with the
 * same accounts, all of whose rows have left the memory.
 */
async function readsOfSecondBlock(between: (chain: Chain) => void): Promise<number> {
  const memory = createMemoryStore();
  let reads = 0;
  const store: KvStore = {
    ...memory,
    get: (keyspace, key) => {
      if (keyspace === KEYSPACES.accountTrie) reads += 1;
      return memory.get(keyspace, key);
    },
  };
  const { alloc, ...genesis } = testGenesis();
  const chain = await openOn(memoryDisk(createMemoryFile(), store), {
    genesis: { ...genesis, alloc: [...alloc, ...FILLING] },
    writeBehind: { flushBlocks: 1 },
  });
  await grow(chain, [transfer(0, 0, ADDRESSES[1]!, 5n)]);
  // The flush of the genesis, then that of the block: all that they wait for is in memory.
  for (let count = 0; count < TURNS; count += 1) await turn();
  between(chain);
  reads = 0;
  chain.build(attributesOn(chain), sourceOf([transfer(0, 1, ADDRESSES[1]!, 6n)]));
  const counted = reads;
  await chain.close();
  return counted;
}

describe('a draft', () => {
  it('is the block that would be built, and changes nothing', async () => {
    const chain = await openMemoryChain();
    const transactions = [transfer(0, 0, ADDRESSES[1]!, 5n)];
    const draft = chain.draft(attributesOn(chain), sourceOf(transactions));
    expect(chain.head().header.height).toBe(0);
    const { executed } = chain.build(attributesOn(chain), sourceOf(transactions));
    expect(draft.block).toEqual(executed.block);
    await chain.commit(draft);
    expect(chain.head().hash).toEqual(draft.block.hash);
    await chain.close();
  });

  it('leaves the next block the tries that it needs, which another build would not', async () => {
    const transactions = [transfer(0, 1, ADDRESSES[2]!, 1n)];
    const alone = await readsOfSecondBlock(() => undefined);
    const drafted = await readsOfSecondBlock((chain) => {
      chain.draft(attributesOn(chain), sourceOf(transactions));
    });
    const built = await readsOfSecondBlock((chain) => {
      chain.build(attributesOn(chain), sourceOf(transactions));
    });
    expect(drafted).toBe(alone);
    expect(built).toBeGreaterThan(alone);
  });
});
