import { toHexKey } from '@lucerna/base';
import { EMPTY_TRIE_ROOT } from '@lucerna/protocol';
import {
  createMemoryStore,
  KEYSPACES,
  type KvStore,
  type KvWrite,
  WriteBatch,
} from '@lucerna/storage';
import { type CommittedDiff, commitDiff } from '../../src/commit.ts';
import type { StateDiff } from '../../src/diff.ts';

/** The turns of work that lets nobody else go first. */
export const noTurn = async (): Promise<void> => undefined;

/** A chain's state in memory: diffs go in one after the other. */
export class StateStore {
  readonly store: KvStore = createMemoryStore();
  root: Uint8Array = EMPTY_TRIE_ROOT;
  height: number = -1;

  /** Commits the next block's diff. */
  async add(diff: StateDiff, history: boolean = true): Promise<CommittedDiff> {
    const committed = this.prepare(diff, history);
    await this.publish(committed);
    return committed;
  }

  /** Makes what was committed the state. */
  async publish({ stateRoot, batch }: CommittedDiff): Promise<void> {
    await this.store.commit(batch, 'process');
    this.root = stateRoot;
    this.height += 1;
  }

  /** What {@link add} would commit. */
  prepare(diff: StateDiff, history: boolean = true): CommittedDiff {
    const options = { parentRoot: this.root, height: this.height + 1, history };
    return commitDiff(this.store, diff, options);
  }

  /** Writes one row past the state's back. */
  async tamper(write: KvWrite): Promise<void> {
    const batch = new WriteBatch();
    if (write.value === undefined) batch.delete(write.keyspace, write.key);
    else batch.put(write.keyspace, write.key, write.value);
    await this.store.commit(batch, 'process');
  }
}

/** All rows of the store as text, by keyspace and key. */
export function dumpRows(store: KvStore): Map<string, string> {
  const rows = new Map<string, string>();
  for (const keyspace of Object.values(KEYSPACES)) {
    for (const [key, value] of store.range(keyspace)) {
      rows.set(`${keyspace.name} ${toHexKey(key)}`, toHexKey(value));
    }
  }
  return rows;
}

/** The writes of a batch as text, in order. */
export function dumpBatch(batch: WriteBatch): string[] {
  return batch.writes().map(({ keyspace, key, value }) => {
    const text = value === undefined ? 'delete' : toHexKey(value);
    return `${keyspace.name} ${toHexKey(key)} ${text}`;
  });
}
