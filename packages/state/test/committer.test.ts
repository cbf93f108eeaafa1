import { isLucernaError } from '@lucerna/base';
import { KEYSPACES, type KvReader } from '@lucerna/storage';
import { beforeEach, describe, expect, it } from 'vitest';
import { type CommitOptions, type CommittedDiff, commitDiff } from '../src/commit.ts';
import { StateCommitter } from '../src/committer.ts';
import type { StateDiff } from '../src/diff.ts';
import { latestState } from '../src/flat.ts';
import { StateJournal } from '../src/journal.ts';
import { addressOf, wordOf } from './support/arbitrary.ts';
import { dumpBatch, StateStore } from './support/store.ts';

const ACCOUNTS = 64;
const CONTRACT = addressOf(1);

/** What there is to a result, to be compared. */
function textOf({ stateRoot, diff, batch }: CommittedDiff): unknown {
  return { stateRoot, diff, batch: dumpBatch(batch) };
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isLucernaError(error)) return error.code;
    throw error;
  }
  return 'none';
}

describe('a committer', () => {
  let state: StateStore;
  let committer: StateCommitter;
  /** Nodes that were read since {@link takeReads}, by keyspace. */
  let reads: Map<string, number>;
  let reader: KvReader;

  beforeEach(async () => {
    state = new StateStore();
    committer = new StateCommitter();
    reads = new Map();
    reader = {
      get: (keyspace, key) => {
        reads.set(keyspace.name, (reads.get(keyspace.name) ?? 0) + 1);
        return state.store.get(keyspace, key);
      },
      range: (keyspace, range) => state.store.range(keyspace, range),
    };
    const journal = new StateJournal(latestState(state.store));
    for (let who = 0; who < ACCOUNTS; who += 1) journal.setBalance(addressOf(who), 1n);
    for (let slot = 0; slot < 40; slot += 1) journal.setStorage(CONTRACT, wordOf(slot), wordOf(1));
    journal.endTransaction();
    await state.add(journal.diff());
  });

  function options(): CommitOptions {
    return { parentRoot: state.root, height: state.height + 1, history: false };
  }

  /** Every account has this balance, and every slot of the contract this value. */
  function diffTo(value: number): StateDiff {
    const journal = new StateJournal(latestState(state.store));
    for (let who = 0; who < ACCOUNTS; who += 1) journal.setBalance(addressOf(who), BigInt(value));
    for (let slot = 0; slot < 40; slot += 1) {
      journal.setStorage(CONTRACT, wordOf(slot), wordOf(value));
    }
    journal.endTransaction();
    return journal.diff();
  }

  /** Commits `diff`, which must give what `commitDiff` gives. */
  function commit(diff: StateDiff): CommittedDiff {
    const committed = committer.commit(reader, diff, options());
    expect(textOf(committed)).toEqual(textOf(commitDiff(state.store, diff, options())));
    return committed;
  }

  /** How many nodes of both tries were read since the last time. */
  function takeReads(): readonly [accountTrie: number, storageTrie: number] {
    const { accountTrie, storageTrie } = KEYSPACES;
    const taken = [reads.get(accountTrie.name) ?? 0, reads.get(storageTrie.name) ?? 0] as const;
    reads.clear();
    return taken;
  }

  /** Publishes what `commit` gives for `diff`; afterwards both tries are remembered. */
  async function publish(diff: StateDiff): Promise<void> {
    await state.publish(commit(diff));
  }

  /** Commits once more: `remembers` says whether only the roots are read. */
  function expectMemory(remembers: boolean, diff: StateDiff = diffTo(99)): void {
    takeReads();
    commit(diff);
    const [accountTrie, storageTrie] = takeReads();
    if (remembers) expect([accountTrie, storageTrie]).toEqual([1, 1]);
    else expect(Math.min(accountTrie - ACCOUNTS, storageTrie - 40)).toBeGreaterThan(0);
  }

  it('reads nothing but the roots of what it has published', async () => {
    await publish(diffTo(2));
    expectMemory(true, diffTo(3));
  });

  it('begins afresh on the old state when a commit is thrown away, with another diff or the same', async () => {
    for (const other of [3, 2]) {
      committer = new StateCommitter();
      commit(diffTo(2));
      expectMemory(false, diffTo(other));
    }
    await publish(diffTo(2));
    expectMemory(true);
  });

  it('goes on where the state has come to the root of a commit that was thrown away', async () => {
    commit(diffTo(2));
    await state.add(diffTo(2), false);
    expectMemory(true);
  });

  it('goes on when the state has gone on and come back', async () => {
    await publish(diffTo(2));
    await state.add(diffTo(3), false);
    await state.add(diffTo(2), false);
    expectMemory(true);
  });

  it('forgets what it was left with when the state is another', async () => {
    await publish(diffTo(2));
    await state.add(diffTo(3), false);
    expectMemory(false);
  });

  it('begins afresh over another reader, though its state is the same', async () => {
    await publish(diffTo(2));
    const { get, range } = reader;
    reader = { get, range };
    expectMemory(false);
  });

  it('forgets everything after an error', async () => {
    await publish(diffTo(2));
    const diff = diffTo(3);
    await state.add(diffTo(4), false);
    expect(codeOf(() => committer.commit(reader, diff, options()))).toBe('STATE_DIFF_MISMATCH');
    await state.add(diffTo(2), false);
    expectMemory(false);
  });

  it('refuses the root of a commit that was not published, like commitDiff', () => {
    const untouched: StateDiff = {
      accounts: [
        { address: addressOf(99), before: undefined, after: undefined, storageCleared: false },
      ],
      storage: [],
      code: [],
    };
    const { stateRoot } = commit(diffTo(2));
    const wrong = { ...options(), parentRoot: stateRoot };
    expect(codeOf(() => commitDiff(reader, untouched, wrong))).toBe('STATE_CORRUPT');
    expect(codeOf(() => committer.commit(reader, untouched, wrong))).toBe('STATE_CORRUPT');
  });

  it('remembers no more than its limits allow', async () => {
    committer = new StateCommitter({ accountNodes: 20, storageTries: 1, storageNodes: 12 });
    await publish(diffTo(2));
    takeReads();
    await publish(diffTo(3));
    const limited = takeReads();
    committer = new StateCommitter();
    await publish(diffTo(4));
    const cold = takeReads();
    // Three quarters are kept, the root is read nevertheless.
    expect([cold[0] - limited[0], cold[1] - limited[1]]).toEqual([15 - 1, 9 - 1]);
  });

  it('remembers the storage tries that were used last', async () => {
    committer = new StateCommitter({ accountNodes: 100, storageTries: 2, storageNodes: 100 });
    const setSlot = (who: number, value: number): StateDiff => {
      const journal = new StateJournal(latestState(state.store));
      journal.setStorage(addressOf(who), wordOf(5), wordOf(value));
      journal.setStorage(addressOf(who), wordOf(6), wordOf(value));
      journal.endTransaction();
      return journal.diff();
    };
    for (const who of [2, 3, 2, 4]) await publish(setSlot(who, 1 + state.height));
    const readsOf = async (who: number): Promise<number> => {
      takeReads();
      await publish(setSlot(who, 1 + state.height));
      return takeReads()[1];
    };
    expect(await readsOf(2)).toBe(1);
    expect(await readsOf(4)).toBe(1);
    expect(await readsOf(3)).toBe(3);
  });
});
