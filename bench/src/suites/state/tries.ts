import { seededRandom } from '@lucerna/base';
import { Trie } from '../../../../packages/state/src/trie/trie.ts';
import { collectGarbage, timeCpu } from '../../clock.ts';
import type { Case, Prepared } from '../../harness.ts';
import { orClose, rootHash, sample, type TrieRow, trieRows, upTo } from './fixtures.ts';
import { type PeerReply, PeerTrie, peerTrieName } from './peer-trie.ts';

const TRIE_NOTE =
  'the time is spread over making, comparing and encoding nodes; garbage collection and Keccak are smaller parts (node --cpu-prof bench/src/main.ts state --case ID)';

/** Puts all rows, then computes the root once. */
export function commitRows(trie: Trie, rows: readonly TrieRow[]): void {
  for (const [key, value] of rows) trie.put(key, value);
  trie.commit();
}

function sizes(quick: boolean): { readonly accounts: number; readonly updates: number } {
  return quick ? { accounts: 1000, updates: 100 } : { accounts: 100_000, updates: 10_000 };
}

async function prepareInsert(quick: boolean): Promise<Prepared> {
  const indexes = upTo(sizes(quick).accounts);
  const rows = trieRows(indexes, 0);
  const peer = new PeerTrie();
  return {
    ours: async () => {
      const trie = new Trie();
      const value = await timeCpu(() => commitRows(trie, rows));
      return { value, hash: rootHash(trie.commit().root) };
    },
    peer: {
      kind: 'measured',
      name: peerTrieName,
      measure: () => peer.put({ indexes, version: 0, clock: 'cpu', fresh: true }),
    },
    close: () => peer.close(),
  };
}

/** New values for some accounts, others in every round; equal for all who ask for that round. */
export function updatesOf(round: number, updates: number, accounts: number): readonly number[] {
  return sample(seededRandom(1000 + round), updates, accounts);
}

async function prepareUpdate(quick: boolean): Promise<Prepared> {
  const { accounts, updates } = sizes(quick);
  const trie = new Trie();
  commitRows(trie, trieRows(upTo(accounts), 0));
  let round = 0;
  const peer = await preparePeerUpdates('cpu', updates, accounts);
  return {
    ours: async () => {
      round += 1;
      const rows = trieRows(updatesOf(round, updates, accounts), round);
      await collectGarbage();
      const value = await timeCpu(() => commitRows(trie, rows));
      return { value, hash: rootHash(trie.commit().root) };
    },
    ...peer,
  };
}

/** The peer's trie with all accounts, which takes the same updates round by round. */
export async function preparePeerUpdates(
  clock: 'cpu' | 'wall',
  updates: number,
  accounts: number,
): Promise<Pick<Prepared, 'peer' | 'close'>> {
  const trie = new PeerTrie();
  await orClose(trie, () => trie.put({ indexes: upTo(accounts), version: 0, clock, fresh: true }));
  let round = 0;
  const measure = (): Promise<PeerReply> => {
    round += 1;
    const indexes = updatesOf(round, updates, accounts);
    return trie.put({ indexes, version: round, clock, fresh: false });
  };
  return { peer: { kind: 'measured', name: peerTrieName, measure }, close: () => trie.close() };
}

/** Our trie against the other implementation, both in memory, with the same rows. */
export const trieCases: readonly Case[] = [
  {
    id: 'trie-insert-100k',
    unit: 'ms',
    better: 'lower',
    target: 20,
    rounds: 1,
    cpuTime: true,
    note: TRIE_NOTE,
    prepare: prepareInsert,
  },
  {
    id: 'trie-update-10k-root',
    unit: 'ms',
    better: 'lower',
    target: 20,
    rounds: 5,
    cpuTime: true,
    note: TRIE_NOTE,
    prepare: prepareUpdate,
  },
];
