import { join } from 'node:path';
import { concatBytes, fixedBytes, seededRandom } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import type { Database } from '@lucerna/platform-node/directory';
import { openFile } from '@lucerna/platform-node/files';
import { StateCommitter } from '@lucerna/state';
import { KEYSPACES, WriteBatch } from '@lucerna/storage';
import { collectGarbage, timeWall } from '../../clock.ts';
import type { Case, Prepared } from '../../harness.ts';
import {
  diffOf,
  openBenchState,
  openBenchStore,
  orClose,
  rootHash,
  sample,
  upTo,
} from './fixtures.ts';
import { preparePeerUpdates, updatesOf } from './tries.ts';

/**
 * A block of account changes from the diff to the disk: what a chain commits its blocks with, which
 * reads the old accounts and the nodes that it does not remember from the database, and the commit of
 * flat rows and nodes at level power. No history.
 */
async function prepareUpdate(quick: boolean): Promise<Prepared> {
  const accounts = quick ? 1000 : 100_000;
  const updates = quick ? 100 : 10_000;
  const opened = await openBenchState(accounts);
  const { store, stateRoot, close } = opened;
  const peer = await orClose(opened, () => preparePeerUpdates('wall', updates, accounts));
  const committer = new StateCommitter();
  const versions = new Map<number, number>();
  let root = stateRoot;
  let round = 0;
  return {
    ours: async () => {
      round += 1;
      const indexes = updatesOf(round, updates, accounts);
      const changes = indexes.map((index) => ({ index, from: versions.get(index) ?? 0 }));
      const diff = diffOf(changes, round);
      await collectGarbage();
      const value = await timeWall(async () => {
        const options = { parentRoot: root, height: round, history: false };
        const committed = committer.commit(store, diff, options);
        await store.commit(committed.batch, 'power');
        root = committed.stateRoot;
      });
      for (const index of indexes) versions.set(index, round);
      return { value, hash: rootHash(root) };
    },
    peer: peer.peer,
    close: async () => {
      await peer.close();
      await close();
    },
  };
}

const ROW_BYTES = 100;

/** The row `index` of some version: keys are hashes, values do not compress. */
function rowOf(index: number, version: number): readonly [key: Uint8Array, value: Uint8Array] {
  const key = keccak256(fixedBytes(BigInt(index), 8));
  const parts = upTo(4).map((part) =>
    keccak256(fixedBytes((BigInt(index) << 64n) | BigInt(4 * version + part), 16)),
  );
  return [key, concatBytes(...parts).slice(0, ROW_BYTES)];
}

/** New values for 2,000 random ones of 100,000 rows; the bound is an append of the same bytes. */
async function prepareCommit(database: Database, quick: boolean): Promise<Prepared> {
  const held = quick ? 1000 : 100_000;
  const count = quick ? 100 : 2000;
  const opened = await openBenchStore(database);
  const { store, folder } = opened;
  const log = await orClose(opened, () => openFile(join(folder, 'raw')));
  const close = async (): Promise<void> => {
    await log.close();
    await opened.close();
  };
  const random = seededRandom(7);
  const batchOf = (indexes: readonly number[], version: number): WriteBatch => {
    const batch = new WriteBatch();
    for (const index of indexes) batch.put(KEYSPACES.storage, ...rowOf(index, version));
    return batch;
  };
  await orClose({ close }, () => store.commit(batchOf(upTo(held), 0), 'power'));
  let version = 0;
  const nextBatch = (): WriteBatch => {
    version += 1;
    return batchOf(sample(random, count, held), version);
  };
  return {
    ours: async () => {
      const batch = nextBatch();
      await collectGarbage();
      return { value: await timeWall(() => store.commit(batch, 'power')) };
    },
    peer: {
      kind: 'measured',
      name: 'append + fdatasync',
      measure: async () => {
        const writes = nextBatch().writes();
        const bytes = concatBytes(
          ...writes.flatMap(({ key, value }) => (value === undefined ? [key] : [key, value])),
        );
        await collectGarbage();
        const value = await timeWall(async () => {
          await log.append(bytes);
          await log.sync();
        });
        return { value };
      },
    },
    close,
  };
}

function commitCase(database: Database): Case {
  return {
    id: `commit-2000-${database}`,
    unit: 'ms',
    better: 'lower',
    target: undefined,
    rounds: 15,
    level: 'power',
    prepare: (quick) => prepareCommit(database, quick),
  };
}

/** What the disk has when the time is taken outlives a loss of power. */
export const durableCases: readonly Case[] = [
  {
    id: 'trie-update-10k-root-lmdb',
    unit: 'ms',
    better: 'lower',
    target: 8,
    rounds: 5,
    level: 'power',
    note:
      'most of it is StateCommitter.commit: it remembers the upper four levels of the trie, reads and ' +
      'decodes each account and the one or two nodes above it, and encodes all of them anew, about three ' +
      'rows an account; the rest is LMDB, whose one thread writes and syncs their pages while this one waits',
    prepare: prepareUpdate,
  },
  commitCase('lmdb'),
  commitCase('rocksdb'),
];
